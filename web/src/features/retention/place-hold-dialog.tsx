'use client';
import { isId } from '@signalbox/proto';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Lock } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';

type HoldInput = Parameters<typeof api.retention.hold.mutate>[0];

/** What a text names: a run by its id, a deployment by its name or id, or all. @throws NOT_FOUND for a name that nothing has. */
async function namedBy(of: string): Promise<Omit<HoldInput, 'reason'>> {
  if (of === '') return {};
  if (isId('run', of)) return { run: of };
  return { deployment: (await api.deployments.get.query({ deployment: of })).id };
}

export function PlaceHoldButton() {
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const place = useMutation({
    mutationFn: async ({ reason, of }: { reason: string; of: string }) => api.retention.hold.mutate({ reason, ...(await namedBy(of)) }),
    onSuccess: () => {
      setOpen(false);
      toast.success('Held');
      return queryClient.invalidateQueries({ queryKey: ['retention'] });
    },
    onError: () => {},
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    place.mutate({ reason: String(form.get('reason')), of: String(form.get('of')).trim() });
  };
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        <Lock aria-hidden className="size-3.5" />
        Place a hold
      </Button>
      <Dialog isOpen={isOpen} onOpenChange={setOpen} title="Place a legal hold" description="From now on, nothing that it names goes.">
        <form onSubmit={onSubmit} className="flex min-h-0 flex-col">
          <DialogBody className="space-y-4">
            {place.error && <Notice tone="danger" role="alert" title={readError(place.error).message} />}
            <Field label="Reason" hint="Why, for those who will ask." isRequired>
              {(control) => <Input {...control} name="reason" required maxLength={500} autoComplete="off" />}
            </Field>
            <Field label="Run or deployment" hint="Such as weather/daily, or the id of a run. Empty: everything of this workspace.">
              {(control) => <Input {...control} name="of" autoComplete="off" spellCheck={false} />}
            </Field>
          </DialogBody>
          <DialogFooter>
            <Button onClick={() => setOpen(false)}>Close</Button>
            <Button type="submit" variant="primary" isBusy={place.isPending}>
              Hold it
            </Button>
          </DialogFooter>
        </form>
      </Dialog>
    </>
  );
}
