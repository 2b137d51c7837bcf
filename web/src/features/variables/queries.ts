import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

/** As the API answers it: a value of JSON may be absent from its type. */
export type ShownVariable = Awaited<ReturnType<Api['variables']['get']['query']>>;

export const VARIABLES_SHOWN = 200;

export const variableQueries = (api: Api) => ({
  list: (prefix: string) =>
    queryOptions({
      queryKey: ['variables', 'list', prefix],
      queryFn: ({ signal }) => api.variables.list.query({ limit: VARIABLES_SHOWN, ...(prefix ? { prefix } : {}) }, { signal }),
    }),
});
