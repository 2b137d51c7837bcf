/** Every query of webhooks and of what came in by them. */
import { toId } from '@signalbox/proto';
import type { Webhook, WebhookRequest } from '@signalbox/proto/api';
import type { Sql } from '../../platform/sql.ts';

type Row = Omit<Webhook, 'id' | 'oldUntil' | 'createdAt' | 'updatedAt' | 'lastAt'> & {
  readonly id: string;
  readonly oldUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lastAt: Date | null;
};
const COLUMNS = `id, name, preset, is_enabled AS "isEnabled", scheme, template, prefix, CASE WHEN old_until > now() THEN old_until END AS "oldUntil",
  created_at AS "createdAt", updated_at AS "updatedAt", last_at AS "lastAt"`;

/** By name, all of a workspace: they are few. */
export async function readWebhooks(sql: Sql, workspaceId: string): Promise<Webhook[]> {
  return (await sql.query<Row>(`SELECT ${COLUMNS} FROM webhook WHERE workspace_id = $1::uuid ORDER BY name`, [workspaceId])).map(show);
}

export async function findWebhook(sql: Sql, workspaceId: string, id: string, how?: 'lock'): Promise<Webhook | null> {
  const lock = how === 'lock' ? 'FOR UPDATE' : '';
  const [row] = await sql.query<Row>(`SELECT ${COLUMNS} FROM webhook WHERE workspace_id = $1::uuid AND id = $2::uuid ${lock}`, [
    workspaceId,
    id,
  ]);
  return row ? show(row) : null;
}

export type Token = { readonly hash: Uint8Array; readonly prefix: string };
export type Fields = Pick<Webhook, 'name' | 'preset' | 'isEnabled' | 'template'>;
export type Proof = { readonly scheme: Webhook['scheme']; readonly sealed: string | null };

/** False: the name is taken, as the unique index says. */
export async function insertWebhook(
  sql: Sql,
  key: { id: string; workspaceId: string },
  fields: Fields & Proof,
  token: Token,
): Promise<boolean> {
  const rows = await sql.query(
    `INSERT INTO webhook (id, workspace_id, name, preset, scheme, sealed, template, token_hash, prefix)
     VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6, $7::text::jsonb, $8, $9) ON CONFLICT (workspace_id, name) DO NOTHING RETURNING id`,
    [key.id, key.workspaceId, fields.name, fields.preset, fields.scheme, fields.sealed, jsonOf(fields.template), token.hash, token.prefix],
  );
  return rows.length > 0;
}

export async function nameIsTaken(sql: Sql, workspaceId: string, name: string): Promise<boolean> {
  return (await sql.query('SELECT 1 FROM webhook WHERE workspace_id = $1::uuid AND name = $2', [workspaceId, name])).length > 0;
}

/** `proof` null: stays. */
export async function writeWebhook(sql: Sql, id: string, fields: Fields, proof: Proof | null): Promise<void> {
  await sql.query(
    `UPDATE webhook SET name = $2, preset = $3, is_enabled = $4::boolean, template = $5::text::jsonb, scheme = coalesce($6, scheme),
       sealed = CASE WHEN $6::text IS NULL THEN sealed ELSE $7 END, updated_at = now() WHERE id = $1::uuid`,
    [id, fields.name, fields.preset, fields.isEnabled, jsonOf(fields.template), proof?.scheme ?? null, proof?.sealed ?? null],
  );
}

export async function writeToken(sql: Sql, id: string, token: Token, graceHours: number): Promise<void> {
  await sql.query(
    `UPDATE webhook SET old_token_hash = CASE WHEN $4::int > 0 THEN token_hash END, old_until = CASE WHEN $4::int > 0 THEN now() + make_interval(hours => $4::int) END,
       token_hash = $2, prefix = $3, updated_at = now() WHERE id = $1::uuid`,
    [id, token.hash, token.prefix, graceHours],
  );
}

export async function removeWebhook(sql: Sql, id: string): Promise<void> {
  await sql.query('DELETE FROM webhook WHERE id = $1::uuid', [id]);
}

export type Opened = Pick<Webhook, 'name' | 'preset' | 'template' | 'scheme'> & {
  readonly id: string;
  readonly workspaceId: string;
  readonly sealed: string | null;
};

/** By the hash of a token, of whatever workspace: as `signalbox_system`, since the token says which. Both unique indexes. */
export async function openByToken(sql: Sql, hash: Uint8Array): Promise<Opened | null> {
  const [row] = await sql.query<Opened>(
    `SELECT h.id, h.workspace_id AS "workspaceId", h.name, h.preset, h.template, h.scheme, h.sealed FROM webhook h JOIN workspace w ON w.id = h.workspace_id
      WHERE (h.token_hash = $1 OR h.old_token_hash = $1 AND h.old_until > now()) AND h.is_enabled AND w.purge_at IS NULL`,
    [hash],
  );
  return row ?? null;
}

export type NewRequest = {
  readonly id: string;
  readonly workspaceId: string;
  readonly webhookId: string;
  readonly method: string;
  readonly bytes: number;
  readonly outcome: WebhookRequest['outcome'];
  readonly reason: string | null;
  readonly events: readonly string[];
  readonly key: string | null;
  /** See `proofKeyOf`. */
  readonly proofKey: Buffer | null;
};

/** False: a request of this key, or proved by the same, was taken before. */
export async function insertRequest(sql: Sql, request: NewRequest): Promise<boolean> {
  const rows = await sql.query(
    `INSERT INTO webhook_request (id, workspace_id, webhook_id, method, bytes, outcome, reason, events, sender_key, proof_key)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5::int, $6, $7, $8::uuid[], $9, $10::bytea) ON CONFLICT DO NOTHING RETURNING id`,
    [
      request.id,
      request.workspaceId,
      request.webhookId,
      request.method,
      request.bytes,
      request.outcome,
      request.reason,
      request.events,
      request.key,
      request.proofKey,
    ],
  );
  return rows.length > 0;
}

/** True once an hour: that it refuses requests is to be told. */
export async function isRefusalToTell(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE webhook SET refusal_told_at = now() WHERE id = $1::uuid AND (refusal_told_at IS NULL OR refusal_told_at < now() - interval '1 hour')
     RETURNING id`,
    [id],
  );
  return rows.length > 0;
}

/** At most once a minute: a busy webhook is one hot row else. */
export async function touchWebhook(sql: Sql, id: string): Promise<void> {
  await sql.query(`UPDATE webhook SET last_at = now() WHERE id = $1::uuid AND (last_at IS NULL OR last_at < now() - interval '1 minute')`, [
    id,
  ]);
}

type RequestRow = Omit<WebhookRequest, 'at'> & { readonly at: Date };

/** Newest first: webhook_request_log. */
export async function readRequests(sql: Sql, webhookId: string, before: string | null, limit: number): Promise<WebhookRequest[]> {
  const rows = await sql.query<RequestRow>(
    `SELECT id::text AS id, at, method, bytes, outcome, reason, to_json(events) AS events FROM webhook_request
      WHERE webhook_id = $1::uuid AND ($2::uuid IS NULL OR webhook_request.id < $2::uuid) ORDER BY webhook_request.id DESC LIMIT $3::int`,
    [webhookId, before, limit],
  );
  return rows.map(({ at, ...row }) => ({ ...row, at: new Date(at).toISOString() }));
}

const jsonOf = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

function show({ oldUntil, createdAt, updatedAt, lastAt, ...row }: Row): Webhook {
  const instant = (date: Date | null) => (date ? new Date(date).toISOString() : null);
  return {
    ...row,
    id: toId('webhook', row.id),
    oldUntil: instant(oldUntil),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    lastAt: instant(lastAt),
  };
}
