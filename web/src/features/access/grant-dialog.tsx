'use client';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Field, Select } from '../../components/ui/field.tsx';
import { DialogForm, FormDialog } from '../../components/ui/form-dialog.tsx';
import { api } from '../../lib/trpc/client.ts';
import { objectQueries } from './object-queries.ts';
import { accessQueries } from './queries.ts';
import { useAccessForm } from './use-access-write.ts';

type Input = Parameters<typeof api.access.grant.mutate>[0];

const OBJECTS = { deployment: 'Deployment', 'work-pool': 'Work pool', block: 'Block' } as const;
type ObjectKind = keyof typeof OBJECTS;
const OBJECT_KINDS = Object.keys(OBJECTS) as ObjectKind[];

/** `isEverywhere`: in all workspaces of the organization. */
export function GrantButton({ isEverywhere = false }: { isEverywhere?: boolean }) {
  return (
    <FormDialog
      title={isEverywhere ? 'Grant a role in all workspaces' : 'Grant a role'}
      description="Nobody grants more than they have themselves."
      trigger={(open) => (
        <Button size="sm" onClick={open}>
          <Plus aria-hidden className="size-3.5" />
          Grant
        </Button>
      )}
    >
      {(close) => <GrantForm isEverywhere={isEverywhere} onClose={close} />}
    </FormDialog>
  );
}

function GrantForm({ isEverywhere, onClose }: { isEverywhere: boolean; onClose: () => void }) {
  const [on, setOn] = useState<'workspace' | ObjectKind>('workspace');
  const people = useQuery(accessQueries(api).people());
  const teams = useQuery(accessQueries(api).teams());
  const accounts = useQuery(accessQueries(api).serviceAccounts());
  const roles = useQuery(accessQueries(api).roles());
  const objects = useQuery({ ...objectQueries(api).choices(), enabled: !isEverywhere });
  const subjects: { label: string; choices: { subject: Input['subject']; name: string }[] }[] = [
    { label: 'Teams', choices: (teams.data ?? []).map(({ id, name }) => ({ subject: { kind: 'team', id }, name })) },
    { label: 'People', choices: (people.data ?? []).map(({ id, email }) => ({ subject: { kind: 'person', id }, name: email })) },
    {
      label: 'Service accounts',
      choices: (accounts.data ?? []).map(({ id, name }) => ({ subject: { kind: 'service-account', id }, name })),
    },
  ];
  const things = (objects.data ?? []).filter(({ object }) => object.kind === on);
  const grant = useAccessForm(
    (form: FormData) => {
      const subject = subjects.flatMap(({ choices }) => choices).find((each) => each.subject.id === form.get('subject'))?.subject;
      const role = roles.data?.find((each) => each.slug === form.get('role'));
      const object = on === 'workspace' ? undefined : things.find((each) => each.object.id === form.get('object'))?.object;
      if (!subject || !role) throw new Error('Choose who is to have which role.');
      const input = { subject, role: (role.id ?? role.slug) as Input['role'] };
      return isEverywhere ? api.organizations.grant.mutate(input) : api.access.grant.mutate({ ...input, object });
    },
    (made) => `${made.subject.name} has ${made.role.name} now`,
  );
  const isLacking = on !== 'workspace' && things.length === 0;
  return (
    <DialogForm
      submitLabel="Grant"
      isBusy={grant.isPending}
      error={grant.error ?? people.error ?? teams.error ?? accounts.error ?? roles.error ?? objects.error}
      disabled={isLacking}
      onClose={onClose}
      onSubmit={(form) => grant.mutate(form, { onSuccess: onClose })}
    >
      <Field label="Who" isRequired>
        {(control) => (
          <Select {...control} name="subject" required defaultValue="">
            <option value="" disabled>
              Choose a team, a person or a service account
            </option>
            {subjects.map(
              ({ label, choices }) =>
                choices.length > 0 && (
                  <optgroup key={label} label={label}>
                    {choices.map(({ subject, name }) => (
                      <option key={subject.id} value={subject.id}>
                        {name}
                      </option>
                    ))}
                  </optgroup>
                ),
            )}
          </Select>
        )}
      </Field>
      <Field label="Role" isRequired>
        {(control) => (
          <Select {...control} name="role" defaultValue="viewer">
            {(roles.data ?? []).map((role) => (
              <option key={role.slug} value={role.slug}>
                {role.name}
                {role.description ? `: ${role.description}` : ''}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {!isEverywhere && (
        <Field label="On" hint={on === 'workspace' ? 'Had for everything in it.' : 'Only scopes about such a thing count there.'}>
          {(control) => (
            <Select
              {...control}
              value={on}
              onChange={(event) => setOn(OBJECT_KINDS.find((kind) => kind === event.target.value) ?? 'workspace')}
            >
              <option value="workspace">The whole workspace</option>
              {OBJECT_KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  One {OBJECTS[kind].toLowerCase()}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
      {!isEverywhere && on !== 'workspace' && (
        <Field label={OBJECTS[on]} hint={isLacking ? 'There is none in this workspace yet.' : undefined}>
          {(control) => (
            <Select {...control} key={on} name="object" disabled={isLacking}>
              {things.map(({ object, name }) => (
                <option key={object.id} value={object.id}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
    </DialogForm>
  );
}
