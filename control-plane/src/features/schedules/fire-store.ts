/** What became of each instant: the loops' queries of schedule_fire and schedule_skip. */
import type { Sql } from '../../platform/sql.ts';

export type FireRow = {
  readonly workspaceId: string;
  readonly scheduleId: string;
  readonly at: Date;
  /** Of an entry that stands for all instants up to this one. */
  readonly until: Date | null;
  readonly outcome: 'created' | 'queued' | 'skipped' | 'missed';
  readonly reason: string | null;
  readonly runId: string | null;
};

/**
 * Notes what became of instants; answers those that were not decided before, in the order given. The primary key decides:
 * an instant that was, as when a schedule was edited between the making of a run and its instant, is left as it is.
 */
export async function insertFires(sql: Sql, fires: readonly FireRow[]): Promise<FireRow[]> {
  if (fires.length === 0) return [];
  const rows = await sql.query<{ n: number }>(
    `WITH asked AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS f (n int, workspace_id uuid, schedule_id uuid, fire_at timestamptz, until_at timestamptz,
         outcome text, reason text, run_id uuid)
     ), made AS (
       INSERT INTO schedule_fire (workspace_id, schedule_id, fire_at, until_at, outcome, reason, run_id, decided_at)
       SELECT workspace_id, schedule_id, fire_at, until_at, outcome, reason, run_id, clock_timestamp() FROM asked
       ON CONFLICT (schedule_id, fire_at) DO NOTHING RETURNING schedule_id, fire_at
     )
     SELECT n FROM asked JOIN made USING (schedule_id, fire_at) ORDER BY n`,
    [
      JSON.stringify(
        fires.map((fire, n) => ({
          n,
          workspace_id: fire.workspaceId,
          schedule_id: fire.scheduleId,
          fire_at: fire.at,
          until_at: fire.until,
          outcome: fire.outcome,
          reason: fire.reason,
          run_id: fire.runId,
        })),
      ),
    ],
  );
  return rows.map(({ n }) => fires[n] as FireRow);
}

/** The fire of each schedule that has waited longest. schedule_fire_queued. */
export function oldestQueued(sql: Sql, scheduleIds: readonly string[]): Promise<{ scheduleId: string; at: Date }[]> {
  return sql.query(
    `SELECT DISTINCT ON (schedule_id) schedule_id AS "scheduleId", fire_at AS at FROM schedule_fire
     WHERE schedule_id = ANY ($1::uuid[]) AND outcome = 'queued' ORDER BY schedule_id, fire_at`,
    [scheduleIds],
  );
}

/** Whose turn has come. The schedules' rows are locked. */
export async function startQueuedFires(sql: Sql, fires: readonly { scheduleId: string; at: Date; runId: string }[]): Promise<void> {
  await sql.query(
    `UPDATE schedule_fire f SET outcome = 'created', run_id = q.run_id, reason = 'overlap: waited until the run before had ended'
     FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) AS q (schedule_id, fire_at, run_id)
     WHERE f.schedule_id = q.schedule_id AND f.fire_at = q.fire_at AND f.outcome = 'queued'`,
    [fires.map((fire) => fire.scheduleId), fires.map((fire) => fire.at.toISOString()), fires.map((fire) => fire.runId)],
  );
}

/** How many fires of each schedule wait; those with none are absent. schedule_fire_queued. */
export async function countQueued(sql: Sql, scheduleIds: readonly string[]): Promise<Map<string, number>> {
  if (scheduleIds.length === 0) return new Map();
  const rows = await sql.query<{ id: string; count: number }>(
    `SELECT schedule_id AS id, count(*)::int AS count FROM schedule_fire
     WHERE schedule_id = ANY ($1::uuid[]) AND outcome = 'queued' GROUP BY schedule_id`,
    [scheduleIds],
  );
  return new Map(rows.map(({ id, count }) => [id, count]));
}

export type Skip = { readonly scheduleId: string; readonly at: Date; readonly by: string; readonly reason: string };

/** Fires that people skip, of these schedules, from an instant on. Primary key. */
export function skipsOf(sql: Sql, scheduleIds: readonly string[], from: Date): Promise<Skip[]> {
  return sql.query<Skip>(
    `SELECT schedule_id AS "scheduleId", fire_at AS at, skipped_by AS by, reason FROM schedule_skip
     WHERE schedule_id = ANY ($1::uuid[]) AND fire_at >= $2::timestamptz ORDER BY schedule_id, fire_at`,
    [scheduleIds, from.toISOString()],
  );
}

/** The runs a schedule made lately that have not ended. Primary key of both, newest first. */
export async function liveRunsOf(sql: Sql, scheduleId: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT f.run_id AS id FROM (SELECT run_id FROM schedule_fire WHERE schedule_id = $1::uuid ORDER BY fire_at DESC LIMIT 1000) f
     JOIN run_dispatch d ON d.run_id = f.run_id LIMIT 200`,
    [scheduleId],
  );
  return rows.map(({ id }) => id);
}
