'use client';
import { type Invitation, ORGANIZATION_ROLES, WORKSPACE_ROLES } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { DialogBody, DialogFooter } from '../../components/ui/dialog.tsx';
import { Field, Input, Select } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useSession } from '../shell/session.tsx';
import { workspaceQueries } from '../workspaces/queries.ts';
import { useAccessForm } from './use-access-write.ts';

export function InviteButton() {
  return (
    <FormDialog
      title="Invite somebody"
      description="By mail where a mail server is configured, and by a link that works once."
      trigger={(open) => (
        <Button variant="primary" onClick={open}>
          <Plus aria-hidden className="size-3.5" />
          Invite
        </Button>
      )}
    >
      {(close) => <Invite onClose={close} />}
    </FormDialog>
  );
}

const EXPIRIES = [1, 7, 14, 30];

function Invite({ onClose }: { onClose: () => void }) {
  const { me } = useSession();
  const own = me.organization?.role ?? 'member';
  const workspaces = useQuery(workspaceQueries(api).list());
  const choices = (workspaces.data ?? []).filter(({ organization, purgeAt }) => organization.id === me.organization?.id && !purgeAt);
  const [isOpenToAll, setOpenToAll] = useState(false);
  const [workspace, setWorkspace] = useState<string>(me.workspace?.id ?? '');
  const invite = useAccessForm((form: FormData) =>
    api.invitations.create.mutate({
      email: isOpenToAll ? undefined : String(form.get('email')).trim(),
      organizationRole: ORGANIZATION_ROLES.find((role) => role === form.get('organizationRole')),
      workspace: choices.find(({ id }) => id === workspace)?.id,
      workspaceRole: WORKSPACE_ROLES.find((role) => role === form.get('role')),
      expiresInDays: Number(form.get('days')),
    }),
  );
  if (invite.data) return <LinkShown made={invite.data} onClose={onClose} />;
  return (
    <DialogForm
      submitLabel="Invite"
      isBusy={invite.isPending}
      error={invite.error}
      onClose={onClose}
      onSubmit={(form) => invite.mutate(form)}
    >
      <Field label="Who" hint={isOpenToAll ? 'The first who follows the link and has an account here already.' : undefined}>
        {(control) => (
          <Select
            {...control}
            value={isOpenToAll ? 'anybody' : 'email'}
            onChange={(event) => setOpenToAll(event.target.value === 'anybody')}
          >
            <option value="email">One person, by email</option>
            <option value="anybody">Whoever has the link</option>
          </Select>
        )}
      </Field>
      {!isOpenToAll && (
        <Field label="Email" isRequired>
          {(control) => <Input {...control} name="email" type="email" required maxLength={320} autoComplete="off" />}
        </Field>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Into the workspace">
          {(control) => (
            <Select {...control} value={workspace} onChange={(event) => setWorkspace(event.target.value)}>
              <option value="">None: the organization alone</option>
              {choices.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Role there">
          {(control) => (
            <Select {...control} name="role" defaultValue="viewer" disabled={!workspace}>
              {WORKSPACE_ROLES.map((role) => (
                <option key={role}>{role}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Role in the organization" hint="Admins and owners are owner of every workspace.">
          {(control) => (
            <Select {...control} name="organizationRole" defaultValue="member">
              {ORGANIZATION_ROLES.filter((role) => ORGANIZATION_ROLES.indexOf(role) <= ORGANIZATION_ROLES.indexOf(own)).map((role) => (
                <option key={role}>{role}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Good for">
          {(control) => (
            <Select {...control} name="days" defaultValue="7">
              {EXPIRIES.map((days) => (
                <option key={days} value={days}>
                  {days === 1 ? '1 day' : `${days} days`}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
    </DialogForm>
  );
}

/** The link of an invitation: shown once. */
export function LinkShown({
  made: { invitation, link },
  isAgain = false,
  onClose,
}: {
  made: { readonly invitation: Invitation; readonly link: string };
  isAgain?: boolean;
  onClose: () => void;
}) {
  const who = invitation.email ? `is for ${invitation.email} alone` : 'lets in whoever has an account here and is first';
  return (
    <>
      <DialogBody className="space-y-3">
        <Notice tone="warn" title="Hand this link over">
          It is shown once, works once, and {who}. {invitation.email && 'Where a mail server is configured, it is on its way by mail too.'}
          {isAgain && ' The earlier link leads nowhere now.'}
        </Notice>
        <CodeBlock label="The link of the invitation" text={link} />
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </DialogFooter>
    </>
  );
}
