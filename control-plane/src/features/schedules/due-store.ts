/** The firing loop's queries, as `signalbox_system`. */
import type { CatchUp, Overlap } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';
import type { Timing } from './plan-of.ts';

/** A schedule that is due, locked, with what its runs are made from. */
export type DueSchedule = Timing & {
  readonly id: string;
  readonly workspaceId: string;
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly slug: string;
  /** The deployment's defaults, under the schedule's own. */
  readonly parameters: Record<string, unknown>;
  readonly instantParameter: string | null;
  readonly tags: readonly string[];
  readonly paused: boolean;
  readonly jitterMs: number;
  readonly catchUp: CatchUp;
  readonly catchUpWindowMs: number;
  readonly overlap: Overlap;
  readonly openRuns: readonly string[];
  readonly lowWaterAt: Date;
  /** Postgres' clock. */
  readonly now: Date;
};

const COLUMNS = `s.id, s.workspace_id AS "workspaceId", s.deployment_id AS "deploymentId", d.name AS "deploymentName", s.slug, s.spec,
  d.parameters || s.parameters AS parameters, s.instant_parameter AS "instantParameter", d.tags, d.paused, s.jitter_ms AS "jitterMs",
  s.catch_up AS "catchUp", s.catch_up_window_ms::float8 AS "catchUpWindowMs", s.overlap, s.open_runs AS "openRuns",
  s.dst_gap AS "dstGap", s.dst_overlap AS "dstOverlap", s.starts_at AS "startsAt", s.ends_at AS "endsAt", s.calendar_id AS "calendarId", s.on_closed_day AS "onClosedDay",
  s.low_water_at AS "lowWaterAt", clock_timestamp() AS now`;

/**
 * Takes schedules that are due, soonest first: the partial index on next_fire_at, whatever number of schedules there is.
 * Rows that another replica holds are skipped; a row that it has just moved on no longer matches. Where runs must not
 * overlap nothing is decided ahead: the run before may yet end.
 */
export function takeDue(
  sql: Sql,
  { prefetchMs, limit, only }: { prefetchMs: number; limit: number; only?: string },
): Promise<DueSchedule[]> {
  return sql.query<DueSchedule>(
    `SELECT ${COLUMNS} FROM schedule s JOIN deployment d ON d.id = s.deployment_id
     WHERE s.next_fire_at <= clock_timestamp() + $1::integer * interval '1 ms' AND ($3::uuid IS NULL OR s.id = $3::uuid)
       AND (s.overlap = 'allow' OR s.next_fire_at <= clock_timestamp())
     ORDER BY s.next_fire_at, s.id LIMIT $2::integer
     FOR UPDATE OF s SKIP LOCKED`,
    [prefetchMs, limit, only ?? null],
  );
}

/**
 * Takes schedules whose runs have ended while fires wait their turn: the partial index of what is queued. While the
 * deployment is paused or the schedule is off, they go on waiting. Ask `liveOf` again once the rows are locked.
 */
export function takeFreed(sql: Sql, limit: number): Promise<DueSchedule[]> {
  return sql.query<DueSchedule>(
    `SELECT ${COLUMNS} FROM schedule s JOIN deployment d ON d.id = s.deployment_id
     WHERE s.id IN (SELECT DISTINCT f.schedule_id FROM schedule_fire f WHERE f.outcome = 'queued') AND NOT d.paused
       AND coalesce(s.operator_active, s.active)
       AND NOT EXISTS (SELECT FROM run_dispatch r WHERE r.run_id = ANY (s.open_runs))
     ORDER BY s.id LIMIT $1::integer FOR UPDATE OF s SKIP LOCKED`,
    [limit],
  );
}

export type Moved = {
  readonly id: string;
  readonly lowWaterAt: Date;
  readonly nextFireAt: Date | null;
  readonly problem: string | null;
  /** Null: as they are. */
  readonly openRuns: readonly string[] | null;
  /** The auditor expects nothing of before; null: as it is. */
  readonly holdsFrom: Date | null;
};

/** Moves schedules on, in the transaction that makes their runs: that is what lets an instant fire once. */
export async function moveOn(sql: Sql, moved: readonly Moved[]): Promise<void> {
  await sql.query(
    `UPDATE schedule s SET low_water_at = m.low_water_at, next_fire_at = m.next_fire_at, problem = m.problem, failures = 0, retry_at = NULL,
       open_runs = coalesce(m.open_runs, s.open_runs), holds_from = coalesce(m.holds_from, s.holds_from)
     FROM jsonb_to_recordset($1::jsonb) AS m (id uuid, low_water_at timestamptz, next_fire_at timestamptz, problem text, open_runs uuid[], holds_from timestamptz)
     WHERE s.id = m.id`,
    [
      JSON.stringify(
        moved.map((row) => ({
          id: row.id,
          low_water_at: row.lowWaterAt,
          next_fire_at: row.nextFireAt,
          problem: row.problem,
          open_runs: row.openRuns,
          holds_from: row.holdsFrom,
        })),
      ),
    ],
  );
}

/** Which of these runs have not ended. Primary key. */
export async function liveOf(sql: Sql, runIds: readonly string[]): Promise<Set<string>> {
  if (runIds.length === 0) return new Set();
  const rows = await sql.query<{ id: string }>('SELECT run_id AS id FROM run_dispatch WHERE run_id = ANY ($1::uuid[])', [runIds]);
  return new Set(rows.map(({ id }) => id));
}

/**
 * A schedule that could not be fired for a reason that may pass is tried again: after 5 s, then twice as long each time, at
 * most 5 min. Its low-water instant stays, so that nothing it owes is lost.
 */
export async function retryLater(sql: Sql, id: string, problem: string): Promise<void> {
  await sql.query(
    `UPDATE schedule s SET problem = $2, failures = s.failures + 1, retry_at = t.at, next_fire_at = t.at
     FROM (SELECT clock_timestamp() + least(300, 5 * 2 ^ least(failures, 10)) * interval '1 second' AS at FROM schedule WHERE id = $1::uuid) t
     WHERE s.id = $1::uuid`,
    [id, problem],
  );
}

/** The run that a freed schedule has just made is the one the next fire waits for. */
export async function moveOpenRuns(sql: Sql, started: readonly { scheduleId: string; runId: string }[]): Promise<void> {
  await sql.query(
    `UPDATE schedule s SET open_runs = ARRAY[m.run_id] FROM unnest($1::uuid[], $2::uuid[]) AS m (schedule_id, run_id) WHERE s.id = m.schedule_id`,
    [started.map((each) => each.scheduleId), started.map((each) => each.runId)],
  );
}
