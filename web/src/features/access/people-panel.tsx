'use client';
import { ORGANIZATION_ROLES, type OrganizationMember, type OrganizationRole } from '@signalbox/proto/api';
import { useQuery } from '@tanstack/react-query';
import { ConfirmButton } from '../../components/ui/confirm-button.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { api } from '../../lib/trpc/client.ts';
import { useMay, useSession } from '../shell/session.tsx';
import { AccessList } from './access-list.tsx';
import { accessQueries } from './queries.ts';
import { RoleSelect } from './role-select.tsx';
import { useAccessWrite } from './use-access-write.ts';

/** Everybody of the organization, with their role in it. */
export function PeoplePanel() {
  const mayChange = useMay()('organization:members');
  return (
    <AccessList
      title="In the organization"
      about="Members have what workspaces and grants give them. Admins and owners are owner of every workspace; owners also decide on sign-in, networks and the end of the organization."
      query={useQuery(accessQueries(api).people())}
      keyOf={(person) => person.id}
      textOf={(person) => `${person.email} ${person.name} ${person.role}`}
      row={(person) => ({
        name: person.email,
        about: (
          <>
            {person.name} · since <RelativeTime at={person.since} />
          </>
        ),
        aside: mayChange ? <PersonActions person={person} /> : <span className="text-ink-2">{person.role}</span>,
      })}
      empty={{ title: 'Nobody yet', text: 'Invite somebody to begin.' }}
    />
  );
}

function PersonActions({ person }: { person: OrganizationMember }) {
  const { me } = useSession();
  const isSelf = me.actor.id === person.id;
  const own = me.organization?.role ?? 'member';
  const rank = (role: OrganizationRole) => ORGANIZATION_ROLES.indexOf(role);
  const isAbove = rank(person.role) > rank(own);
  const reason = isSelf
    ? 'Another owner changes your role: nobody locks themselves out.'
    : isAbove
      ? `Your role is ${own}: only ${person.role}s change this.`
      : undefined;
  const setRole = useAccessWrite(
    (role: OrganizationRole) => api.organizations.setMemberRole.mutate({ user: person.id, role }),
    (changed) => `${changed.email} is ${changed.role} of the organization now`,
  );
  const remove = useAccessWrite(
    () => api.organizations.removeMember.mutate({ user: person.id }),
    `${person.email} is removed from the organization`,
  );
  return (
    <>
      <RoleSelect
        of={`${person.email} in the organization`}
        roles={ORGANIZATION_ROLES.filter((role) => role === person.role || rank(role) <= rank(own))}
        value={person.role}
        disabled={reason !== undefined || setRole.isPending}
        title={reason}
        onChange={(role) => setRole.mutate(role)}
      />
      <ConfirmButton
        label="Remove"
        ariaLabel={`Remove ${person.email} from the organization`}
        disabled={isSelf || isAbove}
        {...(reason ? { title: reason } : {})}
        question={`Remove ${person.email}?`}
        confirmLabel="Remove from the organization"
        isBusy={remove.isPending}
        onConfirm={(close) => remove.mutate(undefined, { onSettled: close })}
      >
        Out of the organization and of all its workspaces and teams, with every grant, from the next request on. Their API keys for it stop
        working. What they did stays in the audit.
      </ConfirmButton>
    </>
  );
}
