/** Partitions made ahead: a run needs the leaf of its day, and there is no default one to fall into. */
import type pg from 'pg';
import { inTransaction } from '../../platform/transaction.ts';

/** Today and a week ahead, so that a loop that fails for days stops nobody. */
export const DAYS = 8;

/**
 * Makes the leaves of `DAYS` days for every retention class in use and for `more`; answers how many were missing. Safe to repeat and
 * to run from many replicas. Waits for a lock two seconds at most, so that nobody queues behind it.
 */
export async function ensureDays(systemSql: pg.Pool, more: readonly string[] = []): Promise<number> {
  return inTransaction(systemSql, async (sql) => {
    // Waiting for another who makes them holds up nobody; waiting for a table's lock holds up all who come after.
    await sql.query("SELECT pg_advisory_xact_lock(hashtext('signalbox_ensure_days'))");
    await sql.query("SET LOCAL lock_timeout = '2s'");
    const [row] = await sql.query<{ made: number }>(
      `SELECT signalbox_ensure_days(array_agg(DISTINCT class ORDER BY class), (now() AT TIME ZONE 'UTC')::date, $1) AS made
       FROM (SELECT retention_class AS class FROM workspace UNION SELECT unnest($2::text[])) used HAVING count(*) > 0`,
      [DAYS, more],
    );
    return row?.made ?? 0;
  });
}
