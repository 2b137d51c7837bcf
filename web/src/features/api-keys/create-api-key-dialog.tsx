'use client';
import { WORKSPACE_ROLES, type WorkspaceRole } from '@signalbox/proto/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input, Select } from '../../components/ui/field.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { api } from '../../lib/trpc/client.ts';
import { readError } from '../../lib/trpc/errors.ts';

/** What one may hand out; of who has something made of scopes the server says what fits. */
const ROLES_BELOW: Readonly<Record<string, readonly WorkspaceRole[]>> = {
  viewer: ['viewer'],
  runner: ['viewer', 'runner'],
  developer: ['viewer', 'runner', 'developer'],
  operator: ['viewer', 'runner', 'operator'],
  owner: WORKSPACE_ROLES,
};
const LIFETIMES = [7, 30, 90, 365];

export function CreateApiKeyButton({ ownRole }: { ownRole: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        <Plus aria-hidden className="size-3.5" />
        New key
      </Button>
      <Dialog isOpen={isOpen} onOpenChange={setOpen} title="New API key" description="For programs: pipelines, scripts, the command line.">
        <CreateApiKey ownRole={ownRole} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function CreateApiKey({ ownRole, onClose }: { ownRole: string; onClose: () => void }) {
  const queryClient = useQueryClient();
  const create = useMutation({
    mutationFn: (form: FormData) =>
      api.apiKeys.create.mutate({
        name: String(form.get('name')).trim(),
        role: WORKSPACE_ROLES.find((role) => role === form.get('role')) ?? 'viewer',
        expiresInDays: Number(form.get('days')),
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['api-keys'] }),
    onError: () => {},
  });
  const roles = ROLES_BELOW[ownRole] ?? ['viewer'];
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    create.mutate(new FormData(event.currentTarget));
  };
  if (create.data) {
    return (
      <>
        <DialogBody className="space-y-3">
          <Notice tone="warn" title="Copy it now">
            This is the only time the key is shown. We keep a hash of it, so nobody can show it again.
          </Notice>
          <CodeBlock label="The new API key" text={create.data.secret} />
          <p className="text-sm text-ink-2">
            Use it as <code className="text-xs">SIGNALBOX_API_KEY</code>, or as a bearer token.
          </p>
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" onClick={onClose}>
            I have copied it
          </Button>
        </DialogFooter>
      </>
    );
  }
  return (
    <form onSubmit={onSubmit} className="flex min-h-0 flex-col">
      <DialogBody className="space-y-4">
        {create.error && <Notice tone="danger" role="alert" title={readError(create.error).message} />}
        <Field label="Name" hint="What will use it, so that you know later whether it may go." isRequired>
          {(control) => <Input {...control} name="name" required maxLength={200} autoComplete="off" />}
        </Field>
        <Field label="Role" hint="It can do what this role may, in this workspace alone.">
          {(control) => (
            <Select {...control} name="role" defaultValue={roles.includes('developer') ? 'developer' : roles.at(-1)}>
              {roles.map((role) => (
                <option key={role}>{role}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Expires after">
          {(control) => (
            <Select {...control} name="days" defaultValue="90">
              {LIFETIMES.map((days) => (
                <option key={days} value={days}>
                  {days} days
                </option>
              ))}
            </Select>
          )}
        </Field>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" variant="primary" isBusy={create.isPending}>
          Create the key
        </Button>
      </DialogFooter>
    </form>
  );
}
