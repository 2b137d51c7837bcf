'use client';
import type { Severity } from '@signalbox/proto/api';
import { Siren } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Button } from '../../components/ui/button.tsx';
import { Field, Input, Select, Textarea } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { SEVERITY_LEVELS } from '../../components/ui/severity.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { useWrite } from '../../lib/use-write.ts';

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
  const declare = useWrite(
    (form: FormData) =>
      api.incidents.declare.mutate({
        title: String(form.get('title')).trim(),
        severity: String(form.get('severity')) as Severity,
        summary: String(form.get('summary')),
      }),
    { stale: [['incidents']], isErrorToasted: false },
  );
  return (
    <DialogForm
      submitLabel="Declare"
      isBusy={declare.isPending}
      error={declare.error}
      onClose={onClose}
      onSubmit={(form) => declare.mutate(form, { onSuccess: ({ id }) => router.push(paths.incident(id)) })}
    >
      <Field label="What is wrong" isRequired>
        {(control) => <Input {...control} name="title" required maxLength={300} autoComplete="off" />}
      </Field>
      <Field label="Severity">
        {(control) => (
          <Select {...control} name="severity" defaultValue="moderate">
            {SEVERITY_LEVELS.map((level) => (
              <option key={level}>{level}</option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="What is known">{(control) => <Textarea {...control} name="summary" maxLength={10_000} />}</Field>
    </DialogForm>
  );
}
