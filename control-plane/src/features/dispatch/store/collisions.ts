/** A full limit whose deployment cancels: who holds it, and who waits for it. As `signalbox_system`. */
import type { CollisionStrategy } from '@signalbox/proto/api';
import type { Holding } from '../../../domain/rules/concurrency.ts';
import type { Sql } from '../../../platform/sql.ts';

export type LimitRuns = {
  readonly strategy: CollisionStrategy;
  readonly limit: number;
  /** `flow/deployment`. */
  readonly deployment: string;
  /** Value of the key whose limit it is; null: of the deployment. */
  readonly key: string | null;
  /** Longest first. */
  readonly holding: readonly (Holding & { readonly name: string })[];
  /** First come first. */
  readonly waiting: readonly { readonly runId: string; readonly name: string }[];
  /** All of them by the instant they were first due, however often they were tried again. */
  readonly byAge: readonly string[];
};

/** Most that wait which are looked at in one turn. */
const WAITING_MAX = 1_000;

type GateRow = { strategy: CollisionStrategy; paused: boolean; limit: number | null; deployment: string };

/** Null: it has no limit any more, is paused, or lets runs wait. Locks the deployment's row, which parking and waking take. */
export async function lockCollidingLimit(sql: Sql, deploymentId: string, limitId: string): Promise<LimitRuns | null> {
  const [gate] = await sql.query<GateRow>(
    `SELECT dep.collision AS strategy, dep.paused, CASE WHEN dep.id = $2::uuid THEN dep.concurrency_limit ELSE dep.key_limit END AS "limit",
            f.name || '/' || dep.name AS deployment
       FROM deployment dep JOIN flow f ON f.id = dep.flow_id WHERE dep.id = $1::uuid FOR NO KEY UPDATE OF dep`,
    [deploymentId, limitId],
  );
  if (!gate || gate.paused || gate.limit === null || gate.strategy === 'ENQUEUE') return null;
  // Index: run_dispatch_parked.
  const waiting = await sql.query<{ runId: string; name: string; key: string | null; dueAt: Date }>(
    `SELECT d.run_id AS "runId", r.name, d.limit_key AS key, r.due_at AS "dueAt"
       FROM (SELECT * FROM run_dispatch WHERE parked_on = $1::uuid ORDER BY rank DESC, run_id DESC LIMIT ${WAITING_MAX}) d
       JOIN run r ON r.retention_class = d.retention_class AND r.id = d.run_id ORDER BY d.due_at, d.run_id`,
    [limitId],
  );
  if (waiting.length === 0) return null;
  // Index: holder_deployment, holder_key.
  const column = limitId === deploymentId ? 'deployment_id' : 'key_limit_id';
  const holding = await sql.query<Holding & { name: string; dueAt: Date }>(
    `SELECT h.run_id AS "runId", r.name, d.state_type = 'CANCELLING' AS "isEnding", r.due_at AS "dueAt"
       FROM holder h JOIN run_dispatch d ON d.run_id = h.run_id JOIN run r ON r.retention_class = d.retention_class AND r.id = d.run_id
      WHERE h.${column} = $1::uuid ORDER BY h.taken_at, h.run_id`,
    [limitId],
  );
  const { strategy, limit, deployment } = gate;
  const byAge = [...holding, ...waiting]
    .toSorted((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || (a.runId < b.runId ? -1 : 1))
    .map(({ runId }) => runId);
  return { strategy, limit, deployment, key: limitId === deploymentId ? null : (waiting[0]?.key ?? null), holding, waiting, byAge };
}

/** Runs at the head of a queue that are looked at; those behind come nearer, or are met by a claim. */
const HEAD = 1_000;

/**
 * Parks due runs on a full limit whose deployment cancels, as a claim does that meets them. Without it they would wait for an
 * agent's free slot first, which the very runs may hold whose place they are to take. Who is cancelled is decided under the
 * deployment's lock, by `lockCollidingLimit`: here a limit that has room by then costs a wake-up, no more. As `signalbox_system`.
 */
export async function parkColliding(sql: Sql): Promise<void> {
  // Locks runs SKIP LOCKED, by id. Index: holder_deployment, holder_key; run_dispatch_claim, once a queue of such a deployment's pool.
  await sql.query(
    `WITH gates AS MATERIALIZED (
       SELECT dep.id, dep.pool_id, dep.concurrency_limit, dep.key_limit, x.held FROM deployment dep
         JOIN work_pool p ON p.id = dep.pool_id AND NOT p.paused
         CROSS JOIN LATERAL (SELECT count(*)::int AS held FROM holder h WHERE h.deployment_id = dep.id) x
        WHERE dep.collision <> 'ENQUEUE' AND NOT dep.paused AND x.held > 0
     ), due AS MATERIALIZED (
       SELECT x.* FROM work_queue q CROSS JOIN LATERAL (
         SELECT d.run_id, d.deployment_id, d.key_limit_id FROM run_dispatch d
          WHERE d.queue_id = q.id AND d.state_type = 'SCHEDULED' AND d.parked_on IS NULL AND d.rank <= now() AND d.due_at <= now()
          ORDER BY d.rank, d.run_id LIMIT ${HEAD}) x
        WHERE NOT q.paused AND q.pool_id IN (SELECT pool_id FROM gates)
     ), colliding AS (
       SELECT due.run_id, CASE WHEN gates.held >= gates.concurrency_limit THEN gates.id ELSE due.key_limit_id END AS limit_id
         FROM due JOIN gates ON gates.id = due.deployment_id
        WHERE gates.held >= gates.concurrency_limit
           OR (SELECT count(*) FROM holder h WHERE h.key_limit_id = due.key_limit_id) >= gates.key_limit
     ), locked AS MATERIALIZED (
       SELECT d.run_id, colliding.limit_id FROM colliding JOIN run_dispatch d ON d.run_id = colliding.run_id
        WHERE d.state_type = 'SCHEDULED' AND d.parked_on IS NULL ORDER BY d.run_id FOR UPDATE OF d SKIP LOCKED
     ) UPDATE run_dispatch d SET parked_on = locked.limit_id FROM locked WHERE d.run_id = locked.run_id`,
    [],
    'park-colliding',
  );
}
