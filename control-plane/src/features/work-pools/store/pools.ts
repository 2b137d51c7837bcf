/** Queries of pools and queues. Status and occupancy are read from the rows that dispatch itself decides by. */
import { isId, toId, toUuid } from '@signalbox/proto';
import type { WorkPool } from '@signalbox/proto/api';
import type { Tx } from '../../../platform/db.ts';
import { sqlOfTx } from '../../../platform/sql.ts';

/** Waiting runs are counted up to here; more is shown as this number. */
export const WAITING_COUNT_MAX = 10_000;

export type PoolRef = { readonly id: string; readonly name: string; readonly paused: boolean };

/** A pool by name or id, or null. */
export async function findPoolRow(tx: Tx, workspaceId: string, ref: string): Promise<PoolRef | null> {
  const where = isId('workPool', ref) ? { id: toUuid('workPool', ref) } : { name: ref };
  return tx.workPool.findFirst({ where: { ...where, workspaceId }, select: { id: true, name: true, paused: true } });
}

type Row = {
  id: string;
  name: string;
  launcher: string;
  description: string;
  concurrency_limit: number | null;
  cost_per_hour: number | null;
  paused: boolean;
  created_at: Date;
  queues: {
    id: string;
    name: string;
    priority: number;
    concurrency_limit: number | null;
    paused: boolean;
    fair_by: string | null;
    held: number;
  }[];
  online: number;
  total: number;
  accepting: number;
  held: number;
  waiting: number;
};

/** Whether an agent that is online is given runs. */
const ACCEPTS = 'NOT drain AND NOT draining AND coalesce(backoff_until <= now(), true)';
/** Status of the pool `p`, as `show` says it. */
export const POOL_STATUS_OF_P = `CASE WHEN p.paused THEN 'paused'
  WHEN EXISTS (SELECT FROM agent WHERE pool_id = p.id AND revoked_at IS NULL AND lease_until > (SELECT served_now()) AND ${ACCEPTS}) THEN 'ready'
  ELSE 'not-ready' END`;

/**
 * Pools with everything shown of them, in one statement, newest first. `onlyId` narrows to one.
 *
 * Online is a lease in served time that is not over; occupancy is rows of `holder` (index holder_pool); waiting runs are
 * due ones in the claim's index of the pool's queues, and those parked on limits (index run_dispatch_parked_pool).
 */
export async function readPools(
  tx: Tx,
  page: { workspaceId: string; onlyId: string | null; before: string | null; limit: number },
): Promise<{ id: string; pool: WorkPool }[]> {
  const rows = await sqlOfTx(tx).query<Row>(
    `SELECT p.id, p.name, p.launcher, p.description, p.concurrency_limit, p.cost_per_hour, p.paused, p.created_at,
            q.queues, a.online, a.total, a.accepting, h.held, w.waiting
       FROM (SELECT * FROM work_pool
              WHERE workspace_id = $1::uuid AND ($2::uuid IS NULL OR id = $2::uuid) AND ($3::uuid IS NULL OR id < $3::uuid)
              ORDER BY id DESC LIMIT $4) p
       CROSS JOIN LATERAL (
         SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'priority', priority,
                  'concurrency_limit', concurrency_limit, 'paused', paused, 'fair_by', fair_by,
                  'held', (SELECT count(*) FROM holder h WHERE h.pool_id = p.id AND h.queue_id = x.id)) ORDER BY priority), '[]') AS queues,
                coalesce(array_agg(id), '{}') AS ids
           FROM work_queue x WHERE pool_id = p.id) q
       CROSS JOIN LATERAL (
         SELECT count(*) FILTER (WHERE up)::int AS online,
                count(*)::int AS total,
                count(*) FILTER (WHERE up AND ${ACCEPTS})::int AS accepting
           FROM (SELECT *, coalesce(lease_until > served_now(), false) AS up FROM agent WHERE pool_id = p.id AND revoked_at IS NULL) x) a
       CROSS JOIN LATERAL (SELECT count(*)::int AS held FROM holder WHERE pool_id = p.id) h
       CROSS JOIN LATERAL (
         SELECT count(*)::int AS waiting FROM (
           (SELECT 1 FROM run_dispatch d WHERE d.queue_id = ANY (q.ids) AND d.state_type = 'SCHEDULED' AND d.parked_on IS NULL
               AND d.due_at <= now() AND d.rank <= now() LIMIT $5)
           UNION ALL
           (SELECT 1 FROM run_dispatch d WHERE d.pool_id = p.id AND d.parked_on IS NOT NULL LIMIT $5)
           LIMIT $5) bounded) w
      ORDER BY p.id DESC`,
    [page.workspaceId, page.onlyId, page.before, page.limit, WAITING_COUNT_MAX],
  );
  return rows.map((row) => ({ id: row.id, pool: show(row) }));
}

function show(row: Row): WorkPool {
  const status = row.paused ? 'paused' : row.accepting > 0 ? 'ready' : 'not-ready';
  return {
    id: toId('workPool', row.id),
    name: row.name,
    launcher: row.launcher,
    description: row.description,
    concurrencyLimit: row.concurrency_limit,
    costPerHour: row.cost_per_hour,
    paused: row.paused,
    status,
    statusReason: reasonOf(row),
    queues: row.queues.map((queue) => ({
      id: toId('workQueue', queue.id),
      name: queue.name,
      priority: queue.priority,
      concurrencyLimit: queue.concurrency_limit,
      paused: queue.paused,
      fairBy: queue.fair_by,
      status: queue.paused ? 'paused' : status,
      slotsHeld: queue.held,
    })),
    agents: { online: row.online, total: row.total },
    slotsHeld: row.held,
    waiting: row.waiting,
    createdAt: row.created_at.toISOString(),
  };
}

function reasonOf({ paused, total, online, accepting }: Row): string {
  if (paused) return 'Paused by hand: its runs wait until it is resumed.';
  if (total === 0) return 'No agent serves it yet: install one.';
  if (online === 0) return `None of its ${total} agents is online.`;
  if (accepting === 0) return `${online} of ${total} agents are online, but they drain or wait after failed starts.`;
  return `${accepting} of ${total} agents accept runs.`;
}
