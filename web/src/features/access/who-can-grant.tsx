'use client';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/trpc/client.ts';
import { accessQueries } from './queries.ts';

const SHOWN = 5;

/** Names of those who can give a scope: nobody gives what they have not. */
export function WhoCanGrant({ scope }: { scope: string }) {
  const isOfOrganization = scope.startsWith('organization:');
  const members = useQuery({ ...accessQueries(api).members(), enabled: !isOfOrganization, retry: false });
  const people = useQuery({ ...accessQueries(api).people(), retry: false });
  const table = useQuery({ ...accessQueries(api).scopes(), retry: false });
  const forOwners = table.data?.find((each) => each.scope === scope)?.least === 'owner';
  const names = new Set([
    ...(members.data ?? []).filter(({ role }) => role === 'owner').map(({ email }) => email),
    ...(people.data ?? []).filter(({ role }) => role === 'owner' || (role === 'admin' && !forOwners)).map(({ email }) => email),
  ]);
  const shown = [...names].slice(0, SHOWN).join(', ');
  const more = names.size > SHOWN ? ' and others' : '';
  return (
    <>
      You lack the scope <code className="text-xs">{scope}</code>.{' '}
      {shown
        ? `${shown}${more} can grant it.`
        : isOfOrganization
          ? 'An owner of the organization can grant it.'
          : 'An owner of the workspace or an admin of the organization can grant it.'}
    </>
  );
}
