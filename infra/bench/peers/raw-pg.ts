/** The floor of handing a slot over through Postgres: two connections that each end a job and take the next in one durable commit. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

export const RAW_PG = 'raw pg, a commit a job';

/** Milliseconds for `count` jobs of `jobMs` each, `limit` at once, in one process: no agent, no child, no history. */
export async function limited(databaseUrl: string, count: number, jobMs: number, limit: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: limit });
  try {
    await pool.query('CREATE TABLE bench_floor (id int PRIMARY KEY)');
    await pool.query('INSERT INTO bench_floor SELECT generate_series(1, $1::int)', [count]);
    const take = async () =>
      (await pool.query('DELETE FROM bench_floor WHERE id = (SELECT id FROM bench_floor ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)'))
        .rowCount;
    const from = performance.now();
    const lane = async () => {
      while (await take()) await delay(jobMs);
    };
    await Promise.all(Array.from({ length: limit }, lane));
    return performance.now() - from;
  } finally {
    await pool.query('DROP TABLE IF EXISTS bench_floor');
    await pool.end();
  }
}
