/** The auditor's queries, as `signalbox_system`. */
import type { Sql } from '../../platform/sql.ts';
import type { Timing } from './plan-of.ts';

export type Audited = Timing & { readonly id: string; readonly workspaceId: string; readonly holdsFrom: Date };

/** Schedules that should fire, a page by id: the primary key. Those whose spec is broken show that themselves. */
export function pageOfAudited(sql: Sql, after: string | null, limit: number): Promise<Audited[]> {
  return sql.query(
    `SELECT s.id, s.workspace_id AS "workspaceId", s.spec, s.dst_gap AS "dstGap", s.dst_overlap AS "dstOverlap", s.starts_at AS "startsAt",
       s.ends_at AS "endsAt", s.calendar_id AS "calendarId", s.on_closed_day AS "onClosedDay", s.holds_from AS "holdsFrom"
     FROM schedule s JOIN deployment d ON d.id = s.deployment_id
     WHERE ($1::uuid IS NULL OR s.id > $1::uuid) AND coalesce(s.operator_active, s.active) AND NOT d.paused
       AND (s.problem IS NULL OR s.retry_at IS NOT NULL)
     ORDER BY s.id LIMIT $2::integer`,
    [after, limit],
  );
}

export type AuditedFire = {
  readonly scheduleId: string;
  readonly at: Date;
  readonly until: Date | null;
  readonly outcome: string;
  readonly decidedAt: Date;
};

/** What was noted of these instants, and the fires that people skip. Primary keys; stretches by schedule_fire_stretch. */
export function firesBetween(sql: Sql, scheduleIds: readonly string[], from: Date, until: Date): Promise<AuditedFire[]> {
  return sql.query(
    `SELECT schedule_id AS "scheduleId", fire_at AS at, until_at AS until, outcome, decided_at AS "decidedAt" FROM schedule_fire
     WHERE schedule_id = ANY ($1::uuid[]) AND fire_at > $2::timestamptz AND fire_at <= $3::timestamptz
     UNION ALL
     SELECT schedule_id, fire_at, until_at, outcome, decided_at FROM schedule_fire
     WHERE schedule_id = ANY ($1::uuid[]) AND until_at > $2::timestamptz AND fire_at <= $2::timestamptz
     UNION ALL
     SELECT schedule_id, fire_at, NULL, 'skipped', created_at FROM schedule_skip
     WHERE schedule_id = ANY ($1::uuid[]) AND fire_at > $2::timestamptz AND fire_at <= $3::timestamptz`,
    [scheduleIds, from.toISOString(), until.toISOString()],
  );
}

export type Finding = {
  readonly workspaceId: string;
  readonly scheduleId: string;
  readonly at: Date;
  readonly kind: 'missing' | 'unexpected';
};

/** Answers those that were not known. */
export async function insertFindings(sql: Sql, findings: readonly Finding[]): Promise<Finding[]> {
  if (findings.length === 0) return [];
  return sql.query<Finding>(
    `INSERT INTO schedule_audit_finding (workspace_id, schedule_id, fire_at, kind)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[]) AS f (workspace_id, schedule_id, fire_at, kind)
     WHERE EXISTS (SELECT FROM schedule s WHERE s.id = f.schedule_id)
     ON CONFLICT DO NOTHING
     RETURNING workspace_id AS "workspaceId", schedule_id AS "scheduleId", fire_at AS at, kind`,
    [
      findings.map(({ workspaceId }) => workspaceId),
      findings.map(({ scheduleId }) => scheduleId),
      findings.map(({ at }) => at.toISOString()),
      findings.map(({ kind }) => kind),
    ],
  );
}

/** A fire that was made late mends what was missing. schedule_audit_finding_open. */
export async function resolveFindings(sql: Sql): Promise<void> {
  await sql.query(
    `UPDATE schedule_audit_finding a SET resolved_at = now()
     WHERE a.resolved_at IS NULL AND a.kind = 'missing' AND a.found_at > now() - interval '7 days' AND (
       EXISTS (SELECT FROM schedule_fire f WHERE f.schedule_id = a.schedule_id AND f.fire_at = a.fire_at)
       OR EXISTS (SELECT FROM schedule_fire f WHERE f.schedule_id = a.schedule_id AND f.until_at >= a.fire_at AND f.fire_at <= a.fire_at))`,
  );
}
