import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const accessQueries = (api: Api) => ({
  members: () => queryOptions({ queryKey: ['access', 'members'], queryFn: ({ signal }) => api.members.list.query(undefined, { signal }) }),
  people: () =>
    queryOptions({ queryKey: ['access', 'people'], queryFn: ({ signal }) => api.organizations.members.query(undefined, { signal }) }),
  invitations: () =>
    queryOptions({ queryKey: ['access', 'invitations'], queryFn: ({ signal }) => api.invitations.list.query(undefined, { signal }) }),
  teams: () => queryOptions({ queryKey: ['access', 'teams'], queryFn: ({ signal }) => api.teams.list.query(undefined, { signal }) }),
  roles: () => queryOptions({ queryKey: ['access', 'roles'], queryFn: ({ signal }) => api.roles.list.query(undefined, { signal }) }),
  serviceAccounts: () =>
    queryOptions({
      queryKey: ['access', 'service-accounts'],
      queryFn: ({ signal }) => api.serviceAccounts.list.query(undefined, { signal }),
    }),
  grants: () =>
    queryOptions({ queryKey: ['access', 'grants'], queryFn: ({ signal }) => api.access.grants.query({ limit: 200 }, { signal }) }),
  explain: (person: string | null) =>
    queryOptions({
      queryKey: ['access', 'explain', person],
      queryFn: ({ signal }) => api.access.explain.query(person ? { subject: { kind: 'person', id: person } } : {}, { signal }),
    }),
});
