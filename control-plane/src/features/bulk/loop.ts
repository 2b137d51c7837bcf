/**
 * Works jobs off, a batch of each in turn. Jobs are spread over replicas by shards; that two replicas ever meet costs
 * nothing, since a batch locks its job.
 *
 * A batch is followed by a rest of half its length, so that jobs take two thirds of one connection at most and runs go
 * on being dispatched. Stopping lets the batch end; the rest of the job is in its row.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { ShardLeases } from '../../platform/shards.ts';
import { type BulkCtx, type JobRef, runBatch } from './run-batch.ts';

const LOOP = 'bulk';
const EVERY_MS = 1_000;
const SHARDS = 8;
const AT_A_TIME = 32;
const REST_SHARE = 0.5;
/** Batches that fail in a row, the database being there: then the job is given up, and a person may resume it. */
const GIVE_UP_AFTER = 20;

export type BulkDeps = BulkCtx & { readonly shards: ShardLeases; readonly log: LoopLog };

export function startBulkLoop(deps: BulkDeps): Loop {
  return startLoop({ name: LOOP, everyMs: EVERY_MS, log: deps.log, run: (signal) => runJobs(deps, signal) });
}

/** One batch of every job that runs; `again` when any has more. */
export async function runJobs(deps: BulkDeps, signal: AbortSignal): Promise<'again' | undefined> {
  // bulk_job_running: nothing in it is one probe.
  const { rows } = await deps.db.systemSql.query<JobRef>(
    `SELECT id, workspace_id AS "workspaceId" FROM bulk_job WHERE status = 'running' ORDER BY id LIMIT ${AT_A_TIME}`,
  );
  let more = false;
  for (const job of rows) {
    if (signal.aborted) return undefined;
    if ((await deps.shards.hold(LOOP, shardOf(job.id))) === null) continue;
    const startedAt = performance.now();
    const answer = await runBatch(deps, job).catch((error: unknown) => blame(deps, job, error));
    more ||= answer === 'more';
    await sleep((performance.now() - startedAt) * REST_SHARE, undefined, { signal }).catch(() => {});
  }
  return more ? 'again' : undefined;
}

function shardOf(id: string): number {
  return Number.parseInt(id.slice(-2), 16) % SHARDS;
}

async function blame(deps: BulkDeps, job: JobRef, error: unknown): Promise<'idle'> {
  deps.log.error({ err: error, job: job.id }, 'a batch of a bulk job failed');
  await deps.db.systemSql.query(
    `UPDATE bulk_job SET failures_in_row = failures_in_row + 1, updated_at = now(),
       status = CASE WHEN failures_in_row + 1 >= ${GIVE_UP_AFTER} THEN 'failed' ELSE status END,
       ended_at = CASE WHEN failures_in_row + 1 >= ${GIVE_UP_AFTER} THEN now() END,
       problem = CASE WHEN failures_in_row + 1 >= ${GIVE_UP_AFTER} THEN 'Its batches failed ${GIVE_UP_AFTER} times in a row; the log of the control plane says why. Resume it to go on.' END
     WHERE id = $1 AND status = 'running'`,
    [job.id],
  );
  return 'idle';
}
