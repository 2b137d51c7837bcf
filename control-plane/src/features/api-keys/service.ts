/**
 * Keys of programs: list, create, rotate, revoke. Everybody has keys of their own; those of service accounts and of others
 * are for who has the scope. No key may more than its maker, and one made by a key does not outlive that.
 */
import { toUuid } from '@signalbox/proto';
import type { ApiKey, BuiltInRole, createApiKeyInput, rotateApiKeyInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { beyond, greatestRole } from '../../domain/access.ts';
import { isOrganizationScope, isScope, ORGANIZATION_SCOPES, permits, scopesOf } from '../../domain/permissions.ts';
import type { KeyOwner } from '../../platform/actor.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, forbidden, invalidInput, notFound } from '../../platform/errors.ts';
import type { CommandCtx, Ctx } from '../../platform/services.ts';
import { mintApiKey } from './mint-api-key.ts';
import { type ApiKeyRow, showApiKeys, showOneKey } from './store.ts';

/** More keys than anybody needs are a leak; shown newest first. */
const MAX_SHOWN = 500;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DEFAULT_DAYS = 90;

type WithSecret = { key: ApiKey; secret: string };

/** Everybody’s for who may see them, else one’s own. */
export async function listApiKeys(ctx: Ctx): Promise<ApiKey[]> {
  const own = ownerOf(ctx);
  const seen = ctx.workspace.scopes.has('api-keys:read') ? {} : ownedBy(own);
  const where = { workspaceId: ctx.workspace.id, ...seen };
  return showApiKeys(ctx.tx, await ctx.tx.apiKey.findMany({ where, orderBy: { id: 'desc' }, take: MAX_SHOWN }));
}

export async function createApiKey(ctx: CommandCtx, input: z.output<typeof createApiKeyInput>): Promise<Audited<WithSecret>> {
  const role = input.role ?? defaultRole(ctx);
  requireWithin(ctx, role, input.scopes);
  requireOfOrganization(ctx, input.organizationScopes);
  const { row, secret } = await mintApiKey(ctx.tx, {
    workspaceId: ctx.workspace.id,
    name: input.name,
    role,
    scopes: input.scopes,
    organizationScopes: input.organizationScopes,
    owner: await ownerFor(ctx, input.serviceAccount),
    expiresAt: expiryOf(ctx, input.expiresInDays),
    madeWith: keyOf(ctx),
  });
  const key = await showOneKey(ctx.tx, row);
  return audited({ key, secret }, { target: { kind: 'api-key', id: row.id }, before: null, after: key });
}

/** A key in another’s place: the old one works on for the overlap. A key may rotate itself, not prolong itself. */
export async function rotateApiKey(ctx: CommandCtx, input: z.output<typeof rotateApiKeyInput>): Promise<Audited<WithSecret>> {
  const old = await ownKey(ctx, input.key);
  const own = ownerOf(ctx);
  // The secret that is answered speaks in its owner's name.
  if (old.userId && !(own?.kind === 'person' && own.id === old.userId))
    throw forbidden(`API key "${old.name}" is a person's: they alone rotate it. You may revoke it.`);
  if (old.revokedAt || (old.expiresAt && old.expiresAt.getTime() <= Date.now()))
    throw conflict(`API key "${old.name}" works no more: make a new one.`);
  if (old.replacedBy) throw conflict(`API key "${old.name}" was rotated already.`);
  requireWithin(ctx, old.role as BuiltInRole, old.scopes);
  requireOfOrganization(ctx, old.organizationScopes);
  const { row, secret } = await mintApiKey(ctx.tx, {
    workspaceId: ctx.workspace.id,
    name: old.name,
    role: old.role as BuiltInRole,
    scopes: old.scopes,
    organizationScopes: old.organizationScopes,
    owner: old.userId
      ? { kind: 'person', id: old.userId }
      : old.serviceAccountId
        ? { kind: 'service-account', id: old.serviceAccountId }
        : null,
    expiresAt: expiryOf(ctx, input.expiresInDays),
    madeWith: keyOf(ctx),
  });
  const overlapMs = input.overlapHours * HOUR_MS;
  // Conditional: of two that rotate at once, the second is told. By Postgres' clock, and never later than it would have ended.
  const changed = await ctx.tx.$executeRaw`UPDATE api_key SET replaced_by = ${row.id}::uuid,
      expires_at = least(expires_at, now() + make_interval(secs => ${overlapMs / 1000}))
    WHERE id = ${old.id}::uuid AND replaced_by IS NULL AND revoked_at IS NULL`;
  if (changed === 0) throw conflict(`API key "${old.name}" was rotated or revoked a moment ago.`);
  const key = await showOneKey(ctx.tx, row);
  const before = await showOneKey(ctx.tx, old);
  return audited({ key, secret }, { target: { kind: 'api-key', id: old.id }, before, after: key });
}

/** With whatever keys were made with it, and with those: a thief may have made some. Revoking a revoked key answers it as it is. */
export async function revokeApiKey(ctx: CommandCtx, input: { key: string }): Promise<Audited<ApiKey>> {
  const row = await ownKey(ctx, input.key);
  // Conditional, so that the first revocation's instant stays.
  await ctx.tx.$executeRaw`WITH RECURSIVE made AS (
      SELECT id FROM api_key WHERE id = ${row.id}::uuid UNION SELECT k.id FROM api_key k JOIN made ON k.made_with = made.id)
    UPDATE api_key SET revoked_at = now() WHERE id IN (SELECT id FROM made) AND revoked_at IS NULL`;
  const before = await showOneKey(ctx.tx, row);
  const after = await showOneKey(ctx.tx, await ctx.tx.apiKey.findFirstOrThrow({ where: { id: row.id, workspaceId: ctx.workspace.id } }));
  return audited(after, { target: { kind: 'api-key', id: row.id }, before, after });
}

/** @throws NOT_FOUND also for another’s key, without the scope to change those. */
async function ownKey(ctx: Ctx, key: string): Promise<ApiKeyRow> {
  const id = toUuid('apiKey', key);
  const others = ctx.workspace.scopes.has('api-keys:write') ? {} : ownedBy(ownerOf(ctx));
  const row = await ctx.tx.apiKey.findFirst({ where: { id, workspaceId: ctx.workspace.id, ...others } });
  if (!row) throw notFound('API key', key);
  return row;
}

/** The key that asks, if it is one. */
const keyOf = ({ actor }: Ctx): string | null => (actor.kind === 'api-key' ? actor.id : null);

/** Who asks, as somebody who may own keys. */
function ownerOf({ actor }: Ctx): KeyOwner | null {
  if (actor.kind === 'automation') return null;
  if (actor.kind === 'run') throw forbidden('A run has no API keys.');
  return actor.kind === 'user' ? { kind: 'person', id: actor.id } : actor.owner;
}

/** Keys of nobody are the system’s: without an owner, none is one’s own. */
function ownedBy(owner: KeyOwner | null) {
  if (!owner) return { id: { in: [] } };
  return owner.kind === 'person' ? { userId: owner.id } : { serviceAccountId: owner.id };
}

async function ownerFor(ctx: CommandCtx, serviceAccount: string | undefined): Promise<KeyOwner | null> {
  if (serviceAccount === undefined) return ownerOf(ctx);
  const id = toUuid('serviceAccount', serviceAccount);
  if (!ctx.workspace.scopes.has('api-keys:write')) {
    throw forbidden('A key of a service account is made by who has the scope api-keys:write.', { scope: 'api-keys:write' });
  }
  // Row-level security shows those of the workspace's organization alone.
  const account = await ctx.tx.serviceAccount.findFirst({ where: { id, organizationId: ctx.workspace.organization.id } });
  if (!account) throw notFound('service account', serviceAccount);
  return { kind: 'service-account', id };
}

function defaultRole({ workspace }: Ctx): BuiltInRole {
  if (scopesOf('developer').every((scope) => workspace.scopes.has(scope))) return 'developer';
  return greatestRole(workspace.scopes) ?? 'viewer';
}

/** @throws INVALID_INPUT for what is no scope of the role, FORBIDDEN for what the maker has not. */
function requireWithin({ workspace }: Ctx, role: BuiltInRole, scopes: readonly string[]): void {
  const strange = scopes.find((scope) => !isScope(scope) || !permits(role, scope));
  if (strange !== undefined)
    throw invalidInput([{ field: 'scopes', expected: `scopes of the role "${role}"`, received: strange.slice(0, 60) }]);
  const wanted = scopes.length > 0 ? scopes.filter(isScope) : scopesOf(role);
  const missing = beyond(workspace.scopes, wanted);
  if (missing.length > 0) {
    throw forbidden(`Your role "${workspace.role}" may not make a key of role "${role}": it lacks ${missing.slice(0, 5).join(', ')}.`, {
      missing,
    });
  }
}

/** @throws INVALID_INPUT for what is no scope of an organization, FORBIDDEN for one that the maker has not. */
function requireOfOrganization({ organizationScopes }: Ctx, wanted: readonly string[]): void {
  const strange = wanted.find((scope) => !isOrganizationScope(scope));
  if (strange !== undefined)
    throw invalidInput([{ field: 'organizationScopes', expected: `of ${ORGANIZATION_SCOPES.join(', ')}`, received: strange.slice(0, 60) }]);
  const missing = beyond(organizationScopes, wanted.filter(isOrganizationScope));
  if (missing.length > 0) throw forbidden(`Nobody makes a key that may more than they may: you lack ${missing.join(', ')}.`, { missing });
}

/** @throws INVALID_INPUT for a key that is to outlive the one that makes it. */
function expiryOf({ credentialExpiresAt }: Ctx, days: number | undefined): Date {
  const asked = new Date(Date.now() + (days ?? DEFAULT_DAYS) * DAY_MS);
  if (!credentialExpiresAt || asked <= credentialExpiresAt) return asked;
  if (days === undefined) return credentialExpiresAt;
  throw invalidInput([
    {
      field: 'expiresInDays',
      expected: `an end no later than that of the key that asks, ${credentialExpiresAt.toISOString()}`,
      received: String(days),
    },
  ]);
}
