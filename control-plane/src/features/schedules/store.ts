/** Every query of schedules that requests make; the loops' own are in due-store.ts, fire-store.ts and audit-store.ts. */
import type { ScheduleRules, ScheduleSpec } from '@signalbox/proto/api';
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Tx } from '../../platform/db.ts';
import { joinOne, type Sql, sqlOfTx } from '../../platform/sql.ts';
import type { Timing } from './plan-of.ts';

export type ScheduleRow = Timing & {
  readonly id: string;
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly slug: string;
  readonly origin: 'code' | 'operator';
  readonly parameters: Record<string, unknown>;
  /** As the code says, and as a person says; null: nobody did. */
  readonly active: boolean;
  readonly operatorActive: boolean | null;
  readonly rules: ScheduleRules;
  readonly lowWaterAt: Date;
  readonly nextFireAt: Date | null;
  readonly retryAt: Date | null;
  readonly problem: string | null;
};

type Stored = Omit<ScheduleRow, 'rules'> & {
  [Rule in keyof Omit<ScheduleRules, 'calendar' | 'startsAt' | 'endsAt' | 'catchUpWindowMs'>]: ScheduleRules[Rule];
} & {
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly catchUpWindowMs: bigint | string;
  readonly calendar: string | null;
};

const STORED = `SELECT s.id, s.deployment_id AS "deploymentId", d.name AS "deploymentName", s.slug, s.origin, s.spec, s.parameters, s.active,
    s.operator_active AS "operatorActive", s.low_water_at AS "lowWaterAt", s.next_fire_at AS "nextFireAt", s.retry_at AS "retryAt", s.problem,
    s.starts_at AS "startsAt", s.ends_at AS "endsAt", s.jitter_ms AS "jitterMs", s.catch_up AS "catchUp", s.catch_up_window_ms AS "catchUpWindowMs",
    s.overlap, s.dst_gap AS "dstGap", s.dst_overlap AS "dstOverlap", s.instant_parameter AS "instantParameter",
    s.calendar_id AS "calendarId", c.name AS calendar, s.on_closed_day AS "onClosedDay"
  FROM schedule s ${joinOne('deployment', 'd', 's.deployment_id')} ${joinOne('calendar', 'c', 's.calendar_id')}`;

/** Schedules of these deployments, by slug: the unique index of (deployment, slug). */
export async function listByDeployments(sql: Sql, workspaceId: string, deploymentIds: readonly string[]): Promise<ScheduleRow[]> {
  const where = 'WHERE s.workspace_id = $1::uuid AND s.deployment_id = ANY ($2::uuid[]) ORDER BY s.slug';
  return (await sql.query<Stored>(`${STORED} ${where}`, [workspaceId, deploymentIds], 'schedules-of-deployments')).map(toRow);
}

export async function findSchedule(tx: Tx, workspaceId: string, id: string): Promise<ScheduleRow | null> {
  const rows = await sqlOfTx(tx).query<Stored>(`${STORED} WHERE s.id = $1::uuid AND s.workspace_id = $2::uuid`, [id, workspaceId]);
  return rows[0] ? toRow(rows[0]) : null;
}

/** Locks one schedule: a firing loop that holds it commits first, one that comes later skips it. */
export async function lockSchedule(tx: Tx, workspaceId: string, id: string): Promise<ScheduleRow | null> {
  await tx.$queryRaw`SELECT 1 FROM schedule WHERE id = ${id}::uuid AND workspace_id = ${workspaceId}::uuid FOR UPDATE`;
  return findSchedule(tx, workspaceId, id);
}

/** Locks all schedules of a deployment, in the order of their ids. */
export async function lockSchedulesOf(tx: Tx, workspaceId: string, deploymentId: string): Promise<ScheduleRow[]> {
  await tx.$queryRaw`SELECT 1 FROM schedule WHERE deployment_id = ${deploymentId}::uuid AND workspace_id = ${workspaceId}::uuid ORDER BY id FOR UPDATE`;
  return listByDeployments(sqlOfTx(tx), workspaceId, [deploymentId]);
}

export type Written = {
  readonly spec: ScheduleSpec;
  readonly parameters: Record<string, unknown>;
  readonly active: boolean;
  readonly rules: ScheduleRules;
  readonly calendarId: string | null;
  /** Present: fires count from here on, as when it is new, changed or switched on. */
  readonly restart?: Restart;
};
export type Restart = { readonly lowWaterAt: Date; readonly nextFireAt: Date | null };

export async function insertSchedule(
  tx: Tx,
  key: { id: string; workspaceId: string; deploymentId: string; slug: string; origin: ScheduleRow['origin'] },
  written: Written,
): Promise<void> {
  await tx.schedule.createMany({ data: { ...key, ...columnsOf(written) } });
}

export async function updateSchedule(tx: Tx, id: string, written: Written & { slug?: string; openRuns?: string[] }): Promise<void> {
  const { slug, openRuns, ...rest } = written;
  await tx.schedule.updateMany({
    where: { id },
    data: { ...columnsOf(rest), ...(slug ? { slug } : {}), ...(openRuns ? { openRuns } : {}) },
  });
}

export async function setOperatorActive(tx: Tx, id: string, active: boolean, restart: Restart | undefined): Promise<void> {
  await tx.schedule.updateMany({ where: { id }, data: { operatorActive: active, ...restarted(restart) } });
}

export async function deleteSchedules(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.schedule.deleteMany({ where: { id: { in: [...ids] } } });
}

/** The clock that fires are counted by. */
export async function databaseNow(tx: Tx): Promise<Date> {
  const [row] = await tx.$queryRaw<[{ now: Date }]>`SELECT now() AS now`;
  return row.now;
}

function restarted(restart: Restart | undefined) {
  return restart ? { ...restart, holdsFrom: restart.lowWaterAt, problem: null, retryAt: null, failures: 0 } : {};
}

function columnsOf({ spec, parameters, active, rules, calendarId, restart }: Written) {
  return {
    spec: spec as Prisma.InputJsonObject,
    parameters: parameters as Prisma.InputJsonObject,
    active,
    startsAt: rules.startsAt,
    endsAt: rules.endsAt,
    jitterMs: rules.jitterMs,
    catchUp: rules.catchUp,
    catchUpWindowMs: rules.catchUpWindowMs,
    overlap: rules.overlap,
    dstGap: rules.dstGap,
    dstOverlap: rules.dstOverlap,
    onClosedDay: rules.onClosedDay,
    instantParameter: rules.instantParameter,
    calendarId,
    ...restarted(restart),
  };
}

function toRow({ calendar, startsAt, endsAt, jitterMs, catchUp, catchUpWindowMs, overlap, instantParameter, ...row }: Stored): ScheduleRow {
  const { dstGap, dstOverlap, onClosedDay } = row;
  const span = { startsAt: startsAt?.toISOString() ?? null, endsAt: endsAt?.toISOString() ?? null };
  const missed = { catchUp, catchUpWindowMs: Number(catchUpWindowMs), overlap };
  return { ...row, startsAt, endsAt, rules: { ...span, jitterMs, ...missed, dstGap, dstOverlap, calendar, onClosedDay, instantParameter } };
}
