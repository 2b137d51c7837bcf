'use client';
import { useMutation } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';
import { openWorkspace } from './open-workspace.ts';

export function CreateWorkspaceButton() {
  const [isOpen, setOpen] = useState(false);
  const create = useMutation({
    mutationFn: (form: FormData) =>
      api.workspaces.create.mutate({ name: String(form.get('name')).trim(), slug: String(form.get('slug')).trim() }),
    onSuccess: (workspace) => {
      openWorkspace(workspace.id);
    },
    onError: () => {},
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    create.mutate(new FormData(event.currentTarget));
  };
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        <Plus aria-hidden className="size-3.5" />
        New workspace
      </Button>
      <Dialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title="New workspace"
        description="A tenant of its own: its runs, agents and keys are seen by nobody outside it."
      >
        <form onSubmit={onSubmit} className="flex min-h-0 flex-col">
          <DialogBody className="space-y-4">
            {create.error && <Notice tone="danger" role="alert" title={readError(create.error).message} />}
            <Field label="Name" isRequired>
              {(control) => <Input {...control} name="name" required maxLength={200} autoComplete="off" />}
            </Field>
            <Field label="Slug" hint="Lower-case letters, digits and hyphens; used by the command line." isRequired>
              {(control) => (
                <Input
                  {...control}
                  name="slug"
                  required
                  maxLength={63}
                  pattern="[a-z0-9]+(-[a-z0-9]+)*"
                  title="Lower-case letters, digits and single hyphens"
                  autoComplete="off"
                />
              )}
            </Field>
          </DialogBody>
          <DialogFooter>
            <Button onClick={() => setOpen(false)}>Close</Button>
            <Button type="submit" variant="primary" isBusy={create.isPending}>
              Create and go there
            </Button>
          </DialogFooter>
        </form>
      </Dialog>
    </>
  );
}
