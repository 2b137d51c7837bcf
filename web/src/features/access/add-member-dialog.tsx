'use client';
import { type Member, WORKSPACE_ROLES } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { Field, Select } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { api } from '../../lib/trpc/client.ts';
import { accessQueries } from './queries.ts';
import { useAccessForm } from './use-access-write.ts';

/** Somebody of the organization comes into the workspace. */
export function AddMemberButton({ members }: { members: readonly Member[] }) {
  return (
    <FormDialog
      title="Add somebody of the organization"
      description="Whoever is not in the organization yet is invited instead."
      trigger={(open) => (
        <Button size="sm" onClick={open}>
          <UserPlus aria-hidden className="size-3.5" />
          Add
        </Button>
      )}
    >
      {(close) => <AddMember members={members} onClose={close} />}
    </FormDialog>
  );
}

function AddMember({ members, onClose }: { members: readonly Member[]; onClose: () => void }) {
  const people = useQuery(accessQueries(api).people());
  const others = (people.data ?? []).filter((person) => !members.some(({ id }) => id === person.id));
  const add = useAccessForm(
    (form: FormData) => {
      const user = others.find(({ id }) => id === form.get('user'))?.id;
      const role = WORKSPACE_ROLES.find((each) => each === form.get('role')) ?? 'viewer';
      if (!user) throw new Error('Choose who is to come in.');
      return api.members.add.mutate({ user, role });
    },
    (member) => `${member.email} is ${member.role} here now`,
  );
  const isNobodyLeft = people.isSuccess && others.length === 0;
  return (
    <DialogForm
      submitLabel="Add to the workspace"
      isBusy={add.isPending}
      error={add.error ?? people.error}
      disabled={others.length === 0}
      onClose={onClose}
      onSubmit={(form) => add.mutate(form, { onSuccess: onClose })}
    >
      <Field label="Who" hint={isNobodyLeft ? 'Everybody of the organization is in this workspace already.' : undefined} isRequired>
        {(control) => (
          <Select {...control} name="user" required disabled={others.length === 0}>
            {others.map((person) => (
              <option key={person.id} value={person.id}>
                {person.email}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Role in this workspace" hint="What each role may is under Roles.">
        {(control) => (
          <Select {...control} name="role" defaultValue="viewer">
            {WORKSPACE_ROLES.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </Select>
        )}
      </Field>
    </DialogForm>
  );
}
