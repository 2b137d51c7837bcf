/** The runs that claims of a pool look at before a given one. */
import type { SqlCtx } from '../../../platform/services.ts';
import type { LiveRun } from './blocker-source.ts';
import type { RunAhead } from './dispatch-blockers.ts';
import { showBlockingRun } from './dispatch-facts.ts';

/** Read beyond the free slots, for those of them that a limit holds back. */
const SPARE = 200;
const MOST = 1_200;

type Row = {
  run_id: string;
  name: string;
  flow: string | null;
  deployment: string | null;
  since: Date;
  queue_id: string;
  queue_room: number | null;
  deployment_id: string;
  deployment_room: number | null;
  key_id: string | null;
  key_room: number | null;
};

/** In the claim's order; `isCut`: there are more. Index: run_dispatch_claim, from the best run of each lane on. */
export async function readRunsAhead(ctx: SqlCtx, run: LiveRun, freeSlots: number): Promise<{ runs: RunAhead[]; isCut: boolean }> {
  const limit = Math.min(freeSlots + SPARE, MOST);
  const rows = await ctx.sql.query<Row>(ahead(limit + 1), [run.runId, ctx.workspace.id]);
  return { runs: rows.slice(0, limit).map(show), isCut: rows.length > limit };
}

function show(row: Row): RunAhead {
  return {
    ...showBlockingRun({ ...row, agent: null }),
    limits: [
      ...(row.queue_room === null ? [] : [{ id: row.queue_id, room: row.queue_room }]),
      ...(row.deployment_room === null ? [] : [{ id: row.deployment_id, room: row.deployment_room }]),
      ...(row.key_id === null || row.key_room === null ? [] : [{ id: row.key_id, room: row.key_room }]),
    ],
  };
}

// Rooms are counted once a limit. A paused deployment has none; a paused queue is not read. The limit is in the text: it decides the plan.
const ahead = (limit: number) => `
  WITH me AS (
    SELECT d.pool_id, d.queue_id, q.priority, d.rank, d.run_id
      FROM run_dispatch d JOIN work_queue q ON q.id = d.queue_id WHERE d.run_id = $1::uuid AND d.workspace_id = $2::uuid
  ), ahead AS MATERIALIZED (
    SELECT q.priority, q.concurrency_limit AS queue_limit, x.* FROM me
      JOIN work_queue q ON q.pool_id = me.pool_id AND NOT q.paused AND q.priority <= me.priority
      CROSS JOIN LATERAL (
        SELECT d.run_id, d.due_at, d.rank, d.queue_id, d.deployment_id, d.key_limit_id, d.retention_class FROM run_dispatch d
         WHERE d.queue_id = q.id AND d.state_type = 'SCHEDULED' AND d.parked_on IS NULL AND d.due_at <= now() AND d.rank <= now()
           AND (q.id <> me.queue_id OR (d.rank, d.run_id) < (me.rank, me.run_id))
         ORDER BY d.rank, d.run_id LIMIT ${limit}) x
     ORDER BY q.priority, x.rank, x.run_id LIMIT ${limit}
  ), lanes AS (
    SELECT x.queue_id, max(x.queue_limit) - (SELECT count(*)::int FROM holder h, me WHERE h.pool_id = me.pool_id AND h.queue_id = x.queue_id) AS room
      FROM ahead x GROUP BY x.queue_id
  ), deployments AS (
    SELECT dep.id, dep.name, dep.flow_id, dep.key_limit, CASE WHEN dep.paused THEN 0 ELSE
        dep.concurrency_limit - (SELECT count(*)::int FROM holder h WHERE h.deployment_id = dep.id) END AS room
      FROM (SELECT DISTINCT deployment_id FROM ahead) x JOIN deployment dep ON dep.id = x.deployment_id
  ), keys AS (
    SELECT x.key_limit_id AS id, (SELECT count(*)::int FROM holder h WHERE h.key_limit_id = x.key_limit_id) AS held
      FROM ahead x WHERE x.key_limit_id IS NOT NULL GROUP BY x.key_limit_id
  )
  SELECT x.run_id, r.name, f.name AS flow, dep.name AS deployment, x.due_at AS since, x.queue_id, lanes.room AS queue_room,
         x.deployment_id, dep.room AS deployment_room,
         x.key_limit_id AS key_id, dep.key_limit - keys.held AS key_room
    FROM ahead x JOIN run r ON r.retention_class = x.retention_class AND r.id = x.run_id
    JOIN lanes ON lanes.queue_id = x.queue_id
    LEFT JOIN keys ON keys.id = x.key_limit_id
    LEFT JOIN deployments dep ON dep.id = x.deployment_id LEFT JOIN flow f ON f.id = dep.flow_id
   ORDER BY x.priority, x.rank, x.run_id`;
