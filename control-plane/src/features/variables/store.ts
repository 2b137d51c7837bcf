/** Every query of variables and of the events that flows emit. */
import { openEnvelope } from '@signalbox/proto';
import type { Variable } from '@signalbox/proto/api';
import type { EmitEventOp } from '@signalbox/proto/messages';
import type { Sql } from '../../platform/sql.ts';
import type { Caller } from '../calls/index.ts';

type Row = {
  readonly name: string;
  readonly body: unknown;
  readonly description: string;
  readonly tags: string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
};
const COLUMNS = `name, value->'body' AS body, description, tags, created_at AS "createdAt", updated_at AS "updatedAt"`;

/** In the order of names after `after`. Primary key; no lock. */
export async function readVariables(
  sql: Sql,
  workspaceId: string,
  { prefix, after, limit }: { prefix: string; after: string; limit: number },
): Promise<Variable[]> {
  const rows = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM variable WHERE workspace_id = $1::uuid AND name > $2 AND starts_with(name, $3) ORDER BY name LIMIT $4::int`,
    [workspaceId, after, prefix, limit],
  );
  return rows.map(show);
}

/** One, locked for a change where asked: of two changes one waits. */
export async function findVariable(sql: Sql, workspaceId: string, name: string, how?: 'lock'): Promise<Variable | null> {
  const lock = how === 'lock' ? 'FOR UPDATE' : '';
  const [row] = await sql.query<Row>(`SELECT ${COLUMNS} FROM variable WHERE workspace_id = $1::uuid AND name = $2 ${lock}`, [
    workspaceId,
    name,
  ]);
  return row ? show(row) : null;
}

export async function countVariables(sql: Sql, workspaceId: string): Promise<number> {
  const [row] = await sql.query<{ count: number }>('SELECT count(*)::int AS count FROM variable WHERE workspace_id = $1::uuid', [
    workspaceId,
  ]);
  return row?.count ?? 0;
}

export async function putVariable(
  sql: Sql,
  workspaceId: string,
  { name, value, description, tags }: Pick<Variable, 'name' | 'value' | 'description' | 'tags'>,
): Promise<Variable> {
  const [row] = await sql.query<Row>(
    `INSERT INTO variable (workspace_id, name, value, description, tags) VALUES ($1::uuid, $2, $3::text::jsonb, $4, $5::text[])
     ON CONFLICT (workspace_id, name) DO UPDATE
     SET value = excluded.value, description = excluded.description, tags = excluded.tags, updated_at = now()
     RETURNING ${COLUMNS}`,
    [workspaceId, name, JSON.stringify(openEnvelope(value)), description, tags],
  );
  return show(row as Row);
}

/** What was deleted; null: there was none. */
export async function removeVariable(sql: Sql, workspaceId: string, name: string): Promise<Variable | null> {
  const [row] = await sql.query<Row>(`DELETE FROM variable WHERE workspace_id = $1::uuid AND name = $2 RETURNING ${COLUMNS}`, [
    workspaceId,
    name,
  ]);
  return row ? show(row) : null;
}

/** Events of one run so far. Primary key. */
export async function countEvents(sql: Sql, { workspaceId, runId }: Caller): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM custom_event WHERE workspace_id = $1::uuid AND run_id = $2::uuid',
    [workspaceId, runId],
  );
  return row?.count ?? 0;
}

/** A repeat of one request changes nothing: the primary key decides. */
export async function insertEvent(sql: Sql, { workspaceId, runId, epoch }: Caller, op: EmitEventOp): Promise<void> {
  await sql.query(
    `INSERT INTO custom_event (workspace_id, run_id, id, epoch, name, resource, payload, occurred_at)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4::bigint, $5, $6, $7::text::jsonb, $8::timestamptz)
     ON CONFLICT (workspace_id, run_id, id) DO NOTHING`,
    [workspaceId, runId, op.requestId, epoch, op.event, op.resource, JSON.stringify(openEnvelope(op.payload)), op.occurredAt],
  );
}

function show({ body, createdAt, updatedAt, ...row }: Row): Variable {
  return { ...row, value: body, createdAt: new Date(createdAt).toISOString(), updatedAt: new Date(updatedAt).toISOString() };
}
