/** What a batch does to its runs: the transitions and rules of the single commands, in bulk. */
import type { BulkAction, BulkSkip } from '@signalbox/proto/api';
import type { Intent } from '../../domain/run-snapshot.ts';
import type { Sql } from '../../platform/sql.ts';
import { type AfterCommit, transitionRuns } from '../dispatch/index.ts';
import { deleteRecords } from '../runs/index.ts';
import type { JobOptions } from './store.ts';

export type Acting = { readonly workspaceId: string; readonly by: string; readonly reason: string | null; readonly options: JobOptions };
export type Outcome = {
  readonly done: number;
  readonly skipped: readonly { readonly run: string; readonly why: BulkSkip; readonly reason?: string }[];
  readonly effects: readonly AfterCommit[];
};

export const ACTIONS: Readonly<Record<BulkAction, (sql: Sql, acting: Acting, runs: readonly string[]) => Promise<Outcome>>> = {
  cancel: (sql, { by }, runs) => move(sql, runs, { kind: 'cancel', by }),

  async retry(sql, { by, options, workspaceId }, runs) {
    const rows = await sql.query<{ id: string; deployment: boolean; pool: boolean }>(
      `SELECT r.id, d.id IS NOT NULL AS deployment, d.pool_id IS NOT NULL AS pool
         FROM run r LEFT JOIN deployment d ON d.id = r.deployment_id
        WHERE r.id = ANY ($1::uuid[]) AND r.id >= $2::uuid AND r.id <= $3::uuid AND r.workspace_id = $4::uuid`,
      [runs, ...boundsOf(runs), workspaceId],
    );
    const blocked = rows.flatMap(({ id, deployment, pool }) =>
      deployment && pool ? [] : [{ run: id, why: deployment ? ('no-pool' as const) : ('no-deployment' as const) }],
    );
    const left = runs.filter((id) => !blocked.some(({ run }) => run === id));
    const moved = await move(sql, left, { kind: 'retry-by-hand', by, mode: options.mode ?? 'from-failed' });
    return { ...moved, skipped: [...moved.skipped, ...blocked] };
  },

  'set-state': (sql, { by, options: { type = 'FAILED', name = type }, reason }, runs) =>
    move(sql, runs, { kind: 'force', by, to: { type, name, reason: reason ?? 'set in bulk' } }),

  async delete(sql, { workspaceId }, runs) {
    const { deleted, live, held } = await deleteRecords(sql, workspaceId, runs);
    const gone = runs.filter((id) => !deleted.includes(id) && !live.includes(id) && !held.includes(id));
    return {
      done: deleted.length,
      skipped: [
        ...live.map((run) => ({ run, why: 'not-ended' as const })),
        ...held.map((run) => ({ run, why: 'held' as const })),
        ...gone.map((run) => ({ run, why: 'gone' as const })),
      ],
      effects: deleted.map((runId) => ({ kind: 'live', workspaceId, runId })),
    };
  },
};

/** Runs of one call of the machine: what it writes is compared with itself, so that a call twice as long takes four times as long. */
const MOVED_AT_A_TIME = 64;

async function move(sql: Sql, runs: readonly string[], intent: Intent): Promise<Outcome> {
  let done = 0;
  const skipped: Outcome['skipped'][number][] = [];
  const effects: AfterCommit[] = [];
  // Ascending over all calls, as locks are taken.
  const sorted = runs.toSorted();
  for (let from = 0; from < sorted.length; from += MOVED_AT_A_TIME) {
    const requests = sorted.slice(from, from + MOVED_AT_A_TIME).map((runId) => ({ runId, intent }));
    const moved = await transitionRuns(sql, requests);
    effects.push(...moved.effects);
    for (const { runId, verdict } of moved.results) {
      if (verdict === null) skipped.push({ run: runId, why: 'gone' });
      else if (verdict.kind === 'accept') done++;
      else if (verdict.kind === 'wait') skipped.push({ run: runId, why: 'not-now' });
      else skipped.push({ run: runId, why: verdict.code === 'stale' ? 'not-now' : verdict.code, reason: verdict.reason });
    }
  }
  return { done, skipped, effects };
}

/** Lowest and highest id: leaves of other days are not opened. */
function boundsOf(runs: readonly string[]): [string | null, string | null] {
  const sorted = runs.toSorted();
  return [sorted[0] ?? null, sorted.at(-1) ?? null];
}
