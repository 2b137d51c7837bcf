/** Whether runs wait for the limits of pools, queues, deployments and their keys, told as events. As `signalbox_system`. */
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
  await sql.query(OF_KEYS, [holdSeconds], 'saturation-key');
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

/** Keys that are watched at once. */
const KEYS_MAX = 1_000;
/** One row a key for which runs wait, made and removed here. Index: run_dispatch_parked, one probe a limit. */
const OF_KEYS = `WITH RECURSIVE parked (id, deployment_id, key_limit_id, key, workspace_id) AS (
     (SELECT parked_on, deployment_id, key_limit_id, limit_key, workspace_id FROM run_dispatch WHERE parked_on IS NOT NULL ORDER BY parked_on LIMIT 1)
     UNION ALL
     SELECT d.* FROM parked CROSS JOIN LATERAL
       (SELECT x.parked_on, x.deployment_id, x.key_limit_id, x.limit_key, x.workspace_id FROM run_dispatch x WHERE x.parked_on > parked.id
         ORDER BY x.parked_on LIMIT 1) d
   ), waited AS MATERIALIZED (
     SELECT p.* FROM parked p JOIN deployment l ON l.id = p.deployment_id AND NOT l.paused WHERE p.id = p.key_limit_id LIMIT ${KEYS_MAX}
   ), begun AS (
     INSERT INTO key_saturation (id, workspace_id, deployment_id, key, differs_since)
     SELECT id, workspace_id, deployment_id, key, now() FROM waited ON CONFLICT (id) DO NOTHING
   ), seen AS MATERIALIZED (
     SELECT k.id, k.told, k.differs_since AS since, k.id IN (SELECT id FROM waited) AS is_waited FROM key_saturation k ORDER BY k.id
       FOR NO KEY UPDATE SKIP LOCKED
   ), forgotten AS (
     DELETE FROM key_saturation k USING seen s WHERE k.id = s.id AND NOT s.told AND NOT s.is_waited
   ), noted AS (
     UPDATE key_saturation k SET differs_since = CASE WHEN NOT s.is_waited THEN now() END FROM seen s
      WHERE k.id = s.id AND s.told AND s.is_waited = (s.since IS NOT NULL)
   ), saturated AS (
     UPDATE key_saturation k SET told = true, differs_since = NULL FROM seen s
      WHERE k.id = s.id AND s.is_waited AND NOT s.told AND s.since <= now() - make_interval(secs => $1::float8) RETURNING k.*
   ), available AS (
     DELETE FROM key_saturation k USING seen s
      WHERE k.id = s.id AND s.told AND NOT s.is_waited AND s.since <= now() - make_interval(secs => $1::float8) RETURNING k.*
   )
   INSERT INTO event_inbox (workspace_id, name, resource, payload)
   SELECT k.workspace_id, k.name, jsonb_build_object('uuid', l.id, 'kind', 'deployment', 'name', f.name || '/' || l.name, 'key', k.key),
     jsonb_build_object('slots', l.key_limit, 'held', (SELECT count(*) FROM holder h WHERE h.key_limit_id = k.id),
       'waiting', (SELECT count(*) FROM (SELECT 1 FROM run_dispatch d WHERE d.parked_on = k.id LIMIT ${COUNTED}) w))
   FROM (SELECT *, 'limit.saturated' AS name FROM saturated UNION ALL SELECT *, 'limit.available' FROM available) k
     JOIN deployment l ON l.id = k.deployment_id JOIN flow f ON f.id = l.flow_id`;
