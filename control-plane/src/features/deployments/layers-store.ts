/** Queries of what lies over and under code: overlays, versions, and the merged values that dispatch reads. */
import type { CodeLayer, FieldValues, OverlayEntry } from '@signalbox/proto/api';
import type { CodeSource } from '@signalbox/proto/messages';
import { gateOf } from '../../domain/rules/concurrency.ts';
import { Prisma } from '../../generated/prisma/client.ts';
import type { Tx } from '../../platform/db.ts';
import { sqlOfTx } from '../../platform/sql.ts';

/** What a version pins: never changed. */
export type CodeVersion = {
  readonly id: string;
  readonly number: number;
  readonly digest: string;
  readonly source: CodeSource;
  readonly code: CodeLayer;
};

const VERSION = { id: true, number: true, digest: true, source: true, code: true } as const;
type VersionRow = Prisma.DeploymentVersionGetPayload<{ select: typeof VERSION }>;
const toVersion = (row: VersionRow): CodeVersion => ({ ...row, source: row.source as CodeSource, code: row.code as CodeLayer });

/** The version that new runs are pinned to. */
export async function readCurrentVersion(tx: Tx, deploymentId: string): Promise<CodeVersion> {
  const { versionId } = await tx.deployment.findUniqueOrThrow({ where: { id: deploymentId }, select: { versionId: true } });
  return readVersion(tx, versionId);
}

/** What of a version no configuration is made from; it may be large. */
const NOT_CONFIGURATION = ['description', 'tags', 'parameterSchema', 'parameters'];

/** The newest, without what no configuration is made from. Index: deployment_version_number. */
export function readNewestVersions(tx: Tx, deploymentId: string, limit: number): Promise<Pick<CodeVersion, 'id' | 'code'>[]> {
  return sqlOfTx(tx).query(
    'SELECT id, code - $3::text[] AS code FROM deployment_version WHERE deployment_id = $1::uuid AND number > 0 ORDER BY number DESC LIMIT $2::int',
    [deploymentId, limit, NOT_CONFIGURATION],
  );
}

export async function readVersion(tx: Tx, id: string): Promise<CodeVersion> {
  return toVersion(await tx.deploymentVersion.findUniqueOrThrow({ where: { id }, select: VERSION }));
}

export async function insertVersion(
  tx: Tx,
  version: Omit<CodeVersion, 'number'> & { workspaceId: string; deploymentId: string; deployedBy: string },
): Promise<void> {
  // The deployment's row is locked, or nobody else knows of it yet.
  const last = await tx.deploymentVersion.findFirst({
    where: { deploymentId: version.deploymentId },
    orderBy: { number: 'desc' },
    select: { number: true },
  });
  const { code, ...same } = version;
  const data = { ...same, number: (last?.number ?? 0) + 1, code: code as unknown as Prisma.InputJsonObject, config: {} };
  await tx.deploymentVersion.createMany({ data });
}

/** Dispatch's view of versions; those that say the same already are not written. */
export async function writeConfigs(tx: Tx, configs: readonly { id: string; config: Record<string, unknown> }[]): Promise<void> {
  await sqlOfTx(tx).query(
    `UPDATE deployment_version v SET config = u.config
       FROM jsonb_to_recordset($1::jsonb) AS u (id uuid, config jsonb)
      WHERE v.id = u.id AND v.config IS DISTINCT FROM u.config`,
    [JSON.stringify(configs)],
  );
}

/** Dispatch's view of the deployment itself. */
export async function writeColumns(
  tx: Tx,
  { isLifted, ...key }: { id: string; versionId: string; isLifted: boolean },
  values: FieldValues,
  place: { poolId: string | null; queueId: string | null },
): Promise<void> {
  const { description, tags, parameterSchema, parameters, paused } = values;
  const { keyParts, ...gate } = gateOf({ ...values, isLifted });
  await tx.deployment.update({
    where: { id: key.id },
    data: {
      ...place,
      versionId: key.versionId,
      description,
      tags,
      parameterSchema: parameterSchema === null ? Prisma.DbNull : (parameterSchema as Prisma.InputJsonObject),
      parameters: parameters as Prisma.InputJsonObject,
      ...gate,
      keyParts: keyParts === null ? Prisma.DbNull : (keyParts as Prisma.InputJsonArray),
      paused,
      updatedAt: new Date(),
    },
  });
}

const ENTRY = { path: true, value: true, removed: true, reason: true, authorName: true, setAt: true, expiresAt: true } as const;
export type OverlayRow = Prisma.DeploymentOverlayGetPayload<{ select: typeof ENTRY }>;

/** What people set, by path. Primary key; at most OVERLAY_MAX_ENTRIES rows. */
export function readOverlay(tx: Tx, deploymentId: string): Promise<OverlayRow[]> {
  return tx.deploymentOverlay.findMany({ where: { deploymentId }, orderBy: { path: 'asc' }, select: ENTRY });
}

export function showEntry(row: OverlayRow): OverlayEntry {
  return {
    path: row.path,
    ...(row.removed ? {} : { value: row.value }),
    removed: row.removed,
    author: row.authorName,
    reason: row.reason,
    setAt: row.setAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
  };
}

export type NewEntry = { readonly path: string; readonly value: unknown; readonly removed: boolean };
export type Authorship = {
  readonly authorKind: string;
  readonly authorId: string;
  readonly authorName: string;
  readonly reason: string;
  readonly expiresAt: string | null;
  readonly expiresInMs: number | null;
};

/** Lays entries over code, each replacing what was set at its path. Set and ended by Postgres' clock. The deployment's row is locked. */
export async function writeOverlay(
  tx: Tx,
  key: { workspaceId: string; deploymentId: string },
  entries: readonly NewEntry[],
  by: Authorship,
): Promise<void> {
  await sqlOfTx(tx).query(
    `INSERT INTO deployment_overlay (deployment_id, path, workspace_id, value, removed, reason, author_kind, author_id, author_name, expires_at)
     SELECT $1::uuid, u.path, $2::uuid, coalesce(u.value, 'null'), u.removed, $4, $5, $6::uuid, $7,
            coalesce($8::timestamptz, now() + $9::bigint * interval '1 ms')
       FROM jsonb_to_recordset($3::jsonb) AS u (path text, value jsonb, removed boolean)
     ON CONFLICT (deployment_id, path) DO UPDATE SET value = excluded.value, removed = excluded.removed, reason = excluded.reason,
       author_kind = excluded.author_kind, author_id = excluded.author_id, author_name = excluded.author_name, set_at = now(),
       expires_at = excluded.expires_at`,
    [
      key.deploymentId,
      key.workspaceId,
      JSON.stringify(entries),
      by.reason,
      by.authorKind,
      by.authorId,
      by.authorName,
      by.expiresAt,
      by.expiresInMs,
    ],
  );
}

export async function deleteOverlay(tx: Tx, deploymentId: string, paths: readonly string[]): Promise<void> {
  await tx.deploymentOverlay.deleteMany({ where: { deploymentId, path: { in: [...paths] } } });
}

/** A version by its number, or null. */
export async function findVersion(tx: Tx, deploymentId: string, number: number): Promise<CodeVersion | null> {
  const row = await tx.deploymentVersion.findFirst({ where: { deploymentId, number }, select: VERSION });
  return row && toVersion(row);
}

export type VersionListRow = CodeVersion & { readonly createdAt: Date; readonly deployedBy: string | null };

/** Newest first, by keyset on the number. */
export async function listVersionRows(tx: Tx, deploymentId: string, below: number | null, limit: number): Promise<VersionListRow[]> {
  const rows = await tx.deploymentVersion.findMany({
    where: { deploymentId, number: { gt: 0, ...(below === null ? {} : { lt: below }) } },
    orderBy: { number: 'desc' },
    take: limit,
    select: { ...VERSION, createdAt: true, deployedBy: true },
  });
  return rows.map((row) => ({ ...row, ...toVersion(row) }));
}

/** Deployments of which something set by people is over, soonest first. Index: deployment_overlay_expiry. */
export function findEnding(db: Pick<Tx, '$queryRaw'>, limit: number): Promise<{ deploymentId: string; workspaceId: string }[]> {
  return db.$queryRaw`
    SELECT deployment_id AS "deploymentId", workspace_id AS "workspaceId" FROM deployment_overlay
     WHERE expires_at <= clock_timestamp() GROUP BY 1, 2 ORDER BY min(expires_at) LIMIT ${limit}`;
}

/** Takes away what is over; the deployment's row is locked. */
export function endOverlay(tx: Tx, deploymentId: string): Promise<{ path: string; author: string; reason: string }[]> {
  return tx.$queryRaw`
    DELETE FROM deployment_overlay WHERE deployment_id = ${deploymentId}::uuid AND expires_at <= clock_timestamp()
    RETURNING path, author_name AS author, reason`;
}
