/** The verbs of webhooks. Tokens are stored as hashes and shown once; secrets of signatures are sealed and never shown. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type {
  createdWebhookSchema,
  createWebhookInput,
  listWebhookRequestsInput,
  previewWebhookInput,
  rotateWebhookInput,
  updateWebhookInput,
  Webhook,
  WebhookPreview,
  WebhookRequest,
  WebhookVerify,
} from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, limitExceeded, notFound } from '../../platform/errors.ts';
import { cursorPlainUuid, type Page } from '../../platform/pagination.ts';
import { sealOf } from '../../platform/seal.ts';
import { hashSecret, newCheckedSecret } from '../../platform/secrets.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { makeEvents, readBody } from './make-events.ts';
import {
  type Fields,
  findWebhook,
  insertWebhook,
  nameIsTaken,
  type Proof,
  readRequests,
  readWebhooks,
  removeWebhook,
  type Token,
  writeToken,
  writeWebhook,
} from './store.ts';
import { allowanceOf } from './template.ts';

/** Webhooks of one workspace. */
const MOST = 200;
const PREFIX_SHOWN = 10;
type Created = z.output<typeof createdWebhookSchema>;

export function listWebhooks(ctx: Ctx): Promise<Webhook[]> {
  return readWebhooks(sqlOfTx(ctx.tx), ctx.workspace.id);
}

/** @throws CONFLICT when the name is taken, LIMIT_EXCEEDED over 200 */
export async function createWebhook(
  ctx: CommandCtx,
  { verify, ...fields }: z.output<typeof createWebhookInput>,
): Promise<Audited<Created>> {
  const sql = sqlOfTx(ctx.tx);
  if ((await readWebhooks(sql, ctx.workspace.id)).length >= MOST) throw limitExceeded(`A workspace has at most ${MOST} webhooks.`);
  const { token, url } = newToken(ctx);
  const id = uuidv7(Date.now());
  const made = await insertWebhook(
    sql,
    { id, workspaceId: ctx.workspace.id },
    { ...fields, isEnabled: true, ...(await proofOf(ctx, verify)) },
    token,
  );
  if (!made) throw nameTaken(fields.name);
  const webhook = await findOrThrow(ctx, toId('webhook', id));
  return audited({ webhook, url }, { target: { kind: 'webhook', id }, before: null, after: facts(webhook) });
}

/** What is absent stays. @throws NOT_FOUND, CONFLICT when the new name is taken */
export async function updateWebhook(ctx: CommandCtx, input: z.output<typeof updateWebhookInput>): Promise<Audited<Webhook>> {
  const sql = sqlOfTx(ctx.tx);
  const before = await findOrThrow(ctx, input.webhook, 'lock');
  const fields: Fields = {
    name: input.name ?? before.name,
    preset: input.preset ?? before.preset,
    isEnabled: input.isEnabled ?? before.isEnabled,
    template: input.template === undefined ? before.template : input.template,
  };
  if (fields.name !== before.name && (await nameIsTaken(sql, ctx.workspace.id, fields.name))) throw nameTaken(fields.name);
  const id = toUuid('webhook', before.id);
  await writeWebhook(sql, id, fields, input.verify ? await proofOf(ctx, input.verify) : null);
  const after = await findOrThrow(ctx, before.id);
  return audited(after, {
    target: { kind: 'webhook', id },
    before: facts(before),
    after: { ...facts(after), isNewSecret: input.verify !== undefined },
  });
}

/** A new address; the old one is taken for a while. @throws NOT_FOUND */
export async function rotateWebhook(ctx: CommandCtx, input: z.output<typeof rotateWebhookInput>): Promise<Audited<Created>> {
  const before = await findOrThrow(ctx, input.webhook, 'lock');
  const { token, url } = newToken(ctx);
  const id = toUuid('webhook', before.id);
  await writeToken(sqlOfTx(ctx.tx), id, token, input.graceHours);
  const webhook = await findOrThrow(ctx, before.id);
  return audited(
    { webhook, url },
    { target: { kind: 'webhook', id }, before: { prefix: before.prefix }, after: { prefix: webhook.prefix, graceHours: input.graceHours } },
  );
}

/** @throws NOT_FOUND */
export async function deleteWebhook(ctx: CommandCtx, input: { webhook: string }): Promise<Audited<{ deleted: true }>> {
  const before = await findOrThrow(ctx, input.webhook, 'lock');
  const id = toUuid('webhook', before.id);
  await removeWebhook(sqlOfTx(ctx.tx), id);
  return audited({ deleted: true as const }, { target: { kind: 'webhook', id }, before: facts(before), after: null });
}

/** What came in, newest first. @throws NOT_FOUND */
export async function listWebhookRequests(ctx: Ctx, input: z.output<typeof listWebhookRequestsInput>): Promise<Page<WebhookRequest>> {
  const webhook = await findOrThrow(ctx, input.webhook);
  const { cursor, limit } = input;
  const rows = await readRequests(sqlOfTx(ctx.tx), toUuid('webhook', webhook.id), cursorPlainUuid(cursor), limit + 1);
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** What a request would become, were it signed; nothing is written. */
export async function previewWebhook(
  ctx: CommandCtx,
  { preset, template, request }: z.output<typeof previewWebhookInput>,
): Promise<Audited<WebhookPreview>> {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const body = readBody(request.body, headers['content-type'] ?? 'application/json');
  const { events, problem } = makeEvents(
    { name: 'preview', preset, template },
    { ...request, headers, body },
    allowanceOf(ctx.workspace.id),
  );
  const shown = events.map((event) => ({ ...event, resource: { ...event.resource }, payload: { ...event.payload } }));
  return audited({ events: shown, problem }, { target: { kind: 'webhook', id: null }, before: null, after: null });
}

function newToken(ctx: Ctx): { token: Token; url: string } {
  const secret = newCheckedSecret('sbw_');
  return { token: { hash: hashSecret(secret), prefix: secret.slice(0, PREFIX_SHOWN) }, url: `${ctx.settings.publicUrl}/hooks/${secret}` };
}

async function proofOf(ctx: Ctx, verify: WebhookVerify): Promise<Proof> {
  return {
    scheme: verify.scheme,
    sealed: Object.keys(verify).length > 1 ? await sealOf(ctx.settings.secret).close(JSON.stringify(verify)) : null,
  };
}

async function findOrThrow(ctx: Ctx, id: string, how?: 'lock'): Promise<Webhook> {
  const found = await findWebhook(sqlOfTx(ctx.tx), ctx.workspace.id, toUuid('webhook', id), how);
  if (!found) throw notFound('webhook', id);
  return found;
}

const nameTaken = (name: string) => conflict(`There is a webhook "${name}" already.`, { name });

function facts({ name, preset, isEnabled, scheme, template, prefix }: Webhook) {
  return { name, preset, isEnabled, scheme, hasTemplate: template !== null, prefix };
}
