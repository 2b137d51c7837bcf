/** Whether runs wait for the limits of pools, queues and deployments, told as events. As `signalbox_system`. */
import type { Sql } from '../../../platform/sql.ts';

/** Runs that are due, read from where claims begin to read. Index: run_dispatch_claim. */
const DUE = (queue: string) =>
  `SELECT 1 FROM run_dispatch d LEFT JOIN queue_mark m ON m.queue_id = d.queue_id
    WHERE d.queue_id = ${queue} AND d.state_type = 'SCHEDULED' AND d.parked_on IS NULL AND d.due_at <= now()
      AND d.rank > coalesce(m.rank, '-infinity') - mark_margin() AND d.rank <= now()`;
/** No more waiters are counted. */
const COUNTED = 1_000;

type Kind = {
  readonly table: string;
  readonly kind: string;
  /** Of `l`, which has a limit: whether runs wait for it. */
  readonly isWaited: string;
  readonly held: string;
  /** A query of the runs that wait for `l`. */
  readonly waiting: string;
  readonly name: string;
};

const KINDS: readonly Kind[] = [
  {
    table: 'work_pool',
    kind: 'work-pool',
    isWaited: `NOT l.paused AND (SELECT count(*) FROM holder h WHERE h.pool_id = l.id) >= l.concurrency_limit
      AND EXISTS (SELECT 1 FROM work_queue q WHERE q.pool_id = l.id AND NOT q.paused AND EXISTS (${DUE('q.id')}))`,
    held: '(SELECT count(*) FROM holder h WHERE h.pool_id = l.id)',
    waiting: `SELECT 1 FROM work_queue q CROSS JOIN LATERAL (${DUE('q.id')}) d WHERE q.pool_id = l.id AND NOT q.paused`,
    name: 'l.name',
  },
  {
    table: 'work_queue',
    kind: 'work-queue',
    isWaited: `NOT l.paused AND (SELECT count(*) FROM holder h WHERE h.pool_id = l.pool_id AND h.queue_id = l.id) >= l.concurrency_limit
      AND EXISTS (${DUE('l.id')})`,
    held: '(SELECT count(*) FROM holder h WHERE h.pool_id = l.pool_id AND h.queue_id = l.id)',
    waiting: DUE('l.id'),
    name: 'l.name',
  },
  {
    table: 'deployment',
    kind: 'deployment',
    // One that is paused parks its runs too: they do not wait for its limit.
    isWaited: 'NOT l.paused AND EXISTS (SELECT 1 FROM run_dispatch d WHERE d.parked_on = l.id)',
    held: '(SELECT count(*) FROM holder h WHERE h.deployment_id = l.id)',
    waiting: 'SELECT 1 FROM run_dispatch d WHERE d.parked_on = l.id',
    name: `(SELECT f.name FROM flow f WHERE f.id = l.flow_id) || '/' || l.name`,
  },
];

/**
 * What has lasted for `holdSeconds` is told, once an edge. Rows are locked at an edge alone; what a claim has locked is passed over until the
 * next second.
 */
export async function tellSlotSaturation(sql: Sql, holdSeconds: number): Promise<void> {
  for (const kind of KINDS) await sql.query(statementOf(kind), [holdSeconds], `saturation-${kind.kind}`);
}

const statementOf = ({ table, kind, isWaited, held, waiting, name }: Kind): string =>
  `WITH seen AS MATERIALIZED (
     SELECT l.id, coalesce(${isWaited}, false) AS is_waited, l.told_saturated AS told, l.limit_differs_since AS since FROM ${table} l
      WHERE l.concurrency_limit IS NOT NULL OR l.told_saturated OR l.limit_differs_since IS NOT NULL
   ), edges AS MATERIALIZED (
     SELECT * FROM seen WHERE (is_waited <> told) = (since IS NULL) OR is_waited <> told AND since <= now() - make_interval(secs => $1::float8)
   ), locked AS MATERIALIZED (
     SELECT l.id, e.is_waited, e.is_waited <> l.told_saturated AS differs, l.limit_differs_since AS since
       FROM ${table} l JOIN edges e ON e.id = l.id ORDER BY l.id FOR NO KEY UPDATE OF l SKIP LOCKED
   ), noted AS (
     UPDATE ${table} l SET limit_differs_since = CASE WHEN s.differs THEN now() END FROM locked s WHERE l.id = s.id AND s.differs = (s.since IS NULL)
   ), told AS (
     UPDATE ${table} l SET told_saturated = s.is_waited, limit_differs_since = NULL FROM locked s
      WHERE l.id = s.id AND s.differs AND s.since <= now() - make_interval(secs => $1::float8) RETURNING l.*
   )
   INSERT INTO event_inbox (workspace_id, name, resource, payload)
   SELECT l.workspace_id, CASE WHEN l.told_saturated THEN 'limit.saturated' ELSE 'limit.available' END,
     jsonb_build_object('uuid', l.id, 'kind', '${kind}', 'name', ${name}),
     jsonb_build_object('slots', l.concurrency_limit, 'held', ${held}, 'waiting', (SELECT count(*) FROM (${waiting} LIMIT ${COUNTED}) w))
   FROM told l`;
