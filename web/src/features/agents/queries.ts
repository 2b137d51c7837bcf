import type { Agent } from '@signalbox/proto/api';
import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const agentQueries = (api: Api) => ({
  detail: (agent: Agent['id']) =>
    queryOptions({ queryKey: ['agents', 'detail', agent], queryFn: ({ signal }) => api.agents.get.query({ agent }, { signal }) }),
  /** Agents of a pool, or of the whole workspace. */
  list: (pool?: string) =>
    queryOptions({
      queryKey: ['agents', 'list', pool ?? null],
      queryFn: ({ signal }) => api.agents.list.query({ limit: 200, ...(pool ? { pool } : {}) }, { signal }),
    }),
});
