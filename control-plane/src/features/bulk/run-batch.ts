/**
 * One batch of one job: the next runs below its cursor are changed, counted, and the cursor moved, in one transaction.
 *
 * Locks: the job's row first (SKIP LOCKED: of two replicas one works, whoever holds the shard), then what the action
 * locks, runs by id. A batch that fails is done again run by run, each behind a savepoint, so that a run that cannot be
 * changed is counted as failed and holds up no other.
 */
import { toId } from '@signalbox/proto';
import { BULK_SKIPS, type BulkAction, type RunFilter } from '@signalbox/proto/api';
import { type Db, sqlState } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import { type Sql, sqlOfTx } from '../../platform/sql.ts';
import { type AfterCommitCtx, afterCommit } from '../dispatch/index.ts';
import { IN_ORDER, idBoundsOf, matching, resolveFilter, scanBack, statement } from '../runs/index.ts';
import { ACTIONS, type Acting, type Outcome } from './actions.ts';
import type { JobOptions, Sample, Skipped } from './store.ts';

/** Runs of one batch: a transaction of a fraction of a second. */
export const BATCH = 500;
const SAMPLES_MAX = 20;
/** After the scan's own limit of time: what the pool says. */
const STATEMENT_TIMEOUT_MS = '30000';
/** Worth doing the whole transaction again. */
const RETRIED_AS_A_WHOLE = new Set(['40001', '40P01']);

export type BulkCtx = AfterCommitCtx & { readonly db: Pick<Db, 'inWorkspace' | 'systemSql'> };
export type JobRef = { readonly id: string; readonly workspaceId: string };

type JobRow = {
  action: BulkAction;
  filter: RunFilter;
  reason: string | null;
  options: JobOptions;
  actor_name: string;
  cursor_id: string;
  skipped: Skipped;
  samples: Sample[];
};

/** `more`: runs are left. `over`: none are. `idle`: it is paused, over, or another replica works on it. */
export async function runBatch(ctx: BulkCtx, job: JobRef, size = BATCH): Promise<'more' | 'over' | 'idle'> {
  const { answer, effects } = await ctx.db.inWorkspace(job.workspaceId, (tx) => batch(sqlOfTx(tx), job, size));
  await afterCommit(ctx, effects);
  if (answer !== 'idle') ctx.bus.live(job.workspaceId, { kind: 'bulk', id: toId('bulkJob', job.id) });
  return answer;
}

async function batch(sql: Sql, ref: JobRef, size: number): Promise<{ answer: 'more' | 'over' | 'idle'; effects: Outcome['effects'] }> {
  const [job] = await sql.query<JobRow>(
    `SELECT action, filter, reason, options, actor_name, cursor_id, skipped, samples FROM bulk_job
     WHERE id = $1::uuid AND workspace_id = $2::uuid AND status = 'running' FOR UPDATE SKIP LOCKED`,
    [ref.id, ref.workspaceId],
  );
  if (!job) return { answer: 'idle', effects: [] };

  const next = await nextRuns(sql, ref, job, size);
  if (next === null) return { answer: 'over', effects: [] };
  const { runs, cursor } = next;
  // Functions of transitions keep the plan of their first call on a connection; made while few runs were live, it would
  // compare each run of a batch with all of them. Planning anew costs a few milliseconds a batch.
  await sql.query('DISCARD PLANS');
  const by = `${job.actor_name}, in bulk${job.reason === null ? '' : ` ("${job.reason}")`}`;
  const { done, failed, skipped, effects } = await act(
    sql,
    job.action,
    { workspaceId: ref.workspaceId, by, reason: job.reason, options: job.options },
    runs,
  );

  const counts: Skipped = { ...job.skipped };
  for (const { why } of skipped) counts[why] = (counts[why] ?? 0) + 1;
  const samples = [
    ...job.samples,
    ...failed.map(({ run, reason }) => ({ run, outcome: 'failed' as const, reason })),
    ...skipped.map(({ run, why, reason }) => ({ run, outcome: 'skipped' as const, reason: reason ?? BULK_SKIPS[why] })),
  ].slice(0, SAMPLES_MAX);
  await sql.query(
    `UPDATE bulk_job SET cursor_id = coalesce($2::uuid, cursor_id), done = done + $3, failed = failed + $4, skipped = $5::jsonb, samples = $6::jsonb,
       failures_in_row = 0, updated_at = now(), status = CASE WHEN $2::uuid IS NULL THEN 'done' ELSE status END,
       ended_at = CASE WHEN $2::uuid IS NULL THEN now() END WHERE id = $1::uuid`,
    [ref.id, cursor, done, failed.length, JSON.stringify(counts), JSON.stringify(samples)],
  );
  return { answer: cursor === null ? 'over' : 'more', effects };
}

/** The next ids, newest first, and where to go on; a null cursor: that was all. Null: the filter names what is gone. */
async function nextRuns(sql: Sql, ref: JobRef, job: JobRow, size: number): Promise<{ runs: string[]; cursor: string | null } | null> {
  try {
    const resolved = await resolveFilter(sql, ref.workspaceId, job.filter);
    await sql.query(IN_ORDER);
    const { rows, lookedTo } = await scanBack<{ id: string }>(sql, idBoundsOf(resolved, job.cursor_id), {
      enough: size,
      nowMs: Date.now(),
      window: (bounds, missing) =>
        statement((bind) => {
          const limit = bind(missing);
          const page = matching({ workspaceId: ref.workspaceId, resolved, bounds, bind }, () => 'r.id', {
            tail: (id) => `ORDER BY ${id} DESC LIMIT ${limit}`,
          });
          return `SELECT id FROM (${page}) r ORDER BY id DESC LIMIT ${limit}`;
        }),
    });
    await sql.query(`SELECT set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}', true)`);
    return { runs: rows.map(({ id }) => id), cursor: lookedTo ?? (rows.length === size ? (rows.at(-1)?.id ?? null) : null) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    await sql.query(`UPDATE bulk_job SET status = 'failed', problem = $2, ended_at = now(), updated_at = now() WHERE id = $1::uuid`, [
      ref.id,
      error.message,
    ]);
    return null;
  }
}

type Acted = Outcome & { readonly failed: readonly { run: string; reason: string }[] };

async function act(sql: Sql, action: BulkAction, acting: Acting, runs: readonly string[]): Promise<Acted> {
  if (runs.length === 0) return { done: 0, skipped: [], effects: [], failed: [] };
  const whole = await guarded(sql, () => ACTIONS[action](sql, acting, runs));
  if (!('error' in whole)) return { ...whole, failed: [] };
  const all: {
    done: number;
    skipped: Outcome['skipped'][number][];
    effects: Outcome['effects'][number][];
    failed: Acted['failed'][number][];
  } = {
    done: 0,
    skipped: [],
    effects: [],
    failed: [],
  };
  for (const run of runs) {
    const one = await guarded(sql, () => ACTIONS[action](sql, acting, [run]));
    if ('error' in one) all.failed.push({ run, reason: one.error.message.slice(0, 300) });
    else {
      all.done += one.done;
      all.skipped.push(...one.skipped);
      all.effects.push(...one.effects);
    }
  }
  return all;
}

/** The error of the database, taken back to the savepoint; one that the whole transaction is repeated for is thrown. */
async function guarded(sql: Sql, work: () => Promise<Outcome>): Promise<Outcome | { error: Error }> {
  await sql.query('SAVEPOINT act');
  try {
    const outcome = await work();
    await sql.query('RELEASE SAVEPOINT act');
    return outcome;
  } catch (error) {
    if (!(error instanceof Error) || RETRIED_AS_A_WHOLE.has(sqlState(error) ?? '')) throw error;
    await sql.query('ROLLBACK TO SAVEPOINT act');
    return { error };
  }
}
