/** Every query of schedules that requests make; the firing loop's own is in due-store.ts. */
import type { ScheduleSpec } from '@signalbox/proto/api';
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Tx } from '../../platform/db.ts';

export type ScheduleRow = {
  readonly id: string;
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly slug: string;
  readonly spec: ScheduleSpec;
  readonly parameters: Record<string, unknown>;
  /** As the code says, and as a person says; null: nobody did. */
  readonly active: boolean;
  readonly operatorActive: boolean | null;
  readonly nextFireAt: Date | null;
  readonly problem: string | null;
};

type Stored = Prisma.ScheduleGetPayload<{ include: { deployment: { select: { name: true } } } }>;
const withDeployment = { deployment: { select: { name: true } } } as const;

/** Schedules of these deployments, by slug: the unique index of (deployment, slug). */
export async function listByDeployments(tx: Tx, workspaceId: string, deploymentIds: readonly string[]): Promise<ScheduleRow[]> {
  const rows = await tx.schedule.findMany({
    where: { workspaceId, deploymentId: { in: [...deploymentIds] } },
    include: withDeployment,
    orderBy: { slug: 'asc' },
  });
  return rows.map(toRow);
}

/** Locks one schedule: a firing loop that holds it commits first, one that comes later skips it. */
export async function lockSchedule(tx: Tx, workspaceId: string, id: string): Promise<ScheduleRow | null> {
  await tx.$queryRaw`SELECT 1 FROM schedule WHERE id = ${id}::uuid AND workspace_id = ${workspaceId}::uuid FOR UPDATE`;
  const row = await tx.schedule.findFirst({ where: { id, workspaceId }, include: withDeployment });
  return row && toRow(row);
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
  /** Present: fires count from here on, as when it is new, changed or switched on. */
  readonly restart?: { readonly lowWaterAt: Date; readonly nextFireAt: Date | null };
};

export async function insertSchedule(
  tx: Tx,
  key: { id: string; workspaceId: string; deploymentId: string; slug: string },
  written: Written,
): Promise<void> {
  await tx.schedule.createMany({ data: { ...key, ...columnsOf(written) } });
}

export async function updateSchedule(tx: Tx, id: string, written: Written): Promise<void> {
  await tx.schedule.updateMany({ where: { id }, data: columnsOf(written) });
}

export async function setOperatorActive(tx: Tx, id: string, active: boolean, restart: Written['restart']): Promise<void> {
  await tx.schedule.updateMany({ where: { id }, data: { operatorActive: active, ...restart, ...(restart ? { problem: null } : {}) } });
}

export async function deleteSchedules(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.schedule.deleteMany({ where: { id: { in: [...ids] } } });
}

/** The clock that fires are counted by. */
export async function databaseNow(tx: Tx): Promise<Date> {
  const [row] = await tx.$queryRaw<[{ now: Date }]>`SELECT now() AS now`;
  return row.now;
}

function columnsOf({ spec, parameters, active, restart }: Written) {
  return {
    spec: spec as Prisma.InputJsonObject,
    parameters: parameters as Prisma.InputJsonObject,
    active,
    ...(restart ? { ...restart, problem: null } : {}),
  };
}

function toRow({ deployment, ...row }: Stored): ScheduleRow {
  return {
    ...row,
    deploymentName: deployment.name,
    spec: row.spec as ScheduleSpec,
    parameters: row.parameters as Record<string, unknown>,
  };
}
