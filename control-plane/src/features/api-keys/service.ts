/** Keys of programs: list, create, revoke. Nobody makes a key that may more than they may. */
import { toUuid } from '@signalbox/proto';
import type { ApiKey, createApiKeyInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { mayGrant } from '../../domain/permissions.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { forbidden, notFound } from '../../platform/errors.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { mintApiKey } from './mint-api-key.ts';
import { showApiKey } from './store.ts';

/** More keys than anybody needs are a leak; shown newest first. */
const MAX_SHOWN = 500;
const DAY_MS = 86_400_000;

export async function listApiKeys(ctx: Ctx): Promise<ApiKey[]> {
  const rows = await ctx.tx.apiKey.findMany({ where: { workspaceId: ctx.workspace.id }, orderBy: { id: 'desc' }, take: MAX_SHOWN });
  return rows.map(showApiKey);
}

export async function createApiKey(
  ctx: CommandCtx,
  input: z.output<typeof createApiKeyInput>,
): Promise<Audited<{ key: ApiKey; secret: string }>> {
  if (!mayGrant(ctx.workspace.role, input.role)) {
    throw forbidden(`Your role "${ctx.workspace.role}" may not make a key of role "${input.role}".`);
  }
  const { row, secret } = await mintApiKey(ctx.tx, {
    workspaceId: ctx.workspace.id,
    name: input.name,
    role: input.role,
    createdBy: ctx.actor.kind === 'user' ? ctx.actor.id : null,
    expiresAt: new Date(Date.now() + input.expiresInDays * DAY_MS),
  });
  const key = showApiKey(row);
  return audited({ key, secret }, { target: { kind: 'api-key', id: row.id }, before: null, after: key });
}

/** Revoking a revoked key answers it as it is. */
export async function revokeApiKey(ctx: CommandCtx, input: { key: string }): Promise<Audited<ApiKey>> {
  const id = toUuid('apiKey', input.key);
  const before = await ctx.tx.apiKey.findFirst({ where: { id, workspaceId: ctx.workspace.id } });
  if (!before) throw notFound('API key', input.key);
  // Conditional, so that the first revocation's instant stays.
  await ctx.tx.$executeRaw`UPDATE api_key SET revoked_at = now() WHERE id = ${id}::uuid AND revoked_at IS NULL`;
  const after = await ctx.tx.apiKey.findFirstOrThrow({ where: { id, workspaceId: ctx.workspace.id } });
  return audited(showApiKey(after), { target: { kind: 'api-key', id }, before: showApiKey(before), after: showApiKey(after) });
}
