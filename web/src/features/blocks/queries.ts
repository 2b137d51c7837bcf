import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

export const BLOCKS_SHOWN = 200;

export const blockQueries = (api: Api) => ({
  types: () => queryOptions({ queryKey: ['blocks', 'types'], queryFn: ({ signal }) => api.blocks.types.query(undefined, { signal }) }),
  list: () =>
    queryOptions({ queryKey: ['blocks', 'list'], queryFn: ({ signal }) => api.blocks.list.query({ limit: BLOCKS_SHOWN }, { signal }) }),
});
