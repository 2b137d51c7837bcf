/** Every query of retention that a request makes. */
import { toId, uuidTimeMs } from '@signalbox/proto';
import type { LegalHold } from '@signalbox/proto/api';
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Tx } from '../../platform/db.ts';

/** Holds that were released are shown for the record, the latest ones. */
const SHOWN = 200;

/** Those in force first, newest first. */
export async function readHolds(tx: Tx, workspaceId: string): Promise<LegalHold[]> {
  const inForce = await tx.legalHold.findMany({ where: { workspaceId, releasedAt: null }, orderBy: { id: 'desc' } });
  const released = await tx.legalHold.findMany({ where: { workspaceId, releasedAt: { not: null } }, orderBy: { id: 'desc' }, take: SHOWN });
  return [...inForce, ...released].map(show);
}

export async function readHold(tx: Tx, workspaceId: string, id: string): Promise<LegalHold | null> {
  const row = await tx.legalHold.findFirst({ where: { id, workspaceId } });
  return row && show(row);
}

/** Index: legal_hold_in_force. */
export async function countHoldsInForce(tx: Tx, workspaceId: string): Promise<number> {
  return tx.legalHold.count({ where: { workspaceId, releasedAt: null } });
}

/** Waits until no day is being dropped, and keeps the next from beginning before the commit. */
export async function waitForDrops(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(hashtext('signalbox_ensure_days'))`;
}

export async function insertHold(tx: Tx, hold: Prisma.LegalHoldUncheckedCreateInput): Promise<void> {
  await tx.legalHold.create({ data: hold });
}

/** False when somebody released it before. */
export async function writeRelease(tx: Tx, workspaceId: string, id: string, releasedBy: string): Promise<boolean> {
  const { count } = await tx.legalHold.updateMany({
    where: { id, workspaceId, releasedAt: null },
    data: { releasedBy, releasedAt: new Date() },
  });
  return count === 1;
}

/** A deployment that was deleted may be held, too: its runs are there. */
export async function deploymentExists(tx: Tx, workspaceId: string, id: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM deployment WHERE id = ${id}::uuid AND workspace_id = ${workspaceId}::uuid
    UNION ALL SELECT 1 FROM deleted_deployment WHERE id = ${id}::uuid AND workspace_id = ${workspaceId}::uuid`;
  return rows.length > 0;
}

/** Primary key of the leaf of its day. */
export async function runExists(tx: Tx, workspaceId: string, id: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`SELECT 1 FROM run WHERE id = ${id}::uuid AND workspace_id = ${workspaceId}::uuid`;
  return rows.length > 0;
}

/** Index: run_workspace, one row a leaf, oldest leaf first. */
export async function oldestRunAt(tx: Tx, workspaceId: string): Promise<Date | null> {
  const [row] = await tx.$queryRaw<{ id: string }[]>`SELECT id FROM run WHERE workspace_id = ${workspaceId}::uuid ORDER BY id LIMIT 1`;
  return row ? new Date(uuidTimeMs(row.id)) : null;
}

/** The function checks the choice again, and the workspace is that of the transaction. */
export async function writeRetentionDays(tx: Tx, days: number): Promise<void> {
  await tx.$executeRaw`SELECT set_retention_days(${days}::integer)`;
}

function show(row: Prisma.LegalHoldGetPayload<object>): LegalHold {
  return {
    id: toId('legalHold', row.id),
    deployment: row.deploymentId === null ? null : toId('deployment', row.deploymentId),
    run: row.runId === null ? null : toId('run', row.runId),
    reason: row.reason,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    releasedBy: row.releasedBy,
    releasedAt: row.releasedAt?.toISOString() ?? null,
  };
}
