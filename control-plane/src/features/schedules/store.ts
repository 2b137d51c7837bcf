/** Every query of schedules that requests make; the loops' own are in due-store.ts, fire-store.ts and audit-store.ts. */
import type { ScheduleRules, ScheduleSpec } from '@signalbox/proto/api';
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Tx } from '../../platform/db.ts';
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

type Stored = Prisma.ScheduleGetPayload<{ include: { deployment: { select: { name: true } }; calendar: { select: { name: true } } } }>;
const withNames = { deployment: { select: { name: true } }, calendar: { select: { name: true } } } as const;

/** Schedules of these deployments, by slug: the unique index of (deployment, slug). */
export async function listByDeployments(tx: Tx, workspaceId: string, deploymentIds: readonly string[]): Promise<ScheduleRow[]> {
  const rows = await tx.schedule.findMany({
    where: { workspaceId, deploymentId: { in: [...deploymentIds] } },
    include: withNames,
    orderBy: { slug: 'asc' },
  });
  return rows.map(toRow);
}

export async function findSchedule(tx: Tx, workspaceId: string, id: string): Promise<ScheduleRow | null> {
  const row = await tx.schedule.findFirst({ where: { id, workspaceId }, include: withNames });
  return row && toRow(row);
}

/** Locks one schedule: a firing loop that holds it commits first, one that comes later skips it. */
export async function lockSchedule(tx: Tx, workspaceId: string, id: string): Promise<ScheduleRow | null> {
  await tx.$queryRaw`SELECT 1 FROM schedule WHERE id = ${id}::uuid AND workspace_id = ${workspaceId}::uuid FOR UPDATE`;
  return findSchedule(tx, workspaceId, id);
}

/** Locks all schedules of a deployment, in the order of their ids. */
export async function lockSchedulesOf(tx: Tx, workspaceId: string, deploymentId: string): Promise<ScheduleRow[]> {
  await tx.$queryRaw`SELECT 1 FROM schedule WHERE deployment_id = ${deploymentId}::uuid AND workspace_id = ${workspaceId}::uuid ORDER BY id FOR UPDATE`;
  return listByDeployments(tx, workspaceId, [deploymentId]);
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
    instantParameter: rules.instantParameter,
    calendarId,
    ...restarted(restart),
  };
}

function toRow({ deployment, calendar, ...row }: Stored): ScheduleRow {
  const rules: ScheduleRules = {
    startsAt: row.startsAt?.toISOString() ?? null,
    endsAt: row.endsAt?.toISOString() ?? null,
    jitterMs: row.jitterMs,
    catchUp: row.catchUp as ScheduleRules['catchUp'],
    catchUpWindowMs: Number(row.catchUpWindowMs),
    overlap: row.overlap as ScheduleRules['overlap'],
    dstGap: row.dstGap as ScheduleRules['dstGap'],
    dstOverlap: row.dstOverlap as ScheduleRules['dstOverlap'],
    calendar: calendar?.name ?? null,
    instantParameter: row.instantParameter,
  };
  return {
    ...row,
    deploymentName: deployment.name,
    origin: row.origin as ScheduleRow['origin'],
    spec: row.spec as ScheduleSpec,
    parameters: row.parameters as Record<string, unknown>,
    rules,
  };
}
