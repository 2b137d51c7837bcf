/** Names of a filter become uuids before anything is searched, a query a kind. */
import { type IdKind, isId, toUuid } from '@signalbox/proto';
import type { RunFilter } from '@signalbox/proto/api';
import { limitExceeded, notFound } from '../../../platform/errors.ts';
import type { Sql } from '../../../platform/sql.ts';

/** A filter whose names are known. An absent list does not narrow; an empty one fits nothing. */
export type ResolvedFilter = {
  readonly filter: RunFilter;
  readonly flowIds?: readonly string[];
  readonly deploymentIds?: readonly string[];
  readonly poolIds?: readonly string[];
  readonly queueIds?: readonly string[];
  readonly scheduleIds?: readonly string[];
  readonly agentIds?: readonly string[];
  readonly versionIds?: readonly string[];
};

/** Things that one pattern may name. */
const FITTING_MAX = 5_000;

type Kind = { readonly id: IdKind | null; readonly word: string; readonly named: string };
// `named`: (id, label) of everything in the workspace $1. Small tables, by their keys of workspace or parent.
const FLOW: Kind = { id: 'flow', word: 'flow', named: 'SELECT id, name AS label FROM flow WHERE workspace_id = $1::uuid' };
const DEPLOYMENT: Kind = {
  id: 'deployment',
  word: 'deployment',
  named: `SELECT d.id, f.name || '/' || d.name AS label FROM (
      SELECT id, flow_id, name, workspace_id FROM deployment UNION ALL SELECT id, flow_id, name, workspace_id FROM deleted_deployment
    ) d JOIN flow f ON f.id = d.flow_id WHERE d.workspace_id = $1::uuid`,
};
const POOL: Kind = { id: 'workPool', word: 'work pool', named: 'SELECT id, name AS label FROM work_pool WHERE workspace_id = $1::uuid' };
const QUEUE: Kind = {
  id: 'workQueue',
  word: 'queue',
  named: `SELECT q.id, p.name || '/' || q.name AS label FROM work_queue q JOIN work_pool p ON p.id = q.pool_id WHERE q.workspace_id = $1::uuid`,
};
const SCHEDULE: Kind = { id: 'schedule', word: 'schedule', named: 'SELECT id, slug AS label FROM schedule WHERE workspace_id = $1::uuid' };
const AGENT: Kind = { id: 'agent', word: 'agent', named: 'SELECT id, name AS label FROM agent WHERE workspace_id = $1::uuid' };
const VERSION: Kind = {
  id: null,
  word: 'version',
  named: 'SELECT id, digest AS label FROM deployment_version WHERE workspace_id = $1::uuid',
};

/** @throws NOT_FOUND for a name that nothing in the workspace has; LIMIT_EXCEEDED for a pattern that fits thousands. */
export async function resolveFilter(sql: Sql, workspaceId: string, filter: RunFilter): Promise<ResolvedFilter> {
  const find = async (kind: Kind, refs: readonly string[] | undefined) =>
    refs === undefined || refs.length === 0 ? undefined : [...new Set(await findAll(sql, workspaceId, kind, refs))];
  const queues = filter.queues?.map((ref) => (ref.includes('/') || isId('workQueue', ref) ? ref : `*/${ref}`));
  const { flowIds, deploymentIds: ofFlows } = await resolveFlows(sql, workspaceId, filter.flows ?? []);
  const named = await find(DEPLOYMENT, filter.deployments);
  const parts = {
    flowIds,
    deploymentIds: named && ofFlows ? named.filter((id) => ofFlows.includes(id)) : (named ?? ofFlows),
    poolIds: await find(POOL, filter.pools),
    queueIds: await find(QUEUE, queues),
    scheduleIds: await find(SCHEDULE, filter.schedules),
    agentIds: await find(AGENT, filter.agents),
    versionIds: await find(
      VERSION,
      filter.versions?.map((digest) => `${digest}*`),
    ),
  };
  return { filter, ...Object.fromEntries(Object.entries(parts).filter(([, ids]) => ids !== undefined)) };
}

/**
 * The deployments a flow has and had. A ref with a slash names deployments, as in `weather/*`. With too many of them,
 * or any that a slash names beside, the flow itself is asked for.
 */
async function resolveFlows(
  sql: Sql,
  workspaceId: string,
  refs: readonly string[],
): Promise<{ flowIds?: string[]; deploymentIds?: string[] }> {
  if (refs.length === 0) return {};
  const byName = refs.filter((ref) => !ref.includes('/'));
  const bySlash = refs.filter((ref) => ref.includes('/'));
  const flowIds = byName.length > 0 ? await findAll(sql, workspaceId, FLOW, byName) : [];
  const slashed = bySlash.length > 0 ? await findAll(sql, workspaceId, DEPLOYMENT, bySlash) : [];
  // deployment (flow_id, name) and deleted_deployment_flow.
  const rows = await sql.query<{ id: string }>(
    `SELECT id FROM deployment WHERE flow_id = ANY ($1::uuid[]) AND workspace_id = $2::uuid
     UNION SELECT id FROM deleted_deployment WHERE flow_id = ANY ($1::uuid[]) AND workspace_id = $2::uuid LIMIT ${FITTING_MAX + 1}`,
    [flowIds, workspaceId],
  );
  if (rows.length > FITTING_MAX && bySlash.length === 0) return { flowIds };
  return { deploymentIds: [...new Set([...rows.map((row) => row.id), ...slashed])] };
}

async function findAll(sql: Sql, workspaceId: string, kind: Kind, refs: readonly string[]): Promise<string[]> {
  const { id } = kind;
  const ids = id === null ? [] : refs.filter((ref) => isId(id, ref)).map((ref) => toUuid(id, ref));
  const names = refs.filter((ref) => id === null || !isId(id, ref));
  if (names.length === 0) return ids;
  const rows = await sql.query<{ id: string; label: string }>(
    `SELECT id, label FROM (${kind.named}) x WHERE label LIKE ANY ($2::text[]) LIMIT ${FITTING_MAX + 1}`,
    [workspaceId, names.map(likeOf)],
  );
  if (rows.length > FITTING_MAX) throw limitExceeded(`"${names.join(', ')}" fits more than ${FITTING_MAX} ${kind.word}s. Narrow it.`);
  const labels = new Set(rows.map((row) => row.label));
  const missing = names.find((name) => !name.includes('*') && !labels.has(name));
  if (missing !== undefined) throw notFound(kind.word, missing);
  return [...ids, ...rows.map((row) => row.id)];
}

/** `*` is any text; what LIKE takes for a wildcard is itself. */
export function likeOf(pattern: string): string {
  return escapeLike(pattern).replaceAll('*', '%');
}

export function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}
