'use client';
import type { Limit } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { paths } from '../../lib/paths.ts';
import { api } from '../../lib/trpc/client.ts';
import { issuesUnder, readError } from '../../lib/trpc/errors.ts';
import { useMay } from '../shell/session.tsx';

export function CreateLimitButton() {
  const may = useMay();
  const [isOpen, setOpen] = useState(false);
  if (!may('limits:write')) return null;
  return (
    <>
      <Button variant="primary" onClick={() => setOpen(true)}>
        <Plus aria-hidden className="size-3.5" />
        New limit
      </Button>
      <LimitDialog isOpen={isOpen} onOpenChange={setOpen} limit={null} />
    </>
  );
}

/** Makes a limit, or changes the one given. */
export function LimitDialog({ limit, ...dialog }: { isOpen: boolean; onOpenChange: (isOpen: boolean) => void; limit: Limit | null }) {
  return (
    <Dialog
      {...dialog}
      title={limit ? `Change ${limit.name}` : 'New limit'}
      description={
        limit
          ? 'Who holds more than there is afterwards keeps it until it is given back.'
          : 'Slots that all runs of this workspace share, or a rate at which they may pass.'
      }
    >
      <LimitForm limit={limit} onClose={() => dialog.onOpenChange(false)} />
    </Dialog>
  );
}

function LimitForm({ limit, onClose }: { limit: Limit | null; onClose: () => void }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: (form: FormData) => {
      const decay = String(form.get('decay') ?? '').trim();
      const fields = {
        slots: Number(form.get('slots')),
        decayPerSecond: decay === '' ? null : Number(decay),
        description: String(form.get('description')),
      };
      return limit
        ? api.limits.update.mutate({ limit: limit.id, ...fields })
        : api.limits.create.mutate({ name: String(form.get('name')).trim(), ...fields });
    },
    onSuccess: (saved) => {
      void queryClient.invalidateQueries({ queryKey: ['limits'] });
      onClose();
      if (!limit) router.push(paths.limit(saved.name));
    },
    onError: () => {},
  });
  const problem = save.error ? readError(save.error) : null;
  const at = (field: string) => {
    const expected = problem ? issuesUnder(field, problem.issues)[0]?.expected : undefined;
    return expected ? `Expected ${expected}.` : null;
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(new FormData(event.currentTarget));
  };
  return (
    <form onSubmit={onSubmit} className="flex min-h-0 flex-col">
      <DialogBody className="space-y-4">
        {problem && <Notice tone="danger" role="alert" title={problem.message} />}
        {!limit && (
          <Field label="Name" hint="What code calls it. tag:warehouse limits tasks with the tag warehouse." error={at('name')} isRequired>
            {(control) => <Input {...control} name="name" required maxLength={120} autoComplete="off" />}
          </Field>
        )}
        <Field label="Slots" hint="How many may hold one at once; 0 closes it." error={at('slots')} isRequired>
          {(control) => (
            <Input
              {...control}
              name="slots"
              type="number"
              required
              min={0}
              max={10_000}
              defaultValue={limit?.slots ?? 1}
              inputMode="numeric"
            />
          )}
        </Field>
        <Field
          label="Slots that come back each second"
          hint="Makes it a rate: what is taken comes back by itself. Empty: slots come back when they are given back."
          error={at('decayPerSecond')}
        >
          {(control) => (
            <Input
              {...control}
              name="decay"
              type="number"
              min={0.000_001}
              step="any"
              defaultValue={limit?.decayPerSecond ?? ''}
              inputMode="decimal"
            />
          )}
        </Field>
        <Field label="Description" error={at('description')}>
          {(control) => <Input {...control} name="description" defaultValue={limit?.description ?? ''} autoComplete="off" />}
        </Field>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" variant="primary" isBusy={save.isPending}>
          {limit ? 'Save' : 'Create'}
        </Button>
      </DialogFooter>
    </form>
  );
}
