import type { RunId } from '@signalbox/proto';
import type { RunFilterInput, TaskRun } from '@signalbox/proto/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Api } from '../../lib/trpc/api.ts';
import { filterAt, type RunFilter } from './run-filter.ts';

/** As they come over the wire: an envelope without a body has none, rather than `undefined`. */
export type RunDetail = Awaited<ReturnType<Api['runs']['get']['query']>>;
export type StoredArtifact = Awaited<ReturnType<Api['runs']['artifacts']['query']>>['items'][number];

const PAGE = 100;
const BARS = 72;
/** Task runs of one page of the API; a page of the console shows them all. */
const CHILD_PAGE = 100;
const TASK_PAGE = 1_000;

export const runQueries = (api: Api) => ({
  list: (filter: RunFilter) =>
    infiniteQueryOptions({
      queryKey: ['runs', 'list', filter],
      queryFn: ({ pageParam, signal }) =>
        api.runs.list.query(
          { filter: filterAt(filter, Date.now()) ?? {}, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
          { signal },
        ),
      initialPageParam: '',
      getNextPageParam: (page) => page.nextCursor,
    }),
  /** Runs over time, in as many bars as fit beside each other. */
  history: (filterKey: unknown, filterOf: (nowMs: number) => RunFilterInput | null, rangeMs: number) =>
    queryOptions({
      queryKey: ['runs', 'history', filterKey, rangeMs],
      queryFn: ({ signal }) => {
        const now = Date.now();
        const filter = filterOf(now) ?? {};
        const to = filter.created?.before ?? new Date(now).toISOString();
        const from = filter.created?.after ?? new Date(Date.parse(to) - rangeMs).toISOString();
        return api.runs.history.query({ filter, from, to, buckets: BARS }, { signal });
      },
    }),
  /** The newest few of a deployment. */
  recent: (deployment: string) =>
    queryOptions({
      queryKey: ['runs', 'recent', deployment],
      queryFn: ({ signal }) => api.runs.list.query({ deployment, limit: 15 }, { signal }),
    }),
  search: (search: string) =>
    queryOptions({ queryKey: ['runs', 'search', search], queryFn: ({ signal }) => api.runs.list.query({ search, limit: 6 }, { signal }) }),
  detail: (run: RunId) =>
    queryOptions({ queryKey: ['runs', 'detail', run], queryFn: ({ signal }) => api.runs.get.query({ run }, { signal }) }),
  /** Asked again whenever its sentences differ. */
  explain: (run: RunId, reasons: readonly string[]) =>
    queryOptions({ queryKey: ['runs', 'explain', run, reasons], queryFn: ({ signal }) => api.runs.explain.query({ run }, { signal }) }),
  taskRuns: (run: RunId, epoch: number | undefined) =>
    queryOptions({
      queryKey: ['runs', 'task-runs', run, epoch],
      queryFn: async ({ signal }) => {
        const items: TaskRun[] = [];
        let cursor: string | null = null;
        do {
          const page: { items: TaskRun[]; nextCursor: string | null } = await api.runs.taskRuns.query(
            { run, limit: TASK_PAGE, ...(epoch === undefined ? {} : { epoch }), ...(cursor ? { cursor } : {}) },
            { signal },
          );
          items.push(...page.items);
          cursor = page.nextCursor;
        } while (cursor);
        return items;
      },
    }),
  /** What the run's page has of them comes with it. */
  children: (run: RunDetail) =>
    infiniteQueryOptions({
      queryKey: ['runs', 'children', run.id],
      queryFn: ({ pageParam, signal }) =>
        api.runs.children.query({ run: run.id, limit: CHILD_PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
      initialPageParam: '',
      getNextPageParam: (page) => page.nextCursor,
      placeholderData: { pages: [{ items: run.children, nextCursor: run.childrenCursor }], pageParams: [''] },
    }),
  artifacts: (run: RunId) =>
    queryOptions({
      queryKey: ['runs', 'artifacts', run],
      queryFn: async ({ signal }): Promise<StoredArtifact[]> => (await api.runs.artifacts.query({ run }, { signal })).items,
    }),
});
