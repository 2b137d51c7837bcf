'use client';
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

export function CreatePoolButton() {
  const may = useMay();
  const [isOpen, setOpen] = useState(false);
  if (!may('pools:write')) return null;
  return (
    <>
      <Button variant="primary" onClick={() => setOpen(true)}>
        <Plus aria-hidden className="size-3.5" />
        New work pool
      </Button>
      <Dialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title="New work pool"
        description="A kind of place where runs are executed, with its own limit and queues."
      >
        <CreatePoolForm onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function CreatePoolForm({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const create = useMutation({
    mutationFn: (form: FormData) => {
      const limit = String(form.get('limit') ?? '').trim();
      return api.workPools.create.mutate({
        name: String(form.get('name')).trim(),
        description: String(form.get('description')),
        concurrencyLimit: limit === '' ? null : Number(limit),
      });
    },
    onSuccess: (pool) => {
      void queryClient.invalidateQueries({ queryKey: ['work-pools'] });
      onClose();
      router.push(paths.workPool(pool.name));
    },
    onError: () => {},
  });
  const problem = create.error ? readError(create.error) : null;
  const at = (field: string) => (problem ? (issuesUnder(field, problem.issues)[0]?.expected ?? null) : null);
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    create.mutate(new FormData(event.currentTarget));
  };
  return (
    <form onSubmit={onSubmit} className="flex min-h-0 flex-col">
      <DialogBody className="space-y-4">
        {problem && <Notice tone="danger" role="alert" title={problem.message} />}
        <Field
          label="Name"
          hint="Lower-case letters, digits and hyphens; deployments name it."
          error={at('name') && `Expected ${at('name')}.`}
          isRequired
        >
          {(control) => (
            <Input
              {...control}
              name="name"
              required
              maxLength={63}
              pattern="[a-z0-9]+(-[a-z0-9]+)*"
              title="Lower-case letters, digits and single hyphens"
              autoComplete="off"
            />
          )}
        </Field>
        <Field
          label="Runs at once"
          hint="Across all its agents. Empty: as many as they have slots."
          error={at('concurrencyLimit') && `Expected ${at('concurrencyLimit')}.`}
        >
          {(control) => <Input {...control} name="limit" type="number" min={1} max={100_000} inputMode="numeric" />}
        </Field>
        <Field label="Description">{(control) => <Input {...control} name="description" autoComplete="off" />}</Field>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" variant="primary" isBusy={create.isPending}>
          Create
        </Button>
      </DialogFooter>
    </form>
  );
}
