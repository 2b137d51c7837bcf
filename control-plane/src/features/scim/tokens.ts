/** Tokens of an organization's directory: shown once, kept as a hash, good for one organization's people. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type { createdScimTokenSchema, createScimTokenInput, ScimToken, scimTokenInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import type { Db } from '../../platform/db.ts';
import { limitExceeded, notFound, preconditionFailed } from '../../platform/errors.ts';
import { hashSecret, newSecret } from '../../platform/secrets.ts';
import type { OrganizationCommandCtx, OrganizationCtx } from '../../platform/services.ts';

const PREFIX_CHARACTERS = 12;
const DAY_MS = 86_400_000;
const MAX_TOKENS = 20;
type Row = {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
};

export async function listTokens(ctx: OrganizationCtx): Promise<ScimToken[]> {
  const organizationId = ctx.organization.id;
  return (await ctx.tx.scimToken.findMany({ where: { organizationId }, orderBy: { id: 'desc' }, take: 100 })).map(show);
}

export async function createToken(
  ctx: OrganizationCommandCtx,
  input: z.output<typeof createScimTokenInput>,
): Promise<Audited<z.output<typeof createdScimTokenSchema>>> {
  const organizationId = ctx.organization.id;
  const live = await ctx.tx.scimToken.count({ where: { organizationId, revokedAt: null } });
  if (live >= MAX_TOKENS) throw limitExceeded(`An organization has at most ${MAX_TOKENS} tokens that are not revoked.`);
  const secret = newSecret('sbc_');
  const row = await ctx.tx.scimToken.create({
    data: {
      id: uuidv7(Date.now()),
      organizationId,
      name: input.name,
      prefix: secret.slice(0, PREFIX_CHARACTERS),
      secretHash: hashSecret(secret),
      createdBy: ctx.actor.kind === 'user' ? ctx.actor.id : null,
      expiresAt: new Date(Date.now() + input.expiresInDays * DAY_MS),
    },
  });
  const { name, prefix, expiresAt } = row;
  const output = { token: show(row), secret, baseUrl: `${ctx.settings.publicUrl}/scim/v2` };
  return audited(output, { target: { kind: 'scim-token', id: row.id }, before: null, after: { name, prefix, expiresAt } });
}

export async function revokeToken(ctx: OrganizationCommandCtx, input: z.output<typeof scimTokenInput>): Promise<Audited<ScimToken>> {
  const organizationId = ctx.organization.id;
  const row = await ctx.tx.scimToken.findFirst({ where: { id: toUuid('scimToken', input.token), organizationId } });
  if (!row) throw notFound('token', input.token);
  if (row.revokedAt) throw preconditionFailed(`The token "${row.name}" is revoked already.`);
  const revoked = await ctx.tx.scimToken.update({ where: { id: row.id }, data: { revokedAt: new Date() } });
  return audited(show(revoked), { target: { kind: 'scim-token', id: row.id }, before: { revoked: false }, after: { revoked: true } });
}

/** The organization that a token speaks for, or null. One row by the unique index; its use is noted once a minute. */
export async function organizationOfToken(
  db: Pick<Db, 'systemSql'>,
  secret: string,
): Promise<{ organizationId: string; name: string; id: string } | null> {
  const { rows } = await db.systemSql.query<{ id: string; organization_id: string; name: string; used_lately: boolean }>(
    `SELECT id, organization_id, name, coalesce(last_used_at > now() - interval '1 minute', false) AS used_lately FROM scim_token
      WHERE secret_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
        AND NOT EXISTS (SELECT 1 FROM organization o WHERE o.id = scim_token.organization_id AND o.purge_at IS NOT NULL)`,
    [Buffer.from(hashSecret(secret))],
  );
  const [row] = rows;
  if (!row) return null;
  if (!row.used_lately) await db.systemSql.query('UPDATE scim_token SET last_used_at = now() WHERE id = $1', [row.id]);
  return { organizationId: row.organization_id, name: row.name, id: row.id };
}

function show(row: Row): ScimToken {
  return {
    id: toId('scimToken', row.id),
    name: row.name,
    prefix: row.prefix,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
