/** Where the figures are kept: one row a month, written so that writing again changes nothing. */
import type { Figures } from './figures.ts';

const TABLE = `
  CREATE TABLE IF NOT EXISTS weather_month (
    month      text PRIMARY KEY,
    days       integer NOT NULL,
    wet_days   integer NOT NULL,
    rain_mm    double precision NOT NULL,
    max_c      double precision NOT NULL,
    min_c      double precision NOT NULL,
    mean_wind  double precision NOT NULL,
    mostly     text NOT NULL
  )`;

/** A row that is the same already is left alone, so that a repeat counts 0. */
const UPSERT = `
  INSERT INTO weather_month AS kept
  SELECT * FROM json_populate_recordset(NULL::weather_month, $1)
  ON CONFLICT (month) DO UPDATE SET
    days = excluded.days, wet_days = excluded.wet_days, rain_mm = excluded.rain_mm, max_c = excluded.max_c,
    min_c = excluded.min_c, mean_wind = excluded.mean_wind, mostly = excluded.mostly
  WHERE (kept.*) IS DISTINCT FROM (excluded.*)`;

/** Writes all figures in one transaction; how many rows that changed. */
export async function saveFigures(connectionString: string, figures: readonly Figures[]): Promise<number> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    // Two first runs at once would collide in making the table; the second waits here.
    await client.query("SELECT pg_advisory_xact_lock(hashtext('weather_month'))");
    await client.query(TABLE);
    const { rowCount } = await client.query(UPSERT, [JSON.stringify(figures)]);
    await client.query('COMMIT');
    return rowCount ?? 0;
  } finally {
    // Closing without a commit rolls back.
    await client.end();
  }
}
