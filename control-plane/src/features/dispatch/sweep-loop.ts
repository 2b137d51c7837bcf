/** Repairs of every second: waiters whose wake-up was lost, runs that became late, answers of claims that are old. */
import { type Loop, startLoop } from '../../platform/loop.ts';
import { BRISK_LEASE_SECONDS } from '../../platform/shards.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { afterCommit } from './after-commit.ts';
import { resolveCollision } from './collisions.ts';
import { endChildren } from './end-children.ts';
import { resumeParents } from './resume-parents.ts';
import type { DispatchCtx } from './settings.ts';
import { parkColliding } from './store/collisions.ts';
import { listResumingPools } from './store/resuming.ts';
import { tellSlotSaturation } from './store/saturation.ts';
import { deleteOldClaims, markLate, rankFair, repairMarks } from './store/sweeps.ts';
import { listParkedLimits, wakeWaiters } from './store/waiters.ts';

type SweepCtx = Pick<DispatchCtx, 'bus' | 'db' | 'log'>;

/** Wakes whoever waits for a limit that has room; cancels whoever waits where nobody is to wait. */
export async function sweepWaiters(ctx: SweepCtx): Promise<void> {
  const sql = sqlOfClient(ctx.db.systemSql);
  for (const { deploymentId, limitId, strategy } of await listParkedLimits(sql)) {
    for (const pool of await wakeWaiters(sql, deploymentId, limitId)) ctx.bus.nudge(pool.workspaceId, pool.poolId);
    if (strategy && strategy !== 'ENQUEUE') await resolveCollision(ctx, { deploymentId, limitId });
  }
}

/** Runs of full deployments that cancel do not wait for an agent's free slot to learn of it. */
export async function sweepCollisions(ctx: SweepCtx): Promise<void> {
  await parkColliding(sqlOfClient(ctx.db.systemSql));
}

/** Seconds between two looks: a claim tells of most collisions at once. */
const COLLISIONS_EVERY = 5;

/** How long runs wait for a limit without a break, or none does, until an event says so. */
const HOLD_SECONDS = 10;

/** Tells which limits of pools, queues and deployments are waited for. */
export async function sweepSaturation(ctx: SweepCtx, holdSeconds = HOLD_SECONDS): Promise<void> {
  await tellSlotSaturation(sqlOfClient(ctx.db.systemSql), holdSeconds);
}

/** Parents that want their slots back, and children of parents that ended, whose hint was lost. */
export async function sweepFamilies(ctx: SweepCtx): Promise<void> {
  await afterCommit(ctx, await endChildren(ctx));
  for (const poolId of await listResumingPools(sqlOfClient(ctx.db.systemSql))) await afterCommit(ctx, await resumeParents(ctx, poolId));
}

/** Runs that wait below where claims begin to read are found again; those of fair queues get their place. */
export async function sweepOrder(ctx: SweepCtx): Promise<void> {
  const sql = sqlOfClient(ctx.db.systemSql);
  await repairMarks(sql);
  await rankFair(sql);
}

/** Marks what became late since `from`, each run once; answers from where to go on. */
export async function sweepLate(ctx: SweepCtx, from: Date | null): Promise<Date | null> {
  const { marked, next } = await markLate(sqlOfClient(ctx.db.systemSql), from);
  await afterCommit(
    ctx,
    marked.map((run) => ({ kind: 'live', ...run })),
  );
  return next;
}

export function startSweepLoop(ctx: DispatchCtx): Loop {
  let lateFrom: Date | null = null;
  let turns = 0;
  const run = async () => {
    if ((await ctx.shards.hold('sweeps', 0, BRISK_LEASE_SECONDS)) === null) return;
    if (turns % COLLISIONS_EVERY === 0) await sweepCollisions(ctx);
    await sweepWaiters(ctx);
    await sweepFamilies(ctx);
    await sweepOrder(ctx);
    lateFrom = await sweepLate(ctx, lateFrom);
    await sweepSaturation(ctx);
    if (turns++ % 60 === 0) await deleteOldClaims(sqlOfClient(ctx.db.systemSql));
  };
  return startLoop({ name: 'sweeps', everyMs: 1_000, run, log: ctx.log });
}
