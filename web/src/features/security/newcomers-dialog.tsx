'use client';
import { type SsoConnection, WORKSPACE_ROLES } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Field, Select } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useSession } from '../shell/session.tsx';
import { workspaceQueries } from '../workspaces/queries.ts';
import { useSecure } from './use-secure.ts';

const ROLES = WORKSPACE_ROLES.filter((role) => role !== 'owner');

/** What somebody has who signs in by this connection for the first time. */
export function NewcomersButton({ connection }: { connection: SsoConnection }) {
  return (
    <FormDialog
      title={`Newcomers by ${connection.name}`}
      description="What somebody gets at their first sign-in. Whoever is here already keeps what they have."
      trigger={(open) => (
        <Button size="sm" variant="quiet" aria-label={`Newcomers by ${connection.name}`} onClick={open}>
          Newcomers
        </Button>
      )}
    >
      {(close) => <Newcomers connection={connection} onClose={close} />}
    </FormDialog>
  );
}

function Newcomers({ connection, onClose }: { connection: SsoConnection; onClose: () => void }) {
  const { me } = useSession();
  const workspaces = useQuery(workspaceQueries(api).list());
  const choices = (workspaces.data ?? []).filter(({ organization, purgeAt }) => organization.id === me.organization?.id && !purgeAt);
  const [workspace, setWorkspace] = useState<string>(connection.first?.workspace ?? '');
  const save = useSecure((form: FormData) => {
    const into = choices.find(({ id }) => id === workspace);
    const role = ROLES.find((each) => each === form.get('role')) ?? 'viewer';
    return api.sso.update.mutate({ connection: connection.id, first: into ? { workspace: into.id, role } : null });
  }, 'Saved');
  return (
    <DialogForm
      submitLabel="Save"
      isBusy={save.isPending}
      error={save.error}
      onClose={onClose}
      onSubmit={(form) => save.mutate(form, { onSuccess: onClose })}
    >
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
          <Select {...control} name="role" defaultValue={connection.first?.role ?? 'viewer'} disabled={!workspace}>
            {ROLES.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </Select>
        )}
      </Field>
    </DialogForm>
  );
}
