import { queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';
import { readError } from '../../lib/trpc/errors.ts';

/** Nothing of a kind that one may not see: a role made of scopes may have one and lack another. */
function ifAllowed<T>(page: Promise<{ readonly items: readonly T[] }>): Promise<{ readonly items: readonly T[] }> {
  return page.catch((error: unknown) => {
    if (readError(error).code === 'FORBIDDEN') return { items: [] };
    throw error;
  });
}

/** Things that a role may be granted on by themselves. */
export const objectQueries = (api: Api) => ({
  choices: () =>
    queryOptions({
      queryKey: ['access', 'objects'],
      queryFn: async ({ signal }) => {
        const [deployments, pools, blocks] = await Promise.all([
          ifAllowed(api.deployments.list.query({ limit: 200 }, { signal })),
          ifAllowed(api.workPools.list.query({ limit: 200 }, { signal })),
          ifAllowed(api.blocks.list.query({ limit: 200 }, { signal })),
        ]);
        return [
          ...deployments.items.map(({ id, name, flow }) => ({ object: { kind: 'deployment' as const, id }, name: `${flow.name}/${name}` })),
          ...pools.items.map(({ id, name }) => ({ object: { kind: 'work-pool' as const, id }, name })),
          ...blocks.items.map(({ id, type, name }) => ({ object: { kind: 'block' as const, id }, name: `${type}/${name}` })),
        ];
      },
    }),
});
