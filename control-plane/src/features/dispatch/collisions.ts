/**
 * Limits whose deployment cancels instead of letting runs wait. The claim parks whoever meets a full limit and names it;
 * who is cancelled is decided here, right after its commit, and again by the sweep of each second.
 */

import { collide } from '../../domain/rules/concurrency.ts';
import { retried } from '../../platform/db.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type AfterCommit, type AfterCommitCtx, afterCommit } from './after-commit.ts';
import { type LimitRuns, lockCollidingLimit } from './store/collisions.ts';
import { transitionRuns } from './transition.ts';

export type CollidingLimit = { readonly deploymentId: string; readonly limitId: string };

/** Cancels what the deployment's strategy says, through the run machine. Never throws: the sweep comes by again. */
export async function resolveCollision(ctx: AfterCommitCtx, limit: CollidingLimit): Promise<void> {
  try {
    await afterCommit(ctx, await retried(() => cancelLosers(ctx, limit)));
  } catch (error) {
    ctx.log.warn({ err: error, deploymentId: limit.deploymentId }, 'a collision could not be resolved; the sweep tries again');
  }
}

/** Holds the deployment's row, so that nobody is woken meanwhile, then runs by id: the lock order. */
function cancelLosers(ctx: AfterCommitCtx, limit: CollidingLimit): Promise<readonly AfterCommit[]> {
  return inTransaction(ctx.db.systemSql, async (sql) => {
    const found = await lockCollidingLimit(sql, limit.deploymentId, limit.limitId);
    if (!found) return [];
    const losers = collide(
      found.strategy,
      found.limit,
      found.holding,
      found.waiting.map(({ runId }) => runId),
      found.byAge,
    );
    const cancel = (runId: string, by: string) => ({ runId, intent: { kind: 'cancel' as const, by } });
    const requests = [
      ...losers.waiting.map((runId) => cancel(runId, whyWaiting(found))),
      ...losers.holding.map((runId) => cancel(runId, `${limitText(found)}: ${named(found.waiting.slice(-found.limit))} took its place`)),
    ];
    return (await transitionRuns(sql, requests)).effects;
  });
}

function whyWaiting(found: LimitRuns): string {
  if (found.strategy === 'CANCEL_OLD') return `${limitText(found)}: newer runs took its place`;
  return `${limitText(found)}: held by ${named(found.holding)}`;
}

function limitText({ limit, deployment, key }: LimitRuns): string {
  return `the limit of ${limit} at once of deployment "${deployment}"${key === null ? '' : ` for "${key}"`}`;
}

const NAMED = 3;

function named(runs: readonly { readonly name: string }[]): string {
  const more = runs.length - NAMED;
  return `${runs
    .slice(0, NAMED)
    .map(({ name }) => `"${name}"`)
    .join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
