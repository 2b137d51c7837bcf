/** Every query of deployments and their versions. */
import { isId, type RunKind, toId, toUuid } from '@signalbox/proto';
import type { Concurrency, Deployment } from '@signalbox/proto/api';
import type { CodeSource, RetryPolicy } from '@signalbox/proto/messages';
import type { Tx } from '../../platform/db.ts';
import { joinOne, type Sql } from '../../platform/sql.ts';
import { schedulesOf } from '../schedules/index.ts';

/** What a version says about running, merged; see materialize.ts. */
type VersionConfig = { readonly retry: RetryPolicy; readonly timeoutMs: number | null; readonly concurrency?: Concurrency | null };

/** Where a deployment's runs go. */
export type Place = { readonly poolId: string; readonly queueId: string };

/** A deployment by its id, or by its names. */
type Named = { readonly id: string } | { readonly flow: string; readonly name: string };

export type DeploymentRef = { readonly id: string; readonly name: string; readonly flowId: string; readonly flowName: string };

/** A deployment by `flow/deployment` or id, or null. Names hold no slash. */
export async function findDeploymentRef(tx: Tx, workspaceId: string, ref: string): Promise<DeploymentRef | null> {
  const by = parseRef(ref);
  if (!by) return null;
  const where = 'id' in by ? by : { name: by.name, flow: { name: by.flow } };
  const row = await tx.deployment.findFirst({ where: { ...where, workspaceId }, select: { id: true, name: true, flow: true } });
  return row && { id: row.id, name: row.name, flowId: row.flow.id, flowName: row.flow.name };
}

/** Locks the deployment's row: of two deploys, or a deploy and a delete, one waits. */
export async function lockDeployment(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`SELECT id FROM deployment WHERE id = ${id}::uuid FOR UPDATE`;
  return rows.length > 0;
}

type Row = {
  id: string;
  name: string;
  kind: RunKind;
  description: string;
  tags: string[];
  parameter_schema: Record<string, unknown> | null;
  parameters: Record<string, unknown>;
  concurrency_limit: number | null;
  paused: boolean;
  created_at: Date;
  updated_at: Date;
  flow_id: string;
  flow_name: string;
  pool_id: string | null;
  pool_name: string | null;
  queue_name: string | null;
  source: CodeSource;
  digest: string;
  version: number;
  config: VersionConfig;
  overridden: number;
};

/** Index: deployment_workspace, and keys. */
const ROWS = `SELECT d.id, d.name, d.kind, d.description, d.tags, d.parameter_schema, d.parameters, d.concurrency_limit, d.paused, d.created_at,
    d.updated_at, f.id AS flow_id, f.name AS flow_name, p.id AS pool_id, p.name AS pool_name, q.name AS queue_name,
    v.source, v.digest, v.number AS version, v.config,
    (SELECT count(*)::int FROM deployment_overlay o WHERE o.deployment_id = d.id) AS overridden
  FROM deployment d
  ${joinOne('flow', 'f', 'd.flow_id')}
  ${joinOne('deployment_version', 'v', 'd.version_id')}
  ${joinOne('work_pool', 'p', 'd.pool_id')}
  ${joinOne('work_queue', 'q', 'd.queue_id')}
  WHERE d.workspace_id = $1::uuid`;

export async function readDeployment(sql: Sql, workspaceId: string, by: Named): Promise<Deployment | null> {
  const rows =
    'id' in by
      ? await sql.query<Row>(`${ROWS} AND d.id = $2::uuid`, [workspaceId, by.id], 'deployment-by-id')
      : await sql.query<Row>(`${ROWS} AND ${NAMED}`, [workspaceId, by.flow, by.name], 'deployment-by-name');
  return (await show(sql, workspaceId, rows))[0]?.deployment ?? null;
}

/** Index: deployment_flow_id_name_key. */
const NAMED = 'd.name = $3 AND d.flow_id = (SELECT named.id FROM flow named WHERE named.workspace_id = $1::uuid AND named.name = $2)';

/** Newest first, by keyset on id; two statements whatever the length of the page. */
export async function readDeployments(
  sql: Sql,
  page: { workspaceId: string; flowId: string | null; search: string | null; before: string | null; limit: number },
): Promise<{ id: string; deployment: Deployment }[]> {
  const { workspaceId, flowId, search, before, limit } = page;
  const values: unknown[] = [workspaceId, limit];
  const bind = (value: unknown) => `$${values.push(value)}`;
  // What is not asked for is not in the statement; its name says what is.
  const asked = { flow: flowId, before, search };
  const name = ['list-deployments', ...Object.entries(asked).flatMap(([key, value]) => (value === null ? [] : [key]))].join('-');
  const where = [
    flowId && `AND d.flow_id = ${bind(flowId)}::uuid`,
    before && `AND d.id < ${bind(before)}::uuid`,
    search && matchesEither('d.name', 'f.name', bind(search)),
  ];
  const text = `${ROWS} ${where.filter(Boolean).join(' ')} ORDER BY d.id DESC LIMIT $2::int`;
  return show(sql, workspaceId, await sql.query<Row>(text, values, name));
}

/** Whatever case; what is looked for is no pattern. */
function matchesEither(one: string, other: string, text: string): string {
  return `AND (strpos(lower(${one}), lower(${text}::text)) > 0 OR strpos(lower(${other}), lower(${text}::text)) > 0)`;
}

async function show(sql: Sql, workspaceId: string, rows: readonly Row[]): Promise<{ id: string; deployment: Deployment }[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const schedules = await schedulesOf(sql, workspaceId, ids);
  return rows.map((row) => ({
    id: row.id,
    deployment: {
      id: toId('deployment', row.id),
      name: row.name,
      flow: { id: toId('flow', row.flow_id), name: row.flow_name },
      kind: row.kind,
      description: row.description,
      tags: row.tags,
      pool: row.pool_id && row.pool_name ? { id: toId('workPool', row.pool_id), name: row.pool_name } : null,
      queue: row.queue_name,
      source: row.source,
      digest: row.digest,
      version: row.version,
      parameterSchema: row.parameter_schema,
      parameters: row.parameters,
      retry: row.config.retry,
      timeoutMs: row.config.timeoutMs,
      concurrencyLimit: row.concurrency_limit,
      concurrency: row.config.concurrency ?? null,
      paused: row.paused,
      overridden: row.overridden,
      schedules: schedules.get(row.id) ?? [],
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    },
  }));
}

/** What a reference in a request names, `flow/deployment` or an id; null for neither. */
export function parseRef(ref: string): Named | null {
  if (isId('deployment', ref)) return { id: toUuid('deployment', ref) };
  const [flow, name, ...rest] = ref.split('/');
  return flow && name && rest.length === 0 ? { flow, name } : null;
}
