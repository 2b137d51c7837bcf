/** What follows a committed change of runs: wake-ups and hints, none of them a truth. */
import { toId } from '@signalbox/proto';
import type { LiveEvent } from '@signalbox/proto/api';
import type { PauseKind } from '@signalbox/proto/messages';
import type { CommandVerb } from '@signalbox/proto/subjects';
import type pg from 'pg';
import { sqlOfClient } from '../../platform/sql.ts';
import type { UsageMeter } from '../../platform/usage.ts';
import { endChildren } from './end-children.ts';
import { resumeParents } from './resume-parents.ts';
import { readHolder } from './store/read-holder.ts';
import { listReadyPools } from './store/ready-pools.ts';
import { nextInLine } from './store/slot-line.ts';
import { type Pool, wakeWaiters } from './store/waiters.ts';

export type AfterCommit =
  /** Runs were made: they count for what the workspace may use. */
  | { readonly kind: 'made'; readonly workspaceId: string; readonly runs: number }
  /** A run changed: live pages look again. */
  | { readonly kind: 'live'; readonly workspaceId: string; readonly runId: string }
  /** A pool may have work to hand out. */
  | { readonly kind: 'offer'; readonly workspaceId: string; readonly poolId: string }
  /** A slot of a deployment's limit became free, or the limit changed; with `keyLimitId`, of one of its keys. */
  | { readonly kind: 'wake'; readonly deploymentId: string; readonly keyLimitId?: string }
  /** What a running flow waits for may have come: it asks again. Whoever holds the run is told. */
  | { readonly kind: 'wake-run'; readonly workspaceId: string; readonly runId: string }
  /** Slots of named limits became free, or the limits changed: whose turn it is asks again. */
  | { readonly kind: 'wake-line'; readonly limitIds: readonly string[] }
  /** Slots of a pool became free: parents whose children have ended go before new claims. */
  | { readonly kind: 'resume-parents'; readonly poolId: string }
  /** Parents ended, or are being cancelled: what becomes of their children is decided. */
  | { readonly kind: 'end-children' }
  | { readonly kind: 'cancel'; readonly workspaceId: string; readonly agentId: string; readonly runId: string; readonly epoch: number }
  | {
      readonly kind: 'hold';
      readonly workspaceId: string;
      readonly agentId: string;
      readonly runId: string;
      readonly epoch: number;
      readonly how: PauseKind;
      readonly key: string;
    };

export type AfterCommitCtx = {
  readonly bus: {
    live(workspaceId: string, event: LiveEvent): void;
    nudge(workspaceId: string, poolId: string): void;
    command(workspaceId: string, agentId: string, verb: CommandVerb, body: unknown): Promise<void>;
  };
  readonly db: { readonly systemSql: pg.Pool };
  readonly log: { warn(fields: object, message: string): void };
  /** Absent where nothing is made. */
  readonly usage?: Pick<UsageMeter, 'count'>;
};

/**
 * What freed slots, first of all: wakes whom they let go on, and answers the pools that have work now. A pool in `told` is not offered
 * at once: an agent of it hears of it in the answer to its report, and only what nobody claimed soon after is offered.
 */
export async function afterFreeing(
  ctx: AfterCommitCtx,
  effects: readonly AfterCommit[],
  told: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const woken = new Map<string, Pool>();
  const nudge = (workspaceId: string, poolId: string) => void woken.set(poolId, { workspaceId, poolId });
  await afterCommit({ ...ctx, bus: { ...ctx.bus, nudge } }, effects.filter(isFreeing));
  for (const pool of woken.values()) {
    if (told.has(pool.poolId)) offerWhatIsLeft(ctx, pool);
    else ctx.bus.nudge(pool.workspaceId, pool.poolId);
  }
  return new Set(woken.keys());
}

export const isFreeing = ({ kind }: AfterCommit): boolean => kind === 'wake' || kind === 'offer';

/** An agent that was told claims within this time, or has died. */
const CLAIMED_WITHIN_MS = 100;
const looking = new Set<string>();

/** Soon, when whoever was told of the work has claimed what it can: is there more, the pool is nudged. */
export function offerWhatIsLeft(
  ctx: Pick<AfterCommitCtx, 'db' | 'log'> & { readonly bus: Pick<AfterCommitCtx['bus'], 'nudge'> },
  { workspaceId, poolId }: Pool,
): void {
  if (looking.has(poolId)) return;
  looking.add(poolId);
  setTimeout(async () => {
    looking.delete(poolId);
    try {
      const where = { shards: [], shardCount: 1, poolIds: [poolId], since: new Date(), prefetchMs: 0 };
      const { pools } = await listReadyPools(sqlOfClient(ctx.db.systemSql), where);
      if (pools.length > 0) ctx.bus.nudge(workspaceId, poolId);
    } catch (error) {
      ctx.log.warn({ err: error, poolId }, 'what is left of a pool was not offered; a loop will make up for it');
    }
  }, CLAIMED_WITHIN_MS).unref();
}

/**
 * Carries effects out, each once however often it is named. Never throws: a hint that is lost costs time only
 * (offers are repeated, waiters swept each second, cancels repeated in renewals).
 */
export async function afterCommit(ctx: AfterCommitCtx, effects: readonly AfterCommit[]): Promise<void> {
  // One a run: most of all effects, and told of once by the bus.
  for (const effect of effects) if (effect.kind === 'live') tellLive(ctx, effect);
  const others = effects.filter(({ kind }) => kind !== 'live');
  const once = [...new Map(others.map((effect) => [JSON.stringify(effect), effect])).values()];
  await Promise.all(
    once.map(async (effect) => {
      try {
        await carryOut(ctx, effect);
      } catch (error) {
        ctx.log.warn({ err: error, effect: effect.kind }, 'a hint was lost; a loop will make up for it');
      }
    }),
  );
}

function tellLive(ctx: AfterCommitCtx, { workspaceId, runId }: Extract<AfterCommit, { kind: 'live' }>): void {
  ctx.bus.live(workspaceId, { kind: 'run', id: toId('run', runId), what: ['state'] });
}

async function carryOut(ctx: AfterCommitCtx, effect: AfterCommit): Promise<void> {
  switch (effect.kind) {
    case 'made':
      return ctx.usage?.count(effect.workspaceId, 'runs', effect.runs);
    case 'live':
      return tellLive(ctx, effect);
    case 'offer':
      return ctx.bus.nudge(effect.workspaceId, effect.poolId);
    case 'wake':
      for (const pool of await wakeWaiters(sqlOfClient(ctx.db.systemSql), effect.deploymentId, effect.keyLimitId))
        ctx.bus.nudge(pool.workspaceId, pool.poolId);
      return;
    case 'cancel':
      return ctx.bus.command(effect.workspaceId, effect.agentId, 'cancel', { v: 1, run: toId('run', effect.runId), epoch: effect.epoch });
    case 'resume-parents':
      return afterCommit(ctx, await resumeParents(ctx, effect.poolId));
    case 'end-children':
      return afterCommit(ctx, await endChildren(ctx));
    case 'wake-line': {
      const next = await nextInLine(sqlOfClient(ctx.db.systemSql), effect.limitIds);
      return afterCommit(
        ctx,
        next.map((run) => ({ kind: 'wake-run', ...run })),
      );
    }
    case 'hold': {
      const { workspaceId, agentId, runId, epoch, how, key } = effect;
      return ctx.bus.command(workspaceId, agentId, 'hold', { v: 1, run: toId('run', runId), epoch, how, key });
    }
    case 'wake-run': {
      const holder = await readHolder(sqlOfClient(ctx.db.systemSql), effect.runId);
      if (!holder) return;
      return ctx.bus.command(effect.workspaceId, holder.agentId, 'wake', { v: 1, run: toId('run', effect.runId), epoch: holder.epoch });
    }
    default:
      return effect satisfies never;
  }
}
