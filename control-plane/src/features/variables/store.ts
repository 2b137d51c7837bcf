/** Every query of variables. */
import { openEnvelope } from '@signalbox/proto';
import type { Variable } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';

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

function show({ body, createdAt, updatedAt, ...row }: Row): Variable {
  return { ...row, value: body, createdAt: new Date(createdAt).toISOString(), updatedAt: new Date(updatedAt).toISOString() };
}
