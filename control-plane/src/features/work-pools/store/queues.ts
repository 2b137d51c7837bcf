/** Queries of a pool's queues. Writers hold the pool's row. */
import type { KeyPart } from '../../../domain/rules/key-template.ts';
import type { Tx } from '../../../platform/db.ts';
import { sqlOfTx } from '../../../platform/sql.ts';

export type QueueRow = {
  readonly id: string;
  readonly name: string;
  readonly priority: number;
  readonly concurrencyLimit: number | null;
  readonly paused: boolean;
  readonly fairBy: string | null;
};

/** First the one that goes first. */
export function listQueues(tx: Tx, poolId: string): Promise<QueueRow[]> {
  return tx.workQueue.findMany({
    where: { poolId },
    orderBy: { priority: 'asc' },
    select: { id: true, name: true, priority: true, concurrencyLimit: true, paused: true, fairBy: true },
  });
}

/**
 * Numbers the queues in this order from 1. In two steps, since each number is unique at once; queues that keep theirs are
 * not written.
 */
export async function writeOrder(tx: Tx, poolId: string, ids: readonly string[]): Promise<void> {
  const sql = sqlOfTx(tx);
  const moved = await sql.query<{ id: string }>(
    `UPDATE work_queue q SET priority = 1000000 + u.priority FROM unnest($2::uuid[]) WITH ORDINALITY AS u (id, priority)
      WHERE q.pool_id = $1::uuid AND q.id = u.id AND q.priority <> u.priority RETURNING q.id`,
    [poolId, ids],
  );
  if (moved.length === 0) return;
  await sql.query('UPDATE work_queue SET priority = priority - 1000000 WHERE pool_id = $1::uuid AND priority > 1000000', [poolId]);
}

/** Runs of the queue that hold slots, and live ones at all, those up to `max`. Reads the live runs of the workspace: a rare command. */
export async function countInQueue(tx: Tx, workspaceId: string, queueId: string, max: number): Promise<{ held: number; live: number }> {
  const [row] = await sqlOfTx(tx).query<{ held: number; live: number }>(
    `SELECT (SELECT count(*)::int FROM holder h JOIN work_queue q ON q.id = h.queue_id WHERE h.pool_id = q.pool_id AND h.queue_id = $1::uuid) AS held,
       (SELECT count(*)::int FROM (SELECT 1 FROM run_dispatch d WHERE d.workspace_id = $2::uuid AND d.queue_id = $1::uuid LIMIT $3::int) bounded) AS live`,
    [queueId, workspaceId, max],
  );
  return row ?? { held: 0, live: 0 };
}

/** Deployments and live runs of one queue to another. Locks the runs, ascending by id; the pool's lock keeps claims away. */
export async function emptyQueueInto(tx: Tx, workspaceId: string, fromId: string, toId: string): Promise<void> {
  const sql = sqlOfTx(tx);
  await sql.query('UPDATE deployment SET queue_id = $2::uuid WHERE workspace_id = $3::uuid AND queue_id = $1::uuid', [
    fromId,
    toId,
    workspaceId,
  ]);
  await sql.query(
    `UPDATE run_dispatch d SET queue_id = $2::uuid
       FROM (SELECT run_id FROM run_dispatch WHERE workspace_id = $3::uuid AND queue_id = $1::uuid ORDER BY run_id FOR UPDATE) mine
      WHERE d.run_id = mine.run_id`,
    [fromId, toId, workspaceId],
  );
  // Whatever claims had passed there, these lie below it.
  await sql.query('DELETE FROM queue_mark WHERE queue_id = $1::uuid', [toId]);
}

/** How a queue is ordered. Runs that wait get their key; their places come from the sweep. Locks the runs, ascending by id. */
export async function writeFairness(
  tx: Tx,
  workspaceId: string,
  queueId: string,
  fairBy: string | null,
  parts: readonly KeyPart[] | null,
): Promise<void> {
  const sql = sqlOfTx(tx);
  const values = [queueId, parts === null ? null : JSON.stringify(parts), workspaceId];
  await sql.query('UPDATE work_queue SET fair_by = $3, fair_parts = $2::jsonb WHERE id = $1::uuid', [queueId, values[1], fairBy]);
  await sql.query(
    `UPDATE run_dispatch d SET fair_key = key_id($1::uuid, run_key($2::jsonb, mine.parameters)), fair_rank = NULL, ranked_due_at = NULL
       FROM (SELECT x.run_id, r.parameters FROM run_dispatch x JOIN run r ON r.retention_class = x.retention_class AND r.id = x.run_id
              WHERE x.workspace_id = $3::uuid AND x.queue_id = $1::uuid ORDER BY x.run_id FOR UPDATE OF x) mine
      WHERE d.run_id = mine.run_id`,
    values,
  );
  await sql.query('DELETE FROM queue_mark WHERE queue_id = $1::uuid', [queueId]);
}
