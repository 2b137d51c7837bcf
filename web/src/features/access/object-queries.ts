import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';

/** Things that a role may be granted on by themselves. */
export const objectQueries = (api: Api) => ({
  choices: () =>
    queryOptions({
      queryKey: ['access', 'objects'],
      queryFn: async ({ signal }) => {
        const [deployments, pools, blocks] = await Promise.all([
          api.deployments.list.query({ limit: 200 }, { signal }),
          api.workPools.list.query({ limit: 200 }, { signal }),
          api.blocks.list.query({ limit: 200 }, { signal }),
        ]);
        return [
          ...deployments.items.map(({ id, name, flow }) => ({ object: { kind: 'deployment' as const, id }, name: `${flow.name}/${name}` })),
          ...pools.items.map(({ id, name }) => ({ object: { kind: 'work-pool' as const, id }, name })),
          ...blocks.items.map(({ id, type, name }) => ({ object: { kind: 'block' as const, id }, name: `${type}/${name}` })),
        ];
      },
    }),
});
