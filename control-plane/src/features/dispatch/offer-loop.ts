/**
 * Tells agents that their pool has work. An offer holds no run: which run it becomes is decided by the claim. So
 * nothing is marked, a lost offer is made good by the next round, and one too many costs an empty claim.
 *
 * Offers go out at once on a nudge, when a run's due instant comes near (a round every 200 ms), and every 5 s for as
 * long as ready work remains and an agent is there.
 */

import { type Loop, startLoop } from '../../platform/loop.ts';
import { offers } from '../../platform/metrics.ts';
import { BRISK_LEASE_SECONDS } from '../../platform/shards.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import type { DispatchCtx } from './settings.ts';
import { listReadyPools, MOST_OFFERS, type ReadyPool, shardOfPool } from './store/ready-pools.ts';

export const OFFER_SHARDS = 4;
const ROUND_MS = 200;
const REOFFER_MS = 5_000;
/** Offers a pool is sent unread between two rounds, and how soon after the first of them a round counts the rest. */
const UNREAD_OFFERS = 8;
const ROUND_AFTER_NUDGE_MS = 20;

type Held = ReadonlyMap<number, number>;

/** State of one replica's offering; `round` and `nudged` are what the loop and the bus call. */
export function openOffers(ctx: Pick<DispatchCtx, 'bus' | 'db' | 'shards' | 'settings' | 'log'>, clock: () => number = Date.now) {
  let held: Held = new Map();
  let sequence = 0;
  let since: Date | null = null;
  const offeredAt = new Map<string, number>();
  /** Offers sent on a nudge since the last round, by pool. */
  const unread = new Map<string, number>();

  const publish = async (pool: { workspaceId: string; poolId: string }, count: number): Promise<void> => {
    const lease = held.get(shardOfPool(pool.poolId, OFFER_SHARDS));
    if (lease === undefined || count < 1) return;
    offeredAt.set(pool.poolId, clock());
    const messageIds = Array.from({ length: Math.min(count, MOST_OFFERS) }, () => `${pool.poolId}:${lease}:${++sequence}`);
    const sent = await Promise.allSettled(messageIds.map((messageId) => ctx.bus.publishOffer({ ...pool, messageId })));
    offers.inc(sent.filter(({ status }) => status === 'fulfilled').length);
    const failed = sent.find((one) => one.status === 'rejected');
    // Offered again in a moment: forget that it was.
    if (failed) offeredAt.delete(pool.poolId);
    if (failed) ctx.log.warn({ err: failed.reason, poolId: pool.poolId }, 'an offer could not be published');
  };

  const holdShards = (): Promise<Held> =>
    ctx.shards.holdAll(
      'offers',
      Array.from({ length: OFFER_SHARDS }, (_, shard) => shard),
      BRISK_LEASE_SECONDS,
    );

  const owed = ({ poolId, ready, fresh }: ReadyPool): number => {
    const sent = unread.get(poolId);
    if (sent !== undefined) return ready - sent;
    const waitedMs = clock() - (offeredAt.get(poolId) ?? Number.NEGATIVE_INFINITY);
    return waitedMs >= REOFFER_MS ? ready : fresh;
  };

  return {
    /** A replica says that this pool has work: one offer at once; the next round counts how many more. */
    nudged(pool: { workspaceId: string; poolId: string }): void {
      if (!held.has(shardOfPool(pool.poolId, OFFER_SHARDS))) return;
      const sent = unread.get(pool.poolId) ?? 0;
      if (sent >= UNREAD_OFFERS) return;
      unread.set(pool.poolId, sent + 1);
      void publish(pool, 1);
    },
    async holdShards(): Promise<void> {
      held = await holdShards();
    },
    /** Looks once over the pools of the shards held. */
    async round(): Promise<void> {
      if (held.size === 0) return;
      const where = {
        shards: [...held.keys()],
        shardCount: OFFER_SHARDS,
        since: since ?? new Date(0),
        prefetchMs: ctx.settings.prefetchMs,
      };
      const { pools, now } = await listReadyPools(sqlOfClient(ctx.db.systemSql), where);
      const ready = new Set(pools.map(({ poolId }) => poolId));
      const counts = pools.map((pool) => ({ pool, count: owed(pool) }));
      unread.clear();
      await Promise.all(counts.map(({ pool, count }) => publish(pool, count)));
      for (const poolId of offeredAt.keys()) if (!ready.has(poolId)) offeredAt.delete(poolId);
      since = now;
    },
  };
}

/** Runs the offering of this replica. */
export function startOfferLoops(ctx: DispatchCtx): Loop[] {
  const offering = openOffers(ctx);
  const rounds = startLoop({ name: 'offers', everyMs: ROUND_MS, run: () => offering.round(), log: ctx.log });
  const shards = startLoop({ name: 'offer-shards', everyMs: 1_000, run: () => offering.holdShards(), log: ctx.log });
  let soon: NodeJS.Timeout | null = null;
  const silence = ctx.bus.onNudge((pool) => {
    offering.nudged(pool);
    soon ??= setTimeout(() => {
      soon = null;
      rounds.kick();
    }, ROUND_AFTER_NUDGE_MS);
  });
  const stop = async () => {
    silence();
    if (soon) clearTimeout(soon);
    await shards.stop();
  };
  return [rounds, { ...shards, stop }];
}
