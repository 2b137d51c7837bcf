/** Deletes the runs of a span of days that need not stay, with all they made, a lot at a time. */
import type pg from 'pg';
import { inTransaction } from '../../platform/transaction.ts';

const LOT = 500;

/** Days from `from` (null: the beginning) to before `until`. */
export type Span = { readonly retentionClass: string; readonly from: string | null; readonly until: string };

/** Answers how many runs went. Each lot is its own transaction; a run that somebody holds is left for the next turn. */
export async function thinOut(systemSql: pg.Pool, { retentionClass, from, until }: Span, now: Date, signal?: AbortSignal): Promise<number> {
  const { rows: tables } = await systemSql.query<{ parent: string; day_column: string }>(
    'SELECT parent, day_column FROM signalbox_run_tables()',
  );
  let gone = 0;
  for (let left = true; left && !signal?.aborted; ) {
    const lot = await inTransaction(systemSql, async (sql) => {
      // As placing a hold does: a hold that was answered holds.
      await sql.query("SELECT pg_advisory_xact_lock_shared(hashtext('signalbox_ensure_days'))");
      // Primary keys of the leaves of the span.
      const over = await sql.query<{ id: string }>(
        `WITH span AS (SELECT coalesce(signalbox_day_floor($2::date), '00000000-0000-0000-0000-000000000000'::uuid) AS low, signalbox_day_floor($3::date) AS high)
         SELECT r.id FROM run r, span WHERE r.retention_class = $1 AND r.id >= span.low AND r.id < span.high
           AND NOT run_must_stay(r, $4)
         ORDER BY r.id LIMIT ${LOT} FOR UPDATE OF r SKIP LOCKED`,
        [retentionClass, from, until, now.toISOString()],
      );
      const ids = over.map(({ id }) => id);
      if (ids.length === 0) return 0;
      for (const { parent, day_column } of tables)
        await sql.query(`DELETE FROM ${parent} WHERE retention_class = $1 AND ${day_column} = ANY ($2::uuid[])`, [retentionClass, ids]);
      return ids.length;
    });
    gone += lot;
    left = lot === LOT;
  }
  return gone;
}
