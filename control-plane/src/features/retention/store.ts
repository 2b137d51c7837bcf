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
  return named(tx, [...inForce, ...released]);
}

export async function readHold(tx: Tx, workspaceId: string, id: string): Promise<LegalHold | null> {
  const row = await tx.legalHold.findFirst({ where: { id, workspaceId } });
  return row && ((await named(tx, [row]))[0] ?? null);
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

type Row = Prisma.LegalHoldGetPayload<object>;

/** By primary keys, within the transaction's sight: a name that is gone is left out. */
async function named(tx: Tx, rows: readonly Row[]): Promise<LegalHold[]> {
  const idsOf = (key: 'deploymentId' | 'runId') => [...new Set(rows.flatMap((row) => row[key] ?? []))];
  const [deployments, runs] = [idsOf('deploymentId'), idsOf('runId')];
  const names = await tx.$queryRaw<{ id: string; name: string }[]>`
    SELECT d.id, f.name || '/' || d.name AS name FROM deployment d JOIN flow f ON f.id = d.flow_id WHERE d.id = ANY (${deployments}::uuid[])
    UNION ALL SELECT d.id, f.name || '/' || d.name FROM deleted_deployment d JOIN flow f ON f.id = d.flow_id WHERE d.id = ANY (${deployments}::uuid[])
    UNION ALL SELECT r.id, r.name FROM run r WHERE r.id = ANY (${runs}::uuid[])`;
  const byId = new Map(names.map(({ id, name }) => [id, name]));
  return rows.map((row) => show(row, byId.get(row.runId ?? row.deploymentId ?? '') ?? null));
}

function show(row: Row, name: string | null): LegalHold {
  return {
    id: toId('legalHold', row.id),
    deployment: row.deploymentId === null ? null : toId('deployment', row.deploymentId),
    run: row.runId === null ? null : toId('run', row.runId),
    name,
    reason: row.reason,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    releasedBy: row.releasedBy,
    releasedAt: row.releasedAt?.toISOString() ?? null,
  };
}
