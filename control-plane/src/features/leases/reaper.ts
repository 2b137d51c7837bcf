/**
 * The one enforcer of deadlines: no state without an owner and a deadline, and this is what happens when either ends.
 * It only finds whose time is up; what follows is the machine's decision. Any number may run at once (SKIP LOCKED).
 */
import type { Intent } from '../../domain/run-snapshot.ts';
import { retried } from '../../platform/db.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { afterCommit, type DispatchCtx, transitionRuns } from '../dispatch/index.ts';
import { expireQuestions } from '../pauses/index.ts';
import { lockOverdueRuns, type Overdue } from './store/overdue-runs.ts';

/** Most runs of one transaction. */
export const REAP_AT_A_TIME = 500;

/** Its flow goes on without an answer. */
const TIME_UP: Intent = { kind: 'resume', by: 'the deadline of its question' };

type ReaperCtx = Pick<DispatchCtx, 'db' | 'bus' | 'log' | 'settings'>;

/** Deals with up to `limit` runs whose time is up. `limit` of them: more may be waiting. */
export async function reap(ctx: ReaperCtx, limit = REAP_AT_A_TIME): Promise<number> {
  const { count, effects } = await retried(() =>
    inTransaction(ctx.db.systemSql, async (sql) => {
      const overdue = await lockOverdueRuns(sql, limit);
      const asked = overdue.filter((run) => run.type === 'PAUSED' && intentOf(run).kind === 'expire');
      const expired = await expireQuestions(
        sql,
        asked.map(({ runId }) => runId),
      );
      const goOn = new Set(expired.map(({ runId }) => runId));
      const { effects } = await transitionRuns(
        sql,
        overdue.map((run) => ({ runId: run.runId, intent: goOn.has(run.runId) ? TIME_UP : intentOf(run) })),
        ctx.settings,
      );
      const wakes = expired.map(({ workspaceId, runId }) => ({ kind: 'wake-run' as const, workspaceId, runId }));
      return { count: overdue.length, effects: [...effects, ...wakes] };
    }),
  );
  await afterCommit(ctx, effects);
  return count;
}

/** Losing its agent goes before its own deadline: nobody failed to start what nobody was there to start. */
export function intentOf({ type, name, isHeld, isSilent, isUnnamed }: Overdue): Intent {
  if (!isHeld) return { kind: 'expire' };
  if (name === 'Lost') return { kind: 'lost-deadline' };
  if (isSilent) return { kind: 'lose', why: 'silent' };
  if (isUnnamed) return { kind: 'lose', why: 'unnamed' };
  return { kind: type === 'PAUSED' ? 'expire' : 'start-timeout' };
}
