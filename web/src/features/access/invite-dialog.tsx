'use client';
import { ORGANIZATION_ROLES, WORKSPACE_ROLES } from '@signalbox/proto/api';
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

export function InviteButton({ workspace }: { workspace: string | undefined }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        <Plus aria-hidden className="size-3.5" />
        Invite
      </Button>
      <Dialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title="Invite somebody"
        description="By mail where a mail server is configured, and by a link that works once."
      >
        <Invite workspace={workspace} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Invite({ workspace, onClose }: { workspace: string | undefined; onClose: () => void }) {
  const queryClient = useQueryClient();
  const invite = useMutation({
    mutationFn: (form: FormData) =>
      api.invitations.create.mutate({
        email: String(form.get('email')).trim(),
        organizationRole: ORGANIZATION_ROLES.find((role) => role === form.get('organizationRole')),
        workspace,
        workspaceRole: WORKSPACE_ROLES.find((role) => role === form.get('role')),
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['access', 'invitations'] }),
    onError: () => {},
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    invite.mutate(new FormData(event.currentTarget));
  };
  if (invite.data) {
    return (
      <>
        <DialogBody className="space-y-3">
          <Notice tone="info" title="Hand this link over">
            It is shown once, works once, and is for {invite.data.invitation.email} alone.
          </Notice>
          <CodeBlock label="The link of the invitation" text={invite.data.link} />
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </DialogFooter>
      </>
    );
  }
  return (
    <form onSubmit={onSubmit} className="flex min-h-0 flex-col">
      <DialogBody className="space-y-4">
        {invite.error && <Notice tone="danger" role="alert" title={readError(invite.error).message} />}
        <Field label="Email" isRequired>
          {(control) => <Input {...control} name="email" type="email" required maxLength={320} autoComplete="off" />}
        </Field>
        <Field label="Role in this workspace">
          {(control) => (
            <Select {...control} name="role" defaultValue="viewer">
              {WORKSPACE_ROLES.map((role) => (
                <option key={role}>{role}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Role in the organization" hint="Admins and owners are owner of every workspace.">
          {(control) => (
            <Select {...control} name="organizationRole" defaultValue="member">
              {ORGANIZATION_ROLES.map((role) => (
                <option key={role}>{role}</option>
              ))}
            </Select>
          )}
        </Field>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" variant="primary" isBusy={invite.isPending}>
          Invite
        </Button>
      </DialogFooter>
    </form>
  );
}
