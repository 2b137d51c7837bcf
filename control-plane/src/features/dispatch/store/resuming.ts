/** Parents that want their slots back. As `signalbox_system`. */
import type { Sql } from '../../../platform/sql.ts';

/** How many more runs may hold the pool, and each of its limited queues; null: no limit. */
export type Room = { readonly pool: number | null; readonly queues: ReadonlyMap<string, number> };
export type Resuming = { readonly runId: string; readonly workspaceId: string };
type Candidate = Resuming & { readonly queueId: string; readonly deploymentId: string; readonly keyLimitId: string | null };

/** Most that are looked at in one transaction. */
const MOST_AT_ONCE = 200;

/** Pools in which anybody waits so: one index probe a pool. Index: run_dispatch_resume. */
export async function listResumingPools(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `WITH RECURSIVE resuming (id) AS (
       (SELECT pool_id FROM run_dispatch WHERE resume_since IS NOT NULL ORDER BY pool_id LIMIT 1)
       UNION ALL
       SELECT (SELECT d.pool_id FROM run_dispatch d WHERE d.resume_since IS NOT NULL AND d.pool_id > resuming.id ORDER BY d.pool_id LIMIT 1)
       FROM resuming WHERE resuming.id IS NOT NULL
     ) SELECT id FROM resuming WHERE id IS NOT NULL`,
    [],
    'resuming-pools',
  );
  return rows.map((row) => row.id);
}

/** Null when nobody waits in this pool: then nothing is locked. Locks the pool's row, as claims do, and counts as they do. */
export async function lockRoom(sql: Sql, poolId: string): Promise<Room | null> {
  const [anybody] = await sql.query(
    'SELECT 1 FROM run_dispatch WHERE pool_id = $1::uuid AND resume_since IS NOT NULL LIMIT 1',
    [poolId],
    'anybody-resumes',
  );
  if (!anybody) return null;
  const [pool] = await sql.query<{ room: number | null }>(
    `SELECT CASE WHEN p.concurrency_limit IS NOT NULL THEN
       limit_room(p.concurrency_limit, (SELECT count(*) FROM holder h WHERE h.pool_id = p.id)) END AS room
     FROM (SELECT id, concurrency_limit FROM work_pool WHERE id = $1::uuid FOR NO KEY UPDATE) p`,
    [poolId],
  );
  const queues = await sql.query<{ id: string; room: number }>(
    `SELECT q.id, limit_room(q.concurrency_limit, (SELECT count(*) FROM holder h WHERE h.pool_id = q.pool_id AND h.queue_id = q.id)) AS room
     FROM work_queue q WHERE q.pool_id = $1::uuid AND q.concurrency_limit IS NOT NULL`,
    [poolId],
  );
  return { pool: pool?.room ?? null, queues: new Map(queues.map(({ id, room }) => [id, room])) };
}

/** Who can go on, longest waiting first. Locks their limited deployments by id ascending; order by run_dispatch_resume. */
export async function pickResuming(sql: Sql, poolId: string, room: Room): Promise<Resuming[]> {
  const candidates = await sql.query<Candidate>(
    `SELECT d.run_id AS "runId", d.workspace_id AS "workspaceId", d.queue_id AS "queueId", d.deployment_id AS "deploymentId",
       d.key_limit_id AS "keyLimitId"
     FROM run_dispatch d WHERE d.pool_id = $1::uuid AND d.resume_since IS NOT NULL ORDER BY d.resume_since, d.run_id LIMIT ${MOST_AT_ONCE}`,
    [poolId],
    'resuming-runs',
  );
  const deployments = await lockDeploymentRoom(sql, [...new Set(candidates.map(({ deploymentId }) => deploymentId))]);
  const keys = await readKeyRoom(sql, candidates);
  const queues = new Map(room.queues);
  let left = room.pool ?? Number.POSITIVE_INFINITY;
  return candidates.filter(({ queueId, deploymentId, keyLimitId }) => {
    const [queue, deployment, key] = [queues.get(queueId), deployments.get(deploymentId), keys.get(keyLimitId ?? '')];
    if (
      left <= 0 ||
      (key !== undefined && key <= 0) ||
      (queue !== undefined && queue <= 0) ||
      (deployment !== undefined && deployment <= 0)
    )
      return false;
    left--;
    if (keyLimitId && key !== undefined) keys.set(keyLimitId, key - 1);
    if (queue !== undefined) queues.set(queueId, queue - 1);
    if (deployment !== undefined) deployments.set(deploymentId, deployment - 1);
    return true;
  });
}

async function lockDeploymentRoom(sql: Sql, deploymentIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await sql.query<{ id: string; room: number }>(
    `SELECT dep.id, limit_room(dep.concurrency_limit, (SELECT count(*) FROM holder h WHERE h.deployment_id = dep.id)) AS room
     FROM (SELECT id, concurrency_limit FROM deployment WHERE id = ANY ($1::uuid[]) AND (concurrency_limit IS NOT NULL OR key_limit IS NOT NULL) ORDER BY id FOR NO KEY UPDATE) dep`,
    [deploymentIds],
  );
  return new Map(rows.map(({ id, room }) => [id, room]));
}

/** Room of the keys of these runs, their deployments locked. Index: holder_key. */
async function readKeyRoom(sql: Sql, candidates: readonly Candidate[]): Promise<Map<string, number>> {
  const keyed = candidates.filter(({ keyLimitId }) => keyLimitId !== null);
  if (keyed.length === 0) return new Map();
  const rows = await sql.query<{ id: string; room: number }>(
    `SELECT u.id, limit_room(dep.key_limit, (SELECT count(*) FROM holder h WHERE h.key_limit_id = u.id)) AS room
     FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS x (id, deployment_id)) u JOIN deployment dep ON dep.id = u.deployment_id`,
    [keyed.map(({ keyLimitId }) => keyLimitId), keyed.map(({ deploymentId }) => deploymentId)],
  );
  return new Map(rows.map(({ id, room }) => [id, room]));
}
