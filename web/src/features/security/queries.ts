import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const securityQueries = (api: Api) => ({
  connections: () =>
    queryOptions({ queryKey: ['security', 'connections'], queryFn: ({ signal }) => api.sso.connections.query(undefined, { signal }) }),
  domains: () => queryOptions({ queryKey: ['security', 'domains'], queryFn: ({ signal }) => api.sso.domains.query(undefined, { signal }) }),
  networks: () =>
    queryOptions({ queryKey: ['security', 'networks'], queryFn: ({ signal }) => api.networks.get.query(undefined, { signal }) }),
  support: () => queryOptions({ queryKey: ['security', 'support'], queryFn: ({ signal }) => api.support.get.query(undefined, { signal }) }),
  tokens: () => queryOptions({ queryKey: ['security', 'tokens'], queryFn: ({ signal }) => api.scim.tokens.query(undefined, { signal }) }),
});
