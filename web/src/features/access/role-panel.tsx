'use client';
import { BUILT_IN_ROLES, type BuiltInRole, type Role } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field, Input, Select } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { NameFields, nameAndSlug } from '../../components/ui/name-fields.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { Tag } from '../../components/ui/tag.tsx';
import { plural } from '../../lib/format.ts';
import { api } from '../../lib/trpc/client.ts';
import { useMay } from '../shell/session.tsx';
import { AccessList } from './access-list.tsx';
import { accessQueries } from './queries.ts';
import { ScopePicker } from './scope-picker.tsx';
import { useAccessForm, useAccessWrite } from './use-access-write.ts';

export function RolePanel() {
  const mayChange = useMay()('organization:roles');
  return (
    <AccessList
      title="Roles"
      about="The built-in ones never change. One made here is a set of scopes, on top of a built-in one or from nothing; when it changes, it changes for all who have it."
      actions={mayChange && <NewRoleButton />}
      query={useQuery(accessQueries(api).roles())}
      keyOf={(role) => role.slug}
      textOf={(role) => `${role.name} ${role.slug} ${role.scopes.join(' ')}`}
      row={(role) => ({
        name: (
          <>
            {role.name} <Tag>{role.id ? 'made here' : 'built in'}</Tag>
          </>
        ),
        about: <RoleAbout role={role} />,
        aside: mayChange && role.id && <RoleActions role={role} id={role.id} />,
      })}
      empty={{ title: 'No role', text: 'There are always the built-in ones.' }}
    />
  );
}

function RoleAbout({ role }: { role: Role }) {
  return (
    <>
      {role.description && <span className="block">{role.description}</span>}
      <details>
        <summary className="w-fit">
          {plural(role.scopes.length, 'scope')}
          {role.baseRole && `, those of ${role.baseRole} among them`}
        </summary>
        <p className="mt-1 font-mono leading-5">{role.scopes.join('  ')}</p>
      </details>
    </>
  );
}

function RoleActions({ role, id }: { role: Role; id: NonNullable<Role['id']> }) {
  const remove = useAccessWrite(() => api.roles.delete.mutate({ role: id }), `Role ${role.name} is deleted`);
  return (
    <>
      <FormDialog
        size="lg"
        title={`Change ${role.name}`}
        description="Whoever has it has the new scopes from their next request on."
        trigger={(open) => (
          <Button size="sm" variant="quiet" aria-label={`Change the role ${role.name}`} onClick={open}>
            Change
          </Button>
        )}
      >
        {(close) => <RoleForm edited={role} onClose={close} />}
      </FormDialog>
      <ConfirmButton
        label="Delete"
        ariaLabel={`Delete the role ${role.name}`}
        question={`Delete the role ${role.name}?`}
        confirmLabel="Delete the role"
        isBusy={remove.isPending}
        onConfirm={(close) => remove.mutate(undefined, { onSettled: close })}
      >
        With every grant of it: whoever has it has it no more, from the next request on.
      </ConfirmButton>
    </>
  );
}

function NewRoleButton() {
  return (
    <FormDialog
      size="lg"
      title="New role"
      description="Nobody makes a role that may more than they may themselves."
      trigger={(open) => (
        <Button size="sm" onClick={open}>
          <Plus aria-hidden className="size-3.5" />
          New role
        </Button>
      )}
    >
      {(close) => <RoleForm edited={null} onClose={close} />}
    </FormDialog>
  );
}

/** `edited` null: a new one. */
function RoleForm({ edited: role, onClose }: { edited: Role | null; onClose: () => void }) {
  const roles = useQuery(accessQueries(api).roles());
  const table = useQuery(accessQueries(api).scopes());
  const [base, setBase] = useState<BuiltInRole | null>(role?.baseRole ?? null);
  const fixed = new Set(roles.data?.find((each) => each.id === null && each.slug === base)?.scopes ?? []);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(role?.scopes));
  const save = useAccessForm(
    (form: FormData) => {
      const scopes = [...chosen].filter((scope) => !fixed.has(scope));
      const description = String(form.get('description')).trim();
      return role?.id
        ? api.roles.update.mutate({ role: role.id, name: String(form.get('name')).trim(), description, scopes })
        : api.roles.create.mutate({ ...nameAndSlug(form), description, baseRole: base ?? undefined, scopes });
    },
    (saved) => `Role ${saved.name} is saved`,
  );
  return (
    <DialogForm
      submitLabel={role ? 'Save' : 'Make the role'}
      isBusy={save.isPending}
      error={save.error}
      onClose={onClose}
      onSubmit={(form) => save.mutate(form, { onSuccess: onClose })}
    >
      {role ? (
        <Field label="Name" isRequired>
          {(control) => <Input {...control} name="name" required maxLength={200} defaultValue={role.name} autoComplete="off" />}
        </Field>
      ) : (
        <NameFields slugHint="Used by the command line." />
      )}
      <Field label="Description">
        {(control) => <Input {...control} name="description" maxLength={500} defaultValue={role?.description} autoComplete="off" />}
      </Field>
      {!role && (
        <Field label="Starts from" hint="It stays whole; what you choose comes on top.">
          {(control) => (
            <Select
              {...control}
              value={base ?? ''}
              onChange={(event) => setBase(BUILT_IN_ROLES.find((each) => each === event.target.value) ?? null)}
            >
              <option value="">Nothing</option>
              {BUILT_IN_ROLES.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {table.isPending || roles.isPending ? (
        <SkeletonRows count={3} />
      ) : table.isError || roles.isError ? (
        <ErrorState error={table.error ?? roles.error} />
      ) : (
        <ScopePicker scopes={table.data} chosen={chosen} fixed={fixed} onChange={setChosen} />
      )}
    </DialogForm>
  );
}
