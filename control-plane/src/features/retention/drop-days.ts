/**
 * Days whose time is over go: oldest first, as whole leaves. What must stay (live, ended less than one retention ago, under
 * legal hold) moves to a leaf of its own; where that is too much to move at once, the day stays and is thinned out.
 */
import type pg from 'pg';
import { CLOSING_MS, dayClosesAt, retentionMsOf } from '../../domain/rules/retention.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { thinOut } from './thin-out.ts';

/** Runs that are moved when a day goes: bounds how long the class's table is locked. */
const MOST_MOVED = 2_000;

export type Dropped = {
  /** `d30 2026-10-28` */
  readonly days: readonly string[];
  /** Of days that stay and of what outlived its day, runs that were deleted. */
  readonly thinned: number;
};

/** Safe to repeat and from many replicas. Waits for a lock two seconds at most; a day that is in use goes at the next turn. */
export async function dropDays(
  systemSql: pg.Pool,
  now: Date,
  { signal, mostMoved = MOST_MOVED }: { signal?: AbortSignal; mostMoved?: number } = {},
): Promise<Dropped> {
  const dropped: string[] = [];
  let thinned = 0;
  for (const { class: retentionClass, day, first } of await daysOver(systemSql, now)) {
    if (signal?.aborted) break;
    // Before the oldest day lie those that outlived theirs: what is over of them meanwhile goes with it.
    if (first) thinned += await thinOut(systemSql, { retentionClass, from: null, until: day }, now, signal);
    const outcome = await inTransaction(systemSql, async (sql) => {
      await sql.query("SET LOCAL lock_timeout = '2s'");
      const [row] = await sql.query<{ outcome: 'dropped' | 'stays' }>('SELECT outcome FROM signalbox_drop_day($1, $2::date, $3, $4)', [
        retentionClass,
        day,
        now.toISOString(),
        mostMoved,
      ]);
      return row?.outcome;
    });
    if (outcome === 'dropped') dropped.push(`${retentionClass} ${day}`);
    else thinned += await thinOut(systemSql, { retentionClass, from: day, until: dayAfter(day) }, now, signal);
  }
  return { days: dropped, thinned };
}

type DayOver = { readonly class: string; readonly day: string; readonly first: boolean };

async function daysOver(systemSql: pg.Pool, now: Date): Promise<DayOver[]> {
  const { rows } = await systemSql.query<DayOver>(
    `SELECT class, day::text AS day, day = min(day) OVER (PARTITION BY class) AS first FROM signalbox_days() ORDER BY class, day`,
  );
  return rows.filter(
    ({ class: each, day }) => dayClosesAt(new Date(`${day}T00:00:00Z`), retentionMsOf(each)).getTime() + CLOSING_MS <= now.getTime(),
  );
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
