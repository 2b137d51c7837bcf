'use client';
import type { Team } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { Button } from '../../components/ui/button.tsx';
import { DialogBody } from '../../components/ui/dialog.tsx';
import { Field, Select } from '../../components/ui/field.tsx';
import { FormDialog } from '../../components/ui/form-dialog.tsx';
import { Notice } from '../../components/ui/notice.tsx';
import { api } from '../../lib/trpc/client.ts';
import { accessQueries } from './queries.ts';
import { useAccessWrite } from './use-access-write.ts';

type Ref = Parameters<typeof api.teams.addMember.mutate>[0]['member'];

/** Who is in a team: added and removed one by one, at once. */
export function TeamMembersButton({ team }: { team: Team }) {
  return (
    <FormDialog
      title={`Members of ${team.name}`}
      description={team.fromDirectory ? undefined : 'They have what the team is granted from their next request on.'}
      trigger={(open) => (
        <Button size="sm" variant="quiet" aria-label={`Members of ${team.name}`} onClick={open}>
          Members
        </Button>
      )}
    >
      {() => <TeamMembers team={team} />}
    </FormDialog>
  );
}

function TeamMembers({ team }: { team: Team }) {
  const people = useQuery(accessQueries(api).people());
  const accounts = useQuery(accessQueries(api).serviceAccounts());
  const add = useAccessWrite((member: Ref) => api.teams.addMember.mutate({ team: team.id, member }));
  const remove = useAccessWrite((member: Ref) => api.teams.removeMember.mutate({ team: team.id, member }));
  const isIn = (id: string) => team.members.some((member) => member.id === id);
  const choose = (value: string) => {
    const person = people.data?.find(({ id }) => id === value);
    if (person) return add.mutate({ kind: 'person', id: person.id });
    const account = accounts.data?.find(({ id }) => id === value);
    if (account) add.mutate({ kind: 'service-account', id: account.id });
  };
  return (
    <DialogBody className="space-y-4">
      {team.fromDirectory ? (
        <Notice tone="info" title="Your directory says who is in it">
          Change it there; it is here within a minute or so.
        </Notice>
      ) : (
        <Field label="Add">
          {(control) => (
            <Select {...control} value="" disabled={add.isPending} onChange={(event) => choose(event.target.value)}>
              <option value="">Choose somebody</option>
              <optgroup label="People">
                {(people.data ?? [])
                  .filter(({ id }) => !isIn(id))
                  .map((person) => (
                    <option key={person.id} value={person.id}>
                      {person.email}
                    </option>
                  ))}
              </optgroup>
              <optgroup label="Service accounts">
                {(accounts.data ?? [])
                  .filter(({ id }) => !isIn(id))
                  .map((account) => (
                    <option key={account.id} value={account.id}>
                      {account.name}
                    </option>
                  ))}
              </optgroup>
            </Select>
          )}
        </Field>
      )}
      {team.members.length === 0 ? (
        <p className="text-sm text-ink-3">Nobody is in it yet.</p>
      ) : (
        <ul aria-label={`Members of ${team.name}`} className="divide-y divide-line rounded-md border border-line">
          {team.members.map((member) => (
            <li key={member.id} className="flex min-h-9 items-center gap-2 px-3 text-sm">
              <span className="min-w-0 flex-1 truncate">{member.name}</span>
              {member.kind === 'service-account' && <span className="text-xs text-ink-3">service account</span>}
              {!team.fromDirectory && (
                <Button
                  size="sm"
                  variant="quiet"
                  aria-label={`Remove ${member.name} from ${team.name}`}
                  disabled={remove.isPending}
                  onClick={() => remove.mutate({ kind: member.kind, id: member.id } as Ref)}
                >
                  <X aria-hidden className="size-3.5" />
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </DialogBody>
  );
}
