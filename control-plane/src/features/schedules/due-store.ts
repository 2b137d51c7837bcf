/** The firing loop's queries, as `signalbox_system`. */
import type { ScheduleSpec } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';

/** A schedule that is due within the prefetch, locked, with what its runs are made from. */
export type DueSchedule = {
  readonly id: string;
  readonly workspaceId: string;
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly slug: string;
  readonly spec: ScheduleSpec;
  /** The deployment's defaults, under the schedule's own. */
  readonly parameters: Record<string, unknown>;
  readonly tags: readonly string[];
  readonly paused: boolean;
  readonly lowWaterAt: Date;
  /** Postgres' clock. */
  readonly now: Date;
};

/**
 * Takes schedules that are due, soonest first: the partial index on next_fire_at, whatever number of schedules there is.
 * Rows that another replica holds are skipped; a row that it has just moved on no longer matches.
 */
export function takeDue(
  sql: Sql,
  { prefetchMs, limit, only }: { prefetchMs: number; limit: number; only?: string },
): Promise<DueSchedule[]> {
  return sql.query<DueSchedule>(
    `SELECT s.id, s.workspace_id AS "workspaceId", s.deployment_id AS "deploymentId", d.name AS "deploymentName", s.slug, s.spec,
       d.parameters || s.parameters AS parameters, d.tags, d.paused, s.low_water_at AS "lowWaterAt", clock_timestamp() AS now
     FROM schedule s JOIN deployment d ON d.id = s.deployment_id
     WHERE s.next_fire_at <= clock_timestamp() + $1::integer * interval '1 ms' AND ($3::uuid IS NULL OR s.id = $3::uuid)
     ORDER BY s.next_fire_at, s.id LIMIT $2::integer
     FOR UPDATE OF s SKIP LOCKED`,
    [prefetchMs, limit, only ?? null],
  );
}

export type Moved = { readonly id: string; readonly lowWaterAt: Date; readonly nextFireAt: Date | null; readonly problem: string | null };

/** Moves schedules on, in the transaction that makes their runs: that is what lets an instant fire once. */
export async function moveOn(sql: Sql, moved: readonly Moved[]): Promise<void> {
  await sql.query(
    `UPDATE schedule s SET low_water_at = m.low_water_at, next_fire_at = m.next_fire_at, problem = m.problem
     FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[]) AS m (id, low_water_at, next_fire_at, problem)
     WHERE s.id = m.id`,
    [
      moved.map((row) => row.id),
      moved.map((row) => row.lowWaterAt.toISOString()),
      moved.map((row) => row.nextFireAt?.toISOString() ?? null),
      moved.map((row) => row.problem),
    ],
  );
}

/** Stops a schedule that cannot be fired, and says why. */
export async function stopWithProblem(sql: Sql, id: string, problem: string): Promise<void> {
  await sql.query('UPDATE schedule SET next_fire_at = NULL, problem = $2 WHERE id = $1::uuid', [id, problem]);
}
