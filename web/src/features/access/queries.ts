import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

/** Who is asked about (oneself, if missing), and on which thing alone. */
export type ExplainInput = Parameters<Api['access']['explain']['query']>[0];

export const accessQueries = (api: Api) => ({
  members: () => queryOptions({ queryKey: ['access', 'members'], queryFn: ({ signal }) => api.members.list.query(undefined, { signal }) }),
  people: () =>
    queryOptions({ queryKey: ['access', 'people'], queryFn: ({ signal }) => api.organizations.members.query(undefined, { signal }) }),
  invitations: () =>
    queryOptions({ queryKey: ['access', 'invitations'], queryFn: ({ signal }) => api.invitations.list.query(undefined, { signal }) }),
  teams: () => queryOptions({ queryKey: ['access', 'teams'], queryFn: ({ signal }) => api.teams.list.query(undefined, { signal }) }),
  roles: () => queryOptions({ queryKey: ['access', 'roles'], queryFn: ({ signal }) => api.roles.list.query(undefined, { signal }) }),
  scopes: () => queryOptions({ queryKey: ['access', 'scopes'], queryFn: ({ signal }) => api.roles.scopes.query(undefined, { signal }) }),
  serviceAccounts: () =>
    queryOptions({
      queryKey: ['access', 'service-accounts'],
      queryFn: ({ signal }) => api.serviceAccounts.list.query(undefined, { signal }),
    }),
  grants: () =>
    queryOptions({ queryKey: ['access', 'grants'], queryFn: ({ signal }) => api.access.grants.query({ limit: 200 }, { signal }) }),
  organizationGrants: () =>
    queryOptions({
      queryKey: ['access', 'organization-grants'],
      queryFn: ({ signal }) => api.organizations.grants.query({ limit: 200 }, { signal }),
    }),
  explain: (input: ExplainInput) =>
    queryOptions({
      queryKey: ['access', 'explain', input],
      queryFn: ({ signal }) => api.access.explain.query(input, { signal }),
    }),
});
