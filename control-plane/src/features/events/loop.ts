/** Positions what was appended, and keeps days ahead and behind. One replica at a time by a shard's lease; two at once are harmless. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import type { RequestBus } from '../../platform/services.ts';
import { BRISK_LEASE_SECONDS, type ShardLeases } from '../../platform/shards.ts';
import { sequence } from './sequence.ts';

/** How soon after its commit an event is in the feed, at most: of one that no replica told of. */
const EVERY_MS = 100;
/**
 * Between two batches, unless more is waiting: many small ones would cost more than a few. Doubled each time that events came
 * during a rest, since a block has its price whatever is in it; back to the shortest with the first rest that nothing disturbed.
 */
const REST_MS = { least: 10, most: 40 };
const LEASE_EVERY_MS = 1_000;
const DAYS_EVERY_MS = 3_600_000;
const DAYS_AHEAD = 8;
/** Days that events are kept. */
const EVENT_DAYS = 30;

export type EventLoopDeps = {
  readonly db: Pick<Db, 'systemSql'>;
  readonly bus: Pick<RequestBus, 'live' | 'wake' | 'onWake'>;
  readonly shards: ShardLeases;
  readonly log: LoopLog;
};

export function startEvents({ db, bus, shards, log }: EventLoopDeps): Pick<Loop, 'stop'> {
  let restedAt = 0;
  let restMs = REST_MS.least;
  let heldUntil = 0;
  let isMine = false;
  const sequencer = startLoop({
    name: 'event-sequencer',
    everyMs: EVERY_MS,
    log,
    run: async () => {
      if (performance.now() > heldUntil) {
        // Not the shard of the build before this one, which would leave changes of runs where they are.
        isMine = (await shards.hold('event-feed', 0, BRISK_LEASE_SECONDS)) !== null;
        heldUntil = performance.now() + LEASE_EVERY_MS;
      }
      if (!isMine) return;
      const leftMs = restedAt - performance.now();
      restMs = leftMs > 0 ? Math.min(restMs * 2, REST_MS.most) : REST_MS.least;
      if (leftMs > 0) await sleep(leftMs);
      // A probe of each primary key: most turns find nothing.
      const { rowCount } = await db.systemSql.query('SELECT 1 WHERE EXISTS (SELECT FROM event_change) OR EXISTS (SELECT FROM event_inbox)');
      if (rowCount === 0) return;
      const { more, position, workspaceIds } = await sequence(db.systemSql);
      restedAt = more ? 0 : performance.now() + restMs;
      bus.wake('sequenced');
      for (const workspaceId of workspaceIds) bus.live(workspaceId, { kind: 'event', id: String(position) });
      return more ? 'again' : undefined;
    },
  });
  const forget = bus.onWake('appended', () => sequencer.kick());
  const days = startLoop({ name: 'event-days', everyMs: DAYS_EVERY_MS, log, run: () => keepEventDays(db.systemSql) });
  return {
    async stop() {
      forget();
      await Promise.all([sequencer.stop(), days.stop()]);
    },
  };
}

/** Makes the days of a week ahead, drops those whose time is over; answers how many changed. */
export async function keepEventDays(systemSql: Db['systemSql'], today = new Date()): Promise<number> {
  const { rows } = await systemSql.query<{ changed: number }>(
    `SELECT signalbox_event_days($1::date, ${DAYS_AHEAD}, $1::date - ${EVENT_DAYS}) AS changed`,
    [today.toISOString().slice(0, 10)],
  );
  await systemSql.query(`DELETE FROM event_tally WHERE at < $1::date - ${EVENT_DAYS}`, [today.toISOString().slice(0, 10)]);
  return rows[0]?.changed ?? 0;
}
