/** The filter of the runs list: in the URL, in the query's key, and as the API wants it. */
import { RUN_STATES, type RunStateType } from '@signalbox/proto';
import { type FilterReading, parseRunFilter, type RunFilterInput } from '@signalbox/proto/api';

/** How far back, by creation; the key stands in the URL. */
export const RUN_RANGES = {
  '1h': { label: 'Last hour', ms: 3_600_000 },
  '24h': { label: 'Last 24 hours', ms: 86_400_000 },
  '7d': { label: 'Last 7 days', ms: 7 * 86_400_000 },
  '30d': { label: 'Last 30 days', ms: 30 * 86_400_000 },
} as const;
export type RunRange = keyof typeof RUN_RANGES;

export interface RunFilter {
  readonly state: RunStateType[];
  readonly flow: string;
  readonly deployment: string;
  readonly tag: string[];
  readonly range: RunRange | null;
  readonly q: string;
}

export const NO_RUN_FILTER: RunFilter = { state: [], flow: '', deployment: '', tag: [], range: null, q: '' };

/** Groups of states people look for; the first shows everything. */
export const RUN_VIEWS: readonly { label: string; states: readonly RunStateType[] }[] = [
  { label: 'All', states: [] },
  { label: 'Active', states: ['PENDING', 'RUNNING', 'PAUSED', 'CANCELLING'] },
  { label: 'Scheduled', states: ['SCHEDULED'] },
  { label: 'Failed', states: ['FAILED', 'CRASHED'] },
  { label: 'Completed', states: ['COMPLETED'] },
];

export function isSameStates(one: readonly RunStateType[], other: readonly RunStateType[]): boolean {
  return one.length === other.length && one.every((state) => other.includes(state));
}

export function isFiltered(filter: RunFilter): boolean {
  return (
    filter.state.length > 0 ||
    filter.tag.length > 0 ||
    filter.range !== null ||
    [filter.flow, filter.deployment, filter.q].some((text) => text !== '')
  );
}

/**
 * The API's filter as of an instant: relative times become instants at each request, so that a query's key stays stable.
 * `q` is a filter's text; what the controls say narrows it further.
 */
export function readFilter(filter: RunFilter, nowMs: number): FilterReading {
  const reading = parseRunFilter(filter.q, nowMs);
  if (!reading.ok) return reading;
  const { filter: text } = reading;
  const all = [...new Set([...(text.tags?.all ?? []), ...filter.tag])];
  const after = filter.range && new Date(nowMs - RUN_RANGES[filter.range].ms).toISOString();
  return {
    ok: true,
    filter: {
      ...text,
      ...(filter.state.length > 0 ? { states: filter.state.filter((state) => RUN_STATES.includes(state)) } : {}),
      ...(filter.flow ? { flows: [...(text.flows ?? []), filter.flow] } : {}),
      ...(filter.deployment ? { deployments: [...(text.deployments ?? []), filter.deployment] } : {}),
      ...(all.length > 0 ? { tags: { ...text.tags, all } } : {}),
      ...(after ? { created: { after, ...text.created } } : {}),
    },
  };
}

/** The filter as of an instant, or null while its text cannot be read. */
export function filterAt(filter: RunFilter, nowMs: number): RunFilterInput | null {
  const reading = readFilter(filter, nowMs);
  return reading.ok ? reading.filter : null;
}
