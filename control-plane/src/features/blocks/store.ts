/** Every query of blocks and their types. */
import { openEnvelope, toId } from '@signalbox/proto';
import type { Block, BlockType } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';

export type BlockRef = { readonly type: string; readonly name: string };

type TypeRow = Omit<BlockType, 'updatedAt'> & { readonly updatedAt: Date };
const TYPE_COLUMNS = `t.name, t.description, t.schema, t.secret_fields AS "secretFields", t.updated_at AS "updatedAt",
  (SELECT count(*)::int FROM block b WHERE b.workspace_id = t.workspace_id AND b.type = t.name) AS blocks`;

/** Primary key; no lock. */
export async function readBlockTypes(sql: Sql, workspaceId: string, limit: number): Promise<BlockType[]> {
  const rows = await sql.query<TypeRow>(
    `SELECT ${TYPE_COLUMNS} FROM block_type t WHERE t.workspace_id = $1::uuid ORDER BY t.name LIMIT $2::int`,
    [workspaceId, limit],
  );
  return rows.map(showType);
}

/** Locked where blocks of it are written or it is deleted: of the two one waits. */
export async function findBlockType(sql: Sql, workspaceId: string, name: string, how?: 'lock'): Promise<BlockType | null> {
  const lock = how === 'lock' ? 'FOR UPDATE OF t' : '';
  const [row] = await sql.query<TypeRow>(
    `SELECT ${TYPE_COLUMNS} FROM block_type t WHERE t.workspace_id = $1::uuid AND t.name = $2 ${lock}`,
    [workspaceId, name],
  );
  return row ? showType(row) : null;
}

export async function putBlockType(
  sql: Sql,
  workspaceId: string,
  { name, description, schema, secretFields }: Pick<BlockType, 'name' | 'description' | 'schema' | 'secretFields'>,
): Promise<BlockType> {
  const [row] = await sql.query<TypeRow>(
    `INSERT INTO block_type AS t (workspace_id, name, description, schema, secret_fields) VALUES ($1::uuid, $2, $3, $4::text::jsonb, $5::text[])
     ON CONFLICT (workspace_id, name) DO UPDATE
     SET description = excluded.description, schema = excluded.schema, secret_fields = excluded.secret_fields, updated_at = now()
     RETURNING ${TYPE_COLUMNS}`,
    [workspaceId, name, description, JSON.stringify(schema), secretFields],
  );
  return showType(row as TypeRow);
}

export async function removeBlockType(sql: Sql, workspaceId: string, name: string): Promise<void> {
  await sql.query('DELETE FROM block_type WHERE workspace_id = $1::uuid AND name = $2', [workspaceId, name]);
}

type Row = BlockRef & {
  readonly id: string;
  readonly body: Record<string, unknown>;
  readonly description: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};
const COLUMNS = `id, type, name, value->'body' AS body, description, created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Primary key, after the last one of the page before; no lock. */
export async function readBlocks(
  sql: Sql,
  workspaceId: string,
  { type, after, limit }: { type: string | null; after: BlockRef; limit: number },
): Promise<Block[]> {
  const rows = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM block WHERE workspace_id = $1::uuid AND ($2::text IS NULL OR type = $2) AND (type, name) > ($3, $4)
     ORDER BY type, name LIMIT $5::int`,
    [workspaceId, type, after.type, after.name, limit],
  );
  return rows.map(show);
}

export async function findBlock(sql: Sql, workspaceId: string, { type, name }: BlockRef, how?: 'lock'): Promise<Block | null> {
  const [row] = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM block WHERE workspace_id = $1::uuid AND type = $2 AND name = $3 ${how === 'lock' ? 'FOR UPDATE' : ''}`,
    [workspaceId, type, name],
  );
  return row ? show(row) : null;
}

export async function countBlocks(sql: Sql, workspaceId: string): Promise<number> {
  const [row] = await sql.query<{ count: number }>('SELECT count(*)::int AS count FROM block WHERE workspace_id = $1::uuid', [workspaceId]);
  return row?.count ?? 0;
}

/** `id`: of the one that is there, else a new one. */
export async function putBlock(
  sql: Sql,
  workspaceId: string,
  { type, name, value, description }: Pick<Block, 'type' | 'name' | 'value' | 'description'>,
  id: string,
): Promise<Block> {
  const [row] = await sql.query<Row>(
    `INSERT INTO block (workspace_id, type, name, value, description, id) VALUES ($1::uuid, $2, $3, $4::text::jsonb, $5, $6::uuid)
     ON CONFLICT (workspace_id, type, name) DO UPDATE SET value = excluded.value, description = excluded.description, updated_at = now()
     RETURNING ${COLUMNS}`,
    [workspaceId, type, name, JSON.stringify(openEnvelope(value)), description, id],
  );
  return show(row as Row);
}

/** What was deleted; null: there was none. */
export async function removeBlock(sql: Sql, workspaceId: string, { type, name }: BlockRef): Promise<Block | null> {
  const [row] = await sql.query<Row>(`DELETE FROM block WHERE workspace_id = $1::uuid AND type = $2 AND name = $3 RETURNING ${COLUMNS}`, [
    workspaceId,
    type,
    name,
  ]);
  return row ? show(row) : null;
}

function show({ id, body, createdAt, updatedAt, ...row }: Row): Block {
  const [created, updated] = [new Date(createdAt).toISOString(), new Date(updatedAt).toISOString()];
  return { id: toId('block', id), ...row, value: body, createdAt: created, updatedAt: updated };
}

function showType(row: TypeRow): BlockType {
  return { ...row, updatedAt: new Date(row.updatedAt).toISOString() };
}
