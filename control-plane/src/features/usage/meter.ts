/**
 * Counts what workspaces use, in memory, and tells Postgres each second in one statement, whose answer says where all replicas
 * together stand. So no call waits for a write, and a replica alone can never give more than it knows to be there.
 *
 * What may go over: replicas that spend at once each see the level of a second ago, so a workspace may get, once, up to as
 * many times its minute as there are replicas; that is owed (down to one minute below zero), so over any longer time its rate
 * holds. A replica that dies forgets what it counted in its last second.
 */
import { METERED, type Metered } from '@signalbox/proto/api';
import { type Allowance, atInstant, type Excess, excessOf, MINUTE_MS, msToMidnight, spend } from '../../domain/rules/allowance.ts';
import type { WorkspaceLimits } from '../../domain/rules/workspace-limits.ts';
import { type Db, retried } from '../../platform/db.ts';
import { type Loop, type LoopLog, startLoop } from '../../platform/loop.ts';
import { usageRefused } from '../../platform/metrics.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import type { UsageMeter } from '../../platform/usage.ts';
import { type Told, tellUsage } from './store.ts';

const TELL_EVERY_MS = 1_000;
/** What was used of a bucket, as a part of it, before it is told at once. */
const TELL_AT = 0.1;
/** What a workspace has not used for so long is forgotten here. */
const FORGET_MS = 10 * MINUTE_MS;

export type Meter = UsageMeter & {
  /** Tells what was counted, and learns where all replicas stand. */
  tell(): Promise<void>;
  /** Tells each second until stopped, and once more then. */
  start(log: LoopLog): Pick<Loop, 'stop'>;
};

type Entry = { allowance: Allowance; used: number; refused: number; isFresh: boolean };

export function openMeter(options: {
  readonly db: Pick<Db, 'systemSql'>;
  readonly defaults: WorkspaceLimits;
  readonly clock?: () => number;
}): Meter {
  const { db, defaults, clock = Date.now } = options;
  const entries: Readonly<Record<Metered, Map<string, Entry>>> = {
    apiCalls: new Map(),
    events: new Map(),
    logBytes: new Map(),
    runs: new Map(),
  };
  let loop: Loop | null = null;
  let telling: Promise<void> | null = null;

  function entryOf(workspaceId: string, kind: Metered): Entry {
    const known = entries[kind].get(workspaceId);
    if (known) return known;
    const perMinute = defaults[`${kind}.minute`] || null;
    const perDay = defaults[`${kind}.day`] || null;
    const allowance: Allowance = { perMinute, perDay, level: perMinute ?? 0, atMs: clock(), usedToday: 0 };
    const made: Entry = { allowance, used: 0, refused: 0, isFresh: true };
    entries[kind].set(workspaceId, made);
    // Others may have used it up, or its operator set it otherwise.
    loop?.kick();
    return made;
  }

  function check(workspaceId: string, kind: Metered, amount: number): Excess | null {
    const entry = entryOf(workspaceId, kind);
    const excess = excessOf(entry.allowance, amount, clock());
    if (excess) {
      entry.refused += amount;
      usageRefused.inc({ kind }, amount);
    }
    return excess;
  }

  function count(workspaceId: string, kind: Metered, amount: number): void {
    const entry = entryOf(workspaceId, kind);
    entry.allowance = spend(entry.allowance, amount, clock());
    entry.used += amount;
    const { perMinute } = entry.allowance;
    if (perMinute !== null && entry.used > perMinute * TELL_AT) loop?.kick();
  }

  function headers(workspaceId: string): Record<string, string> | null {
    const { perMinute, perDay, level, usedToday } = atInstant(entryOf(workspaceId, 'apiCalls').allowance, clock());
    if (perMinute === null && perDay === null) return null;
    const toMidnight = Math.ceil(msToMidnight(clock()) / 1000);
    const policies: string[] = [];
    const left: string[] = [];
    if (perMinute !== null) {
      policies.push(`"minute";q=${perMinute};w=60`);
      left.push(`"minute";r=${Math.max(0, Math.floor(level))};t=${Math.ceil((1 - level / perMinute) * 60)}`);
    }
    if (perDay !== null) {
      policies.push(`"day";q=${perDay};w=86400`);
      left.push(`"day";r=${Math.max(0, perDay - usedToday)};t=${toMidnight}`);
    }
    return { 'ratelimit-policy': policies.join(', '), ratelimit: left.join(', ') };
  }

  async function tellOnce(): Promise<void> {
    const told: (Told & { readonly entry: Entry })[] = [];
    for (const kind of METERED) {
      for (const [workspaceId, entry] of entries[kind]) {
        const { used, refused, isFresh } = entry;
        if (used === 0 && refused === 0 && !isFresh) {
          if (clock() - entry.allowance.atMs > FORGET_MS) entries[kind].delete(workspaceId);
          continue;
        }
        told.push({
          workspaceId,
          kind,
          used,
          refused,
          perMinute: defaults[`${kind}.minute`] ?? 0,
          perDay: defaults[`${kind}.day`] ?? 0,
          entry,
        });
      }
    }
    if (told.length === 0) return;
    const known = await retried(() => tellUsage(sqlOfClient(db.systemSql), told));
    const byKey = new Map(known.map((row) => [`${row.kind} ${row.workspaceId}`, row]));
    for (const { workspaceId, kind, used, refused, entry } of told) {
      entry.used -= used;
      entry.refused -= refused;
      entry.isFresh = false;
      const row = byKey.get(`${kind} ${workspaceId}`);
      if (!row) entries[kind].delete(workspaceId);
      // What was used while Postgres answered is not in its answer.
      else {
        const { perMinute, perDay, level, usedToday } = row;
        entry.allowance = spend({ perMinute, perDay, level, usedToday, atMs: clock() }, entry.used, clock());
      }
    }
  }

  const tell = (): Promise<void> =>
    (telling ??= tellOnce().finally(() => {
      telling = null;
    }));

  return {
    check,
    count,
    headers,
    tell,
    start(log) {
      loop = startLoop({ name: 'usage', everyMs: TELL_EVERY_MS, log, run: tell });
      return {
        async stop() {
          await loop?.stop();
          await tell();
        },
      };
    },
  };
}
