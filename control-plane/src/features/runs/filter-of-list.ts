/** Fields that `runs.list` took before it had a filter, as parts of one. */
import { isId } from '@signalbox/proto';
import type { listRunsInput, RunFilter } from '@signalbox/proto/api';
import type { z } from 'zod';

/** Both together narrow further; a list that both have is joined. */
export function filterOfList(input: Omit<z.output<typeof listRunsInput>, 'cursor' | 'limit' | 'sort'>): RunFilter {
  const { filter = {}, states, flow, deployment, tags, createdAfter, createdBefore } = input;
  const search = input.search?.trim();
  return {
    ...filter,
    ...(states?.length ? { states: join(filter.states, states) } : {}),
    ...(flow === undefined ? {} : { flows: join(filter.flows, [flow]) }),
    ...(deployment === undefined ? {} : { deployments: join(filter.deployments, [deployment]) }),
    ...(tags?.length ? { tags: { ...filter.tags, all: join(filter.tags?.all, tags) } } : {}),
    ...(createdAfter === undefined && createdBefore === undefined
      ? {}
      : {
          created: {
            ...filter.created,
            ...(createdAfter ? { after: createdAfter } : {}),
            ...(createdBefore ? { before: createdBefore } : {}),
          },
        }),
    ...(search ? (isId('run', search) ? { ids: [search] } : { name: { ...filter.name, contains: search } }) : {}),
  };
}

function join<T>(before: readonly T[] | undefined, more: readonly T[]): T[] {
  return [...new Set([...(before ?? []), ...more])];
}
