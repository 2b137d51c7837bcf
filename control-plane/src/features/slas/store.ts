/** Every query of service levels that people ask. Those of the loop: evaluate.ts. */
import { toId } from '@signalbox/proto';
import type { Sla, SlaViolation } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';

type Row = Omit<Sla, 'id' | 'deployment' | 'lastViolatedAt' | 'createdAt' | 'updatedAt'> & {
  readonly id: string;
  readonly deploymentId: string | null;
  readonly deployment: string | null;
  readonly lastViolatedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};
const SELECT = `SELECT s.id, s.name, s.kind, s.deployment_id AS "deploymentId", f.name || '/' || d.name AS deployment, s.asset, s.seconds, s.severity,
    s.is_enabled AS "isEnabled", CASE WHEN s.code_of IS NULL THEN 'operator' ELSE 'code' END AS origin,
    (SELECT count(*)::int FROM sla_violation v WHERE v.sla_id = s.id AND v.met_at IS NULL) AS unmet,
    (SELECT v.at FROM sla_violation v WHERE v.sla_id = s.id ORDER BY v.id DESC LIMIT 1) AS "lastViolatedAt", s.created_at AS "createdAt", s.updated_at AS "updatedAt"
  FROM sla s LEFT JOIN deployment d ON d.id = s.deployment_id LEFT JOIN flow f ON f.id = d.flow_id`;

type About = { readonly deploymentId: string | null; readonly asset: string | null };

/** By name, all of a workspace, of a deployment or of an asset: they are few. */
export async function readSlas(sql: Sql, workspaceId: string, { deploymentId, asset }: About): Promise<Sla[]> {
  const rows = await sql.query<Row>(
    `${SELECT} WHERE s.workspace_id = $1::uuid AND ($2::uuid IS NULL OR s.deployment_id = $2::uuid) AND ($3::text IS NULL OR s.asset = $3) ORDER BY s.name`,
    [workspaceId, deploymentId, asset],
  );
  return rows.map(show);
}

export async function findSla(sql: Sql, workspaceId: string, id: string): Promise<Sla | null> {
  const [row] = await sql.query<Row>(`${SELECT} WHERE s.workspace_id = $1::uuid AND s.id = $2::uuid`, [workspaceId, id]);
  return row ? show(row) : null;
}

/** Locks one: of two changes, or a change and a delete, one waits. */
export async function lockSla(sql: Sql, workspaceId: string, id: string): Promise<boolean> {
  return (await sql.query('SELECT 1 FROM sla WHERE workspace_id = $1::uuid AND id = $2::uuid FOR UPDATE', [workspaceId, id])).length > 0;
}

export async function deploymentIsThere(sql: Sql, workspaceId: string, id: string): Promise<boolean> {
  return (await sql.query('SELECT 1 FROM deployment WHERE workspace_id = $1::uuid AND id = $2::uuid', [workspaceId, id])).length > 0;
}

export type NewSla = Pick<Sla, 'name' | 'kind' | 'asset' | 'seconds' | 'severity'> & {
  readonly deploymentId: string | null;
  /** The deployment whose code declares it. */
  readonly codeOf: string | null;
};

/** False: the name is taken, as the unique index says. */
export async function insertSla(sql: Sql, key: { id: string; workspaceId: string }, sla: NewSla): Promise<boolean> {
  const rows = await sql.query(
    `INSERT INTO sla (id, workspace_id, name, kind, deployment_id, asset, seconds, severity, code_of)
       VALUES ($1::uuid, $2::uuid, $3, $4, $5::uuid, $6, $7::int, $8, $9::uuid)
     ON CONFLICT (workspace_id, name) DO NOTHING RETURNING id`,
    [key.id, key.workspaceId, sla.name, sla.kind, sla.deploymentId, sla.asset, sla.seconds, sla.severity, sla.codeOf],
  );
  return rows.length > 0;
}

export type SlaOfCode = Pick<Sla, 'name' | 'kind' | 'asset' | 'seconds' | 'severity'> & { readonly id: string };

/** Those that the code of a deployment declares. Its deploys hold the deployment's row. */
export function slasOfCode(sql: Sql, deploymentId: string): Promise<SlaOfCode[]> {
  return sql.query<SlaOfCode>('SELECT id, name, kind, asset, seconds, severity FROM sla WHERE code_of = $1::uuid ORDER BY name', [
    deploymentId,
  ]);
}

/** What code says of it; whether it is switched on stays. */
export async function writeSlaOfCode(sql: Sql, id: string, { seconds, severity }: Pick<Sla, 'seconds' | 'severity'>): Promise<void> {
  await sql.query('UPDATE sla SET seconds = $2::int, severity = $3, updated_at = now() WHERE id = $1::uuid', [id, seconds, severity]);
}

export async function nameIsTaken(sql: Sql, workspaceId: string, name: string): Promise<boolean> {
  return (await sql.query('SELECT 1 FROM sla WHERE workspace_id = $1::uuid AND name = $2', [workspaceId, name])).length > 0;
}

export async function writeSla(sql: Sql, id: string, sla: Pick<Sla, 'name' | 'seconds' | 'severity' | 'isEnabled'>): Promise<void> {
  await sql.query(
    `UPDATE sla SET name = $2, seconds = $3::int, severity = $4, since = CASE WHEN $5::boolean AND NOT is_enabled THEN now() ELSE since END,
       is_enabled = $5::boolean, updated_at = now() WHERE id = $1::uuid`,
    [id, sla.name, sla.seconds, sla.severity, sla.isEnabled],
  );
}

export async function removeSla(sql: Sql, id: string): Promise<void> {
  await sql.query('DELETE FROM sla WHERE id = $1::uuid', [id]);
}

type ViolationRow = {
  readonly id: string;
  readonly slaId: string;
  readonly name: string;
  readonly kind: Sla['kind'];
  readonly severity: Sla['severity'];
  readonly runId: string | null;
  readonly runName: string | null;
  readonly at: Date;
  readonly metAt: Date | null;
};

export async function readViolations(
  sql: Sql,
  workspaceId: string,
  { slaId, deploymentId, asset, before, limit }: About & { slaId: string | null; before: string | null; limit: number },
): Promise<SlaViolation[]> {
  const rows = await sql.query<ViolationRow>(
    `SELECT v.id::text AS id, s.id AS "slaId", s.name, s.kind, s.severity, v.run_id AS "runId", v.run_name AS "runName", v.at, v.met_at AS "metAt"
       FROM sla s JOIN sla_violation v ON v.sla_id = s.id WHERE s.workspace_id = $1::uuid AND ($2::uuid IS NULL OR s.id = $2::uuid)
        AND ($3::uuid IS NULL OR s.deployment_id = $3::uuid) AND ($4::uuid IS NULL OR v.id < $4::uuid) AND ($6::text IS NULL OR s.asset = $6) ORDER BY v.id DESC LIMIT $5::int`,
    [workspaceId, slaId, deploymentId, before, limit, asset],
  );
  return rows.map(({ id, slaId: sla, name, kind, severity, runId, runName, at, metAt }) => ({
    id,
    sla: { id: toId('sla', sla), name, kind, severity },
    run: runId ? { id: toId('run', runId), name: runName ?? '' } : null,
    at: new Date(at).toISOString(),
    metAt: metAt ? new Date(metAt).toISOString() : null,
  }));
}

function show({ deploymentId, deployment, lastViolatedAt, createdAt, updatedAt, ...row }: Row): Sla {
  return {
    ...row,
    id: toId('sla', row.id),
    deployment: deploymentId ? { id: toId('deployment', deploymentId), name: deployment ?? '' } : null,
    lastViolatedAt: lastViolatedAt ? new Date(lastViolatedAt).toISOString() : null,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}
