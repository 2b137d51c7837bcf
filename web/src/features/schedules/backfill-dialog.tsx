'use client';
import type { Deployment } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { toast } from 'sonner';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input, Select } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';

const OWN = 'a cron of its own';

/** Makes the runs of a past range. */
export function BackfillDialog({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const queryClient = useQueryClient();
  const slugs = deployment.schedules.map(({ slug }) => slug);
  const [source, setSource] = useState(slugs[0] ?? OWN);
  const create = useMutation({
    mutationFn: (form: FormData) => {
      const text = (name: string) => String(form.get(name) ?? '').trim();
      return api.backfills.create.mutate({
        deployment: deployment.id,
        ...(source === OWN
          ? { spec: { kind: 'cron' as const, cron: text('cron'), timezone: text('timezone') || 'UTC' } }
          : { schedule: source }),
        from: new Date(`${text('from')}Z`).toISOString(),
        to: new Date(`${text('to')}Z`).toISOString(),
        order: text('order') === 'newest' ? 'newest' : 'oldest',
        maxInFlight: Number(text('maxInFlight')),
        rerun: form.get('rerun') === 'on',
        ...(text('instantParameter') === '' ? {} : { instantParameter: text('instantParameter') }),
      });
    },
    onSuccess: ({ total }) => {
      toast.success(`The backfill makes ${plural(total, 'run')}`);
      void queryClient.invalidateQueries({ queryKey: ['backfills'] });
      onClose();
    },
    onError: () => {},
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    create.mutate(new FormData(event.currentTarget));
  };
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Backfill"
      description="Makes the runs of a past range, a few at a time. It can be paused and cancelled."
    >
      <form onSubmit={onSubmit} className="flex min-h-0 flex-col">
        <DialogBody className="space-y-4">
          {create.error && <Notice tone="danger" role="alert" title={readError(create.error).message} />}
          <Field label="Instants of">
            {(control) => (
              <Select {...control} value={source} onChange={(event) => setSource(event.target.value)}>
                {[...slugs, OWN].map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </Select>
            )}
          </Field>
          {source === OWN && (
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label="Cron expression" isRequired>
                {(control) => <Input {...control} name="cron" required className="font-mono" placeholder="0 6 * * *" />}
              </Field>
              <Field label="Time zone">{(control) => <Input {...control} name="timezone" placeholder="UTC" />}</Field>
            </div>
          )}
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="From (UTC)" isRequired>
              {(control) => <Input {...control} name="from" type="datetime-local" required />}
            </Field>
            <Field label="To (UTC)" hint="Not included." isRequired>
              {(control) => <Input {...control} name="to" type="datetime-local" required />}
            </Field>
            <Field label="Order">
              {(control) => (
                <Select {...control} name="order">
                  <option value="oldest">oldest first</option>
                  <option value="newest">newest first</option>
                </Select>
              )}
            </Field>
            <Field label="In flight at most">
              {(control) => <Input {...control} name="maxInFlight" type="number" min={1} max={100} defaultValue={4} required />}
            </Field>
            <Field
              label="Instant as parameter"
              hint={source === OWN ? 'Name of the parameter by which each run learns its instant.' : 'Empty: as the schedule has it.'}
            >
              {(control) => <Input {...control} name="instantParameter" maxLength={100} autoComplete="off" />}
            </Field>
          </div>
          {source !== OWN && (
            <label className="flex items-center gap-2 text-sm">
              <input type="checkbox" name="rerun" />
              also instants that have a run already
            </label>
          )}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" variant="primary" isBusy={create.isPending}>
            Start the backfill
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
