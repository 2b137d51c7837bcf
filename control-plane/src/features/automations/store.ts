/** Every query of automations as they are written down; firings are in firings-store.ts, what evaluators need in evaluate/store.ts. */
import { isId, toId, toUuid } from '@signalbox/proto';
import type { Automation, AutomationAction, AutomationDefinition, Trigger } from '@signalbox/proto/api';
import type { Bucket } from '../../domain/triggers/index.ts';
import { hideHeaders } from '../../domain/webhook-headers.ts';
import type { Sql } from '../../platform/sql.ts';

/** What an operator laid over code. */
export type Overlay = {
  readonly fields: Partial<AutomationDefinition>;
  readonly by: string;
  readonly reason: string | null;
  readonly at: string;
};
export type AutomationRow = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly trigger: Trigger;
  readonly onTrigger: AutomationAction[];
  readonly onResolve: AutomationAction[];
  readonly scopes: string[];
  readonly deploymentId: string | null;
  readonly deploymentPath: string | null;
  readonly code: AutomationDefinition | null;
  readonly overlay: Overlay | null;
  readonly actorName: string;
  readonly problem: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lastFiredAt: Date | null;
  readonly openCount: number;
};
type Author = { readonly kind: string; readonly id: string | null; readonly name: string };

/** The last firing and the open keys are probes of automation_firing_of and of the primary key of buckets. */
const SELECT = `SELECT a.id, a.name, a.description, a.enabled, a.trigger, a.on_trigger AS "onTrigger", a.on_resolve AS "onResolve", a.scopes,
    a.deployment_id AS "deploymentId", f.name || '/' || d.name AS "deploymentPath", a.code, a.overlay, a.actor_name AS "actorName", a.problem,
    a.created_at AS "createdAt", a.updated_at AS "updatedAt",
    (SELECT created_at FROM automation_firing x WHERE x.automation_id = a.id AND x.kind = 'triggered' ORDER BY x.id DESC LIMIT 1) AS "lastFiredAt",
    (SELECT count(*)::int FROM automation_bucket b WHERE b.automation_id = a.id AND starts_with(b.id, '!') AND (a.trigger->>'type' IN ('event', 'compound', 'sequence') OR b.bucket->'fired' ? 'open')) AS "openCount"
  FROM automation a LEFT JOIN deployment d ON d.id = a.deployment_id LEFT JOIN flow f ON f.id = d.flow_id`;

export type ListFilter = {
  readonly search: string | null;
  readonly enabled: boolean | null;
  readonly deploymentId: string | null;
  readonly before: string | null;
  readonly limit: number;
};

/** Newest first, by keyset on id. */
export function readAutomations(sql: Sql, workspaceId: string, filter: ListFilter): Promise<AutomationRow[]> {
  return sql.query<AutomationRow>(
    `${SELECT} WHERE a.workspace_id = $1::uuid AND ($2::uuid IS NULL OR a.id < $2::uuid) AND ($3::text IS NULL OR position(lower($3) IN lower(a.name)) > 0)
       AND ($4::boolean IS NULL OR a.enabled = $4) AND ($5::uuid IS NULL OR a.deployment_id = $5::uuid)
     ORDER BY a.id DESC LIMIT $6::int`,
    [workspaceId, filter.before, filter.search, filter.enabled, filter.deploymentId, filter.limit],
  );
}

/** By id or name; locked for a change where asked: of two changes one waits. */
export async function findAutomation(sql: Sql, workspaceId: string, ref: string, how?: 'lock'): Promise<AutomationRow | null> {
  const [where, value] = isId('automation', ref) ? ['a.id = $2::uuid', toUuid('automation', ref)] : ['a.name = $2', ref];
  if (how === 'lock')
    await sql.query(`SELECT 1 FROM automation a WHERE a.workspace_id = $1::uuid AND ${where} FOR UPDATE`, [workspaceId, value]);
  const [row] = await sql.query<AutomationRow>(`${SELECT} WHERE a.workspace_id = $1::uuid AND ${where}`, [workspaceId, value]);
  return row ?? null;
}

export function automationsOfDeployment(sql: Sql, deploymentId: string): Promise<AutomationRow[]> {
  return sql.query<AutomationRow>(`${SELECT} WHERE a.deployment_id = $1::uuid ORDER BY a.name`, [deploymentId]);
}

export async function countAutomations(sql: Sql, workspaceId: string): Promise<number> {
  const [row] = await sql.query<{ count: number }>('SELECT count(*)::int AS count FROM automation WHERE workspace_id = $1::uuid', [
    workspaceId,
  ]);
  return row?.count ?? 0;
}

export type Written = {
  readonly definition: AutomationDefinition;
  readonly scopes: readonly string[];
  readonly author: Author;
  readonly deploymentId?: string | null;
  readonly code?: AutomationDefinition | null;
  readonly overlay?: Overlay | null;
};

/** False: there is one of its name. */
export async function insertAutomation(sql: Sql, workspaceId: string, id: string, written: Written): Promise<boolean> {
  const rows = await sql.query(
    `INSERT INTO automation (id, workspace_id, name, description, enabled, trigger, on_trigger, on_resolve, scopes, actor_kind, actor_id, actor_name,
       deployment_id, code, overlay, since_position)
     VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6::text::jsonb, $7::text::jsonb, $8::text::jsonb, $9::text[], $10, $11::uuid, $12, $13::uuid, $14::text::jsonb,
       $15::text::jsonb, (SELECT position FROM event_shard WHERE shard = 0))
     ON CONFLICT (workspace_id, name) DO NOTHING RETURNING id`,
    [id, workspaceId, ...valuesOf(written)],
  );
  return rows.length > 0;
}

/** With all that was merged into it. `problem` is over: who saves it, says it is right. False: another has its name. */
export async function updateAutomation(sql: Sql, workspaceId: string, id: string, written: Written): Promise<boolean> {
  const taken = await sql.query('SELECT 1 FROM automation WHERE workspace_id = $1::uuid AND name = $2 AND id <> $3::uuid', [
    workspaceId,
    written.definition.name,
    id,
  ]);
  if (taken.length > 0) return false;
  await sql.query(
    `UPDATE automation SET name = $3, description = $4, enabled = $5, trigger = $6::text::jsonb, on_trigger = $7::text::jsonb,
       on_resolve = $8::text::jsonb, scopes = $9::text[], actor_kind = $10, actor_id = $11::uuid, actor_name = $12, deployment_id = $13::uuid,
       code = $14::text::jsonb, overlay = $15::text::jsonb, problem = NULL, revision = nextval('automation_revision'), updated_at = now()
     WHERE id = $1::uuid AND workspace_id = $2::uuid`,
    [id, workspaceId, ...valuesOf(written)],
  );
  return true;
}

function valuesOf({ definition, scopes, author, deploymentId = null, code = null, overlay = null }: Written): unknown[] {
  const { name, description, enabled, trigger, onTrigger, onResolve } = definition;
  return [
    name,
    description,
    enabled,
    JSON.stringify(trigger),
    JSON.stringify(onTrigger),
    JSON.stringify(onResolve),
    scopes,
    author.kind,
    author.id,
    author.name,
    deploymentId,
    code && JSON.stringify(code),
    overlay && JSON.stringify(overlay),
  ];
}

/** It counts from here: what its trigger knew is forgotten, and events and time from now on are its business. */
export async function restartTrigger(sql: Sql, workspaceId: string, id: string, buckets: ReadonlyMap<string, Bucket>): Promise<void> {
  await sql.query('DELETE FROM automation_bucket WHERE automation_id = $1::uuid', [id]);
  await sql.query(
    `UPDATE automation SET since_position = (SELECT position FROM event_shard WHERE shard = 0), since_at = now() WHERE id = $1::uuid`,
    [id],
  );
  for (const [bucketId, bucket] of buckets) {
    await sql.query(
      `INSERT INTO automation_bucket (automation_id, hash, workspace_id, id, bucket, deadline_at)
       VALUES ($1::uuid, md5($3)::uuid, $2::uuid, $3, $4::text::jsonb, to_timestamp($5::float8 / 1000))`,
      [id, workspaceId, bucketId, JSON.stringify(bucket), bucket.deadlineAt],
    );
  }
}

/** With its buckets, firings and what they have not done yet. */
export async function deleteAutomation(sql: Sql, workspaceId: string, id: string): Promise<void> {
  await sql.query(
    `DELETE FROM automation_action WHERE workspace_id = $2::uuid AND firing_id IN (SELECT id FROM automation_firing WHERE automation_id = $1::uuid)`,
    [id, workspaceId],
  );
  await sql.query('DELETE FROM automation WHERE id = $1::uuid AND workspace_id = $2::uuid', [id, workspaceId]);
}

/** With no value of a header. */
export function showAutomation(row: AutomationRow): Automation {
  const { id, name, description, enabled, trigger, onTrigger, onResolve, overlay, problem, lastFiredAt, openCount } = row;
  const deployment = row.deploymentId === null ? null : { id: toId('deployment', row.deploymentId), path: row.deploymentPath ?? '' };
  return {
    id: toId('automation', id),
    name,
    description,
    enabled,
    trigger,
    onTrigger: hideHeaders(onTrigger),
    onResolve: hideHeaders(onResolve),
    owner: { kind: deployment ? 'deployment' : 'operator', name: row.actorName, deployment },
    overlay: overlay && { fields: Object.keys(overlay.fields), by: overlay.by, reason: overlay.reason, at: overlay.at },
    problem,
    lastFiredAt: lastFiredAt && new Date(lastFiredAt).toISOString(),
    openCount,
    createdAt: new Date(row.createdAt).toISOString(),
    updatedAt: new Date(row.updatedAt).toISOString(),
  };
}
