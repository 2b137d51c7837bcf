/** Every query of deployments and their versions. */
import { isId, type RunKind, toId, toUuid } from '@signalbox/proto';
import type { Concurrency, Deployment } from '@signalbox/proto/api';
import type { CodeSource, RetryPolicy } from '@signalbox/proto/messages';
import type { Prisma } from '../../generated/prisma/client.ts';
import type { Tx } from '../../platform/db.ts';
import { schedulesOf } from '../schedules/index.ts';
import { countOverlays } from './layers-store.ts';

/** What a version says about running, merged; see materialize.ts. */
type VersionConfig = { readonly retry: RetryPolicy; readonly timeoutMs: number | null; readonly concurrency?: Concurrency | null };

/** Where a deployment's runs go. */
export type Place = { readonly poolId: string; readonly queueId: string };

export type DeploymentRef = { readonly id: string; readonly name: string; readonly flowId: string; readonly flowName: string };

/** A deployment by `flow/deployment` or id, or null. Names hold no slash. */
export async function findDeploymentRef(tx: Tx, workspaceId: string, ref: string): Promise<DeploymentRef | null> {
  const where = whereRef(ref);
  if (!where) return null;
  const row = await tx.deployment.findFirst({ where: { ...where, workspaceId }, select: { id: true, name: true, flow: true } });
  return row && { id: row.id, name: row.name, flowId: row.flow.id, flowName: row.flow.name };
}

/** Locks the deployment's row: of two deploys, or a deploy and a delete, one waits. */
export async function lockDeployment(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`SELECT id FROM deployment WHERE id = ${id}::uuid FOR UPDATE`;
  return rows.length > 0;
}

const withNames = { flow: true, pool: { select: { id: true, name: true } }, queue: { select: { name: true } } } as const;
type Row = Prisma.DeploymentGetPayload<{ include: typeof withNames }>;

export async function readDeployment(tx: Tx, workspaceId: string, id: string): Promise<Deployment | null> {
  const row = await tx.deployment.findFirst({ where: { id, workspaceId }, include: withNames });
  return row ? ((await show(tx, workspaceId, [row]))[0]?.deployment ?? null) : null;
}

/** Newest first, by keyset on id; a handful of statements whatever the length of the page. */
export async function readDeployments(
  tx: Tx,
  page: { workspaceId: string; flowId: string | null; search: string | null; before: string | null; limit: number },
): Promise<{ id: string; deployment: Deployment }[]> {
  const { workspaceId, flowId, search, before } = page;
  const contains = search ? { contains: search, mode: 'insensitive' as const } : null;
  const rows = await tx.deployment.findMany({
    where: {
      workspaceId,
      ...(flowId ? { flowId } : {}),
      ...(before ? { id: { lt: before } } : {}),
      ...(contains ? { OR: [{ name: contains }, { flow: { name: contains } }] } : {}),
    },
    include: withNames,
    orderBy: { id: 'desc' },
    take: page.limit,
  });
  return show(tx, workspaceId, rows);
}

async function show(tx: Tx, workspaceId: string, rows: readonly Row[]): Promise<{ id: string; deployment: Deployment }[]> {
  if (rows.length === 0) return [];
  const versions = await tx.deploymentVersion.findMany({ where: { id: { in: rows.map((row) => row.versionId) } } });
  const byId = new Map(versions.map((version) => [version.id, version]));
  const ids = rows.map((row) => row.id);
  const schedules = await schedulesOf(tx, workspaceId, ids);
  const overridden = await countOverlays(tx, ids);
  return rows.map((row) => {
    const version = byId.get(row.versionId);
    if (!version) throw new Error(`deployment ${row.id} has no version ${row.versionId}`);
    const config = version.config as unknown as VersionConfig;
    return {
      id: row.id,
      deployment: {
        id: toId('deployment', row.id),
        name: row.name,
        flow: { id: toId('flow', row.flow.id), name: row.flow.name },
        kind: row.kind as RunKind,
        description: row.description,
        tags: row.tags,
        pool: row.pool ? { id: toId('workPool', row.pool.id), name: row.pool.name } : null,
        queue: row.queue?.name ?? null,
        source: version.source as CodeSource,
        digest: version.digest,
        version: version.number,
        parameterSchema: row.parameterSchema as Record<string, unknown> | null,
        parameters: row.parameters as Record<string, unknown>,
        retry: config.retry,
        timeoutMs: config.timeoutMs,
        concurrencyLimit: row.concurrencyLimit,
        concurrency: config.concurrency ?? null,
        paused: row.paused,
        overridden: overridden.get(row.id) ?? 0,
        schedules: schedules.get(row.id) ?? [],
        createdAt: row.createdAt.toISOString(),
        updatedAt: row.updatedAt.toISOString(),
      },
    };
  });
}

function whereRef(ref: string): Prisma.DeploymentWhereInput | null {
  if (isId('deployment', ref)) return { id: toUuid('deployment', ref) };
  const [flow, name, ...rest] = ref.split('/');
  return flow && name && rest.length === 0 ? { name, flow: { name: flow } } : null;
}
