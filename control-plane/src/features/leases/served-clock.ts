/**
 * Served time: the clock in which leases and deadlines are kept. It advances only while some replica proves its loop,
 * Postgres and NATS end to end, never faster than the wall clock and at most two seconds a tick. So an outage of ours,
 * a restart included, ends no lease; agents that fall silent do not stop it.
 */
import type { Sql } from '../../platform/sql.ts';

/** Most that one tick adds: what came between was not served. */
export const MAX_TICK_MS = 2_000;

/**
 * One tick: read, prove, then advance by compare-and-set from what was read, so that of several replicas one counts.
 * @returns whether this replica advanced it. @throws what `prove` throws; then it stands still.
 */
export async function tickServedClock(sql: Sql, prove: () => Promise<void>): Promise<boolean> {
  // As text: the value goes back into the comparison, and a Date would lose its microseconds.
  const [seen] = await sql.query<{ tickedAt: string }>(
    'SELECT ticked_at::text AS "tickedAt" FROM served_clock WHERE id = 1',
    [],
    'read-served-clock',
  );
  if (!seen) throw new Error('served_clock has no row');
  await prove();
  const advanced = await sql.query(
    `UPDATE served_clock SET ticked_at = clock_timestamp(),
       served_at = served_at + least(greatest(clock_timestamp() - ticked_at, interval '0'), $2::int * interval '1 ms')
     WHERE id = 1 AND ticked_at = $1::timestamptz RETURNING id`,
    [seen.tickedAt, MAX_TICK_MS],
    'tick-served-clock',
  );
  return advanced.length > 0;
}
