'use client';
import { Siren } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Button } from '../../components/ui/button.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';
import { IncidentFields, incidentIn } from './incident-fields.tsx';

export function DeclareIncidentButton() {
  return (
    <FormDialog
      title="Declare an incident"
      description="Everybody of the workspace sees it, and automations hear of it."
      trigger={(open) => (
        <Button variant="primary" onClick={open}>
          <Siren aria-hidden className="size-3.5" />
          Declare
        </Button>
      )}
    >
      {(close) => <DeclareForm onClose={close} />}
    </FormDialog>
  );
}

function DeclareForm({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const declare = useWrite((form: FormData) => api.incidents.declare.mutate(incidentIn(form)), {
    stale: [['incidents']],
    isErrorToasted: false,
  });
  return (
    <DialogForm
      submitLabel="Declare"
      isBusy={declare.isPending}
      error={declare.error}
      onClose={onClose}
      onSubmit={(form) => declare.mutate(form, { onSuccess: ({ id }) => router.push(paths.incident(id)) })}
    >
      <IncidentFields />
    </DialogForm>
  );
}
