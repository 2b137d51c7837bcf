/** What figures and deadlines look at: read from the rows that dispatch itself decides by, and from records of days not long gone. */
import { toId } from '@signalbox/proto';
import type { DeadlineTrigger, MetricTrigger } from '@signalbox/proto/api';
import type { Sql } from '../../../platform/sql.ts';

/** A thing that a figure or deadline is about, as labels of an event. */
export type Subject = {
  readonly key: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly related: readonly Readonly<Record<string, string>>[];
};
export type Figure = Subject & { readonly value: number | null };
export type Overdue = Subject & { readonly seconds: number };

/** Runs made so long before the range are still looked for; milliseconds. */
export const BEFORE_RANGE_MS = 6 * 3_600_000;
/** Things that one automation watches. */
export const WATCHED_MAX = 1_000;

export type Place = {
  deploymentId: string | null;
  deployment: string | null;
  flowId: string | null;
  flow: string | null;
  poolId: string | null;
  pool: string | null;
};
export const PLACE = `d.id AS "deploymentId", d.name AS deployment, f.id AS "flowId", f.name AS flow, p.id AS "poolId", p.name AS pool`;
export const JOINS = (of: string) =>
  `JOIN deployment d ON d.id = ${of}.deployment_id JOIN flow f ON f.id = d.flow_id LEFT JOIN work_pool p ON p.id = ${of}.pool_id`;

/** One for each deployment or pool, or one of all. Things without any run have no figure. */
export async function readFigures(sql: Sql, workspaceId: string, trigger: MetricTrigger): Promise<Figure[]> {
  const { metric, each, rangeSeconds, leastRuns, about } = trigger;
  const values: unknown[] = [workspaceId];
  const bind = (value: unknown) => `$${values.push(value)}`;
  // Bound where it is used: a value that no text names has no type.
  const fits = aboutOf(about, bind);
  const rows =
    metric === 'queue-depth'
      ? `SELECT x.deployment_id, x.pool_id, 1::float8 AS value FROM run_dispatch x
          WHERE x.workspace_id = $1::uuid AND x.retention_class <> '' AND x.state_type = 'SCHEDULED' AND x.due_at <= now()`
      : rowsOf(metric, bind, new Date(Date.now() - rangeSeconds * 1_000));
  const group = each === 'deployment' ? 'd.id, d.name, f.id, f.name' : each === 'pool' ? 'p.id, p.name' : null;
  const value = metric === 'queue-depth' ? 'count(*)::float8' : metric === 'cost' ? `sum(${COST})` : 'avg(m.value)';
  const found = await sql.query<Place & { n: number; value: number | null }>(
    `SELECT ${placeOf(each)}, count(*)::int AS n, ${value} AS value
       FROM (${rows}) m ${JOINS('m')} WHERE ${fits} ${metric === 'cost' ? 'AND p.cost_per_hour IS NOT NULL' : ''} ${group ? `GROUP BY ${group}` : ''} LIMIT ${WATCHED_MAX}`,
    values,
  );
  return found.map(({ n, value, ...place }) => ({
    ...subjectOf(place),
    value: metric === 'queue-depth' ? (value ?? 0) : n >= leastRuns ? value : null,
  }));
}

/** Of a row `m` of seconds on pool `p`; null: nobody said what that pool costs. */
export const COST = 'm.value * p.cost_per_hour / 3600';

/** What a figure is taken of since an instant: rows of deployment_id, pool_id, value, and `at`, from when on it counts. */
export function rowsOf(metric: Exclude<MetricTrigger['metric'], 'queue-depth'>, bind: (value: unknown) => string, sinceAt: Date): string {
  // Bound where it is used: a value that no text names has no type.
  const since = () => `${bind(sinceAt)}::timestamptz`;
  const floor = () => `${bind(floorOf(sinceAt.getTime() - BEFORE_RANGE_MS))}::uuid`;
  switch (metric) {
    case 'success-rate':
      return `SELECT r.deployment_id, r.pool_id, (r.state_type = 'COMPLETED')::int::float8 AS value, r.ended_at AS at FROM run r
        WHERE r.workspace_id = $1::uuid AND r.id >= ${floor()} AND r.ended_at > ${since()} AND r.state_type IN ('COMPLETED', 'FAILED', 'CRASHED')`;
    case 'duration':
      return `SELECT r.deployment_id, r.pool_id, extract(epoch FROM r.ended_at - r.started_at)::float8 AS value, r.ended_at AS at FROM run r
        WHERE r.workspace_id = $1::uuid AND r.id >= ${floor()} AND r.ended_at > ${since()} AND r.started_at IS NOT NULL`;
    case 'lateness':
      return `SELECT r.deployment_id, r.pool_id, greatest(0, extract(epoch FROM r.started_at - r.due_at))::float8 AS value, r.started_at AS at FROM run r
        WHERE r.workspace_id = $1::uuid AND r.id >= ${floor()} AND r.started_at > ${since()}
        UNION ALL SELECT x.deployment_id, x.pool_id, greatest(0, extract(epoch FROM x.first_started_at - x.due_at))::float8, x.first_started_at
        FROM run_dispatch x WHERE x.workspace_id = $1::uuid AND x.retention_class <> '' AND x.first_started_at > ${since()}`;
    case 'cost':
      // Every attempt took an agent's slot from its claim to its end, whatever came of it.
      return `SELECT r.deployment_id, r.pool_id, extract(epoch FROM a.ended_at - a.claimed_at)::float8 AS value, a.ended_at AS at
        FROM run r JOIN attempt a ON a.retention_class = r.retention_class AND a.run_id = r.id
        WHERE r.workspace_id = $1::uuid AND r.id >= ${floor()} AND a.run_id >= ${floor()} AND a.ended_at > ${since()}`;
  }
}

/** Columns of what a figure is about. */
export function placeOf(each: MetricTrigger['each']): string {
  return each === 'deployment'
    ? 'd.id AS "deploymentId", d.name AS deployment, f.id AS "flowId", f.name AS flow, NULL AS "poolId", NULL AS pool'
    : each === 'pool'
      ? 'p.id AS "poolId", p.name AS pool, NULL AS "deploymentId", NULL AS deployment, NULL AS "flowId", NULL AS flow'
      : `NULL AS "deploymentId", NULL AS deployment, NULL AS "flowId", NULL AS flow, NULL AS "poolId", NULL AS pool`;
}

/** What is over its deadline now. */
export async function readOverdue(sql: Sql, workspaceId: string, trigger: DeadlineTrigger, since: Date): Promise<Overdue[]> {
  const values: unknown[] = [workspaceId];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const seconds = `${bind(trigger.seconds)}::float8`;
  const fits = aboutOf(trigger.about, bind);
  if (trigger.condition === 'no-success-within') {
    // From the last success, else from when the deployment or the automation began. The deployment's runs newest first: run_deployment.
    const floor = `${bind(floorOf(Date.now() - trigger.seconds * 1_000 - 86_400_000))}::uuid`;
    const rows = await sql.query<Place & { seconds: number }>(
      `SELECT ${PLACE}, extract(epoch FROM now() - t.since)::float8 AS seconds
         FROM deployment d JOIN flow f ON f.id = d.flow_id LEFT JOIN work_pool p ON p.id = d.pool_id,
         LATERAL (SELECT greatest(d.created_at, ${bind(since)}::timestamptz,
           (SELECT max(r.ended_at) FROM run r WHERE r.deployment_id = d.id AND r.id >= ${floor} AND r.state_type = 'COMPLETED')) AS since) t
        WHERE d.workspace_id = $1::uuid AND ${fits} AND extract(epoch FROM now() - t.since) > ${seconds} LIMIT ${WATCHED_MAX}`,
      values,
    );
    return rows.map(({ seconds: over, ...place }) => ({ ...subjectOf(place), seconds: over }));
  }
  const since_ = trigger.condition === 'running-longer-than' ? 'x.started_at' : 'x.due_at';
  const state =
    trigger.condition === 'running-longer-than'
      ? `x.state_type = 'RUNNING'`
      : `x.state_type IN ('SCHEDULED', 'PENDING') AND x.first_started_at IS NULL`;
  const rows = await sql.query<Place & { seconds: number; runId: string; run: string }>(
    `SELECT ${PLACE}, x.run_id AS "runId", r.name AS run, extract(epoch FROM now() - ${since_})::float8 AS seconds
       FROM run_dispatch x ${JOINS('x')} JOIN run r ON r.retention_class = x.retention_class AND r.id = x.run_id
      WHERE x.workspace_id = $1::uuid AND x.retention_class <> '' AND ${state} AND ${since_} < now() - make_interval(secs => ${seconds}) AND ${fits}
      ORDER BY ${since_} LIMIT ${WATCHED_MAX}`,
    values,
  );
  return rows.map(({ seconds: over, runId, run, ...place }) => {
    return { ...runOf(runId, run, place), seconds: over };
  });
}

export function runOf(runId: string, name: string, place: Place): Subject {
  const { resource, related } = subjectOf(place);
  const id = toId('run', runId);
  return { key: id, resource: { id, kind: 'run', name }, related: [{ ...resource, role: 'deployment' }, ...related] };
}

export function subjectOf({ deploymentId, deployment, flowId, flow, poolId, pool }: Place): Subject {
  const ofPool = poolId === null ? [] : [{ role: 'work-pool', id: toId('workPool', poolId), name: pool ?? '' }];
  const ofFlow = flowId === null ? [] : [{ role: 'flow', id: toId('flow', flowId), name: flow ?? '' }];
  if (deploymentId !== null) {
    const id = toId('deployment', deploymentId);
    return {
      key: id,
      resource: { id, kind: 'deployment', name: deployment ?? '', path: `${flow}/${deployment}` },
      related: [...ofFlow, ...ofPool],
    };
  }
  if (poolId !== null) {
    const id = toId('workPool', poolId);
    return { key: id, resource: { id, kind: 'work-pool', name: pool ?? '' }, related: [] };
  }
  return { key: 'workspace', resource: { id: 'workspace', kind: 'workspace' }, related: [] };
}

export function aboutOf({ deployments, pools, tags }: MetricTrigger['about'], bind: (value: unknown) => string): string {
  const like = (patterns: readonly string[]) => bind(patterns.map((pattern) => pattern.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')));
  return [
    'TRUE',
    ...(deployments.length > 0 ? [`f.name || '/' || d.name LIKE ANY (${like(deployments)}::text[])`] : []),
    ...(pools.length > 0 ? [`p.name LIKE ANY (${like(pools)}::text[])`] : []),
    ...(tags.length > 0 ? [`EXISTS (SELECT 1 FROM unnest(d.tags) t WHERE t LIKE ANY (${like(tags)}::text[]))`] : []),
  ].join(' AND ');
}

/** The lowest id of a run made at that instant. */
export function floorOf(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
