/**
 * A filter as conditions over `r` (run) and `d` (run_dispatch). Pure: values are bound, never spliced.
 *
 * Which index carries a search is decided in statement.ts; everything here that no index serves is looked at row by
 * row, within the bounds of the scan (scan.ts).
 */
import { isId, LATE_AFTER_MS, toUuid } from '@signalbox/proto';
import { escapeLike, type ResolvedFilter } from './resolve-refs.ts';

/** Binds a value; answers its placeholder. */
export type Bind = (value: unknown) => string;
/** Where the rows of a branch come from: records of ended runs, live runs, or both. */
export type Side = 'ended' | 'live' | 'any';

const STARTED = 'coalesce(r.started_at, d.first_started_at, d.started_at)';
/** Of both sides: the live row says what is true while there is one. */
export const VALUE = {
  due: { ended: 'r.due_at', live: 'd.due_at', any: 'coalesce(d.due_at, r.due_at)' },
  started: { ended: 'r.started_at', live: STARTED, any: STARTED },
  attempt: { ended: 'r.attempt', live: 'greatest(1, d.attempt)', any: 'greatest(1, coalesce(d.attempt, r.attempt))' },
  pool: { ended: 'r.pool_id', live: 'd.pool_id', any: 'coalesce(d.pool_id, r.pool_id)' },
  queue: { ended: 'r.queue_id', live: 'd.queue_id', any: 'coalesce(d.queue_id, r.queue_id)' },
} as const satisfies Record<string, Record<Side, string>>;

/** From first start to end, or until now. */
export const durationOf = (side: Side) => `coalesce(r.ended_at, now()) - ${VALUE.started[side]}`;

/** Name of a state in lower case -> when a live run counts as in it, though it is not stored so. */
export const COMPUTED_STATES: Readonly<Record<string, string>> = {
  late: `(d.state_type = 'SCHEDULED' AND d.due_at < now() - interval '${LATE_AFTER_MS} milliseconds')`,
  awaitingconcurrencyslot: `(d.state_type = 'SCHEDULED' AND d.parked_on IS NOT NULL)`,
};

/** Whether a filter asks for something that the live row knows better. */
export function needsLiveRow({ filter, poolIds, queueIds, agentIds }: ResolvedFilter): boolean {
  const { due, started, durationMs, attempt } = filter;
  return [due, started, durationMs, attempt, poolIds, queueIds, agentIds].some((part) => part !== undefined);
}

/** All but states, deployments and bounds of ids. */
export function conditionsOf(resolved: ResolvedFilter, side: Side, bind: Bind): string[] {
  const { filter } = resolved;
  const out: string[] = [];
  const within = (expression: string, ids: readonly string[] | undefined, type = 'uuid') => {
    if (ids !== undefined) out.push(`${expression} = ANY (${bind(ids)}::${type}[])`);
  };
  const between = (expression: string, bounds: { after?: string | undefined; before?: string | undefined } | undefined) => {
    if (bounds?.after !== undefined) out.push(`${expression} >= ${bind(bounds.after)}::timestamptz`);
    if (bounds?.before !== undefined) out.push(`${expression} < ${bind(bounds.before)}::timestamptz`);
  };

  if (resolved.deploymentIds === undefined) within('r.flow_id', resolved.flowIds);
  within(VALUE.pool[side], resolved.poolIds);
  within(VALUE.queue[side], resolved.queueIds);
  within('r.schedule_id', resolved.scheduleIds);
  within('r.version_id', resolved.versionIds);
  if (resolved.agentIds !== undefined) out.push(heldBy(bind(resolved.agentIds), side));
  if (filter.ids?.length)
    within(
      'r.id',
      filter.ids.map((id) => toUuid('run', id)),
    );
  // run_parent, when it is few.
  if (filter.parents?.length)
    within(
      'r.parent_run_id',
      filter.parents.map((id) => toUuid('run', id)),
    );
  if (filter.kinds?.length) within('r.kind', filter.kinds, 'text');
  if (filter.createdBy?.length) within('r.created_by', filter.createdBy, 'text');
  if (filter.actors?.length)
    within(
      'r.actor_id',
      filter.actors.map((id) => toUuid(isId('user', id) ? 'user' : 'apiKey', id)),
    );

  const { all, any, none } = filter.tags ?? {};
  if (all?.length) out.push(`r.tags @> ${bind(all)}::text[]`);
  if (any?.length) out.push(`r.tags && ${bind(any)}::text[]`);
  if (none?.length) out.push(`NOT (r.tags && ${bind(none)}::text[])`);
  const { contains, prefix } = filter.name ?? {};
  if (contains !== undefined) out.push(`r.name ILIKE ${bind(`%${escapeLike(contains)}%`)}`);
  if (prefix !== undefined) out.push(`r.name ILIKE ${bind(`${escapeLike(prefix)}%`)}`);

  between(VALUE.due[side], filter.due);
  between(VALUE.started[side], filter.started);
  between('r.ended_at', filter.ended);
  const { min, max } = filter.durationMs ?? {};
  if (min !== undefined) out.push(`${durationOf(side)} >= ${bind(min)}::bigint * interval '1 ms'`);
  if (max !== undefined) out.push(`${durationOf(side)} <= ${bind(max)}::bigint * interval '1 ms'`);
  if (filter.attempt?.min !== undefined) out.push(`${VALUE.attempt[side]} >= ${bind(filter.attempt.min)}::int`);
  if (filter.attempt?.max !== undefined) out.push(`${VALUE.attempt[side]} <= ${bind(filter.attempt.max)}::int`);

  if (filter.failures?.length) within(`(r.failure ->> 'kind')`, filter.failures, 'text');
  // failure_member, by its primary key, or by failure_member_of_group where those are fewer.
  if (filter.groups?.length)
    out.push(
      `r.id IN (SELECT m.run_id FROM failure_member m WHERE m.group_id = ANY (${bind(filter.groups.map((id) => toUuid('failureGroup', id)))}::uuid[]))`,
    );
  if (filter.parameters && Object.keys(filter.parameters).length > 0)
    out.push(`r.parameters ->> 'encoding' = 'json' AND r.parameters -> 'body' @> ${bind(JSON.stringify(filter.parameters))}::jsonb`);
  return out;
}

/** Attempts that are over lie in `attempt`, by its primary key; the current one is in the live row. */
function heldBy(agents: string, side: Side): string {
  const past = `EXISTS (SELECT FROM attempt a WHERE a.retention_class = r.retention_class AND a.run_id = r.id AND a.agent_id = ANY (${agents}::uuid[]))`;
  return side === 'ended' ? past : `(d.agent_id = ANY (${agents}::uuid[]) OR ${past})`;
}
