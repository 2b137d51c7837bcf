/** An organization's ways to sign in at its own identity provider. The OpenID client's secret is sealed and never shown again. */
import { X509Certificate } from 'node:crypto';
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type { createSsoConnectionInput, SsoConnection, ssoConnectionInput, updateSsoConnectionInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, invalidInput, limitExceeded, notFound, preconditionFailed } from '../../platform/errors.ts';
import { sealOf } from '../../platform/seal.ts';
import type { OrganizationCommandCtx, OrganizationCtx, Settings } from '../../platform/services.ts';
import { callbackOf, OWN_CALLBACK } from './oidc.ts';

const MAX_CONNECTIONS = 10;
type Row = {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly kind: string;
  readonly config: unknown;
  readonly enforced: boolean;
  readonly defaultRole: string | null;
  readonly defaultWorkspaceId: string | null;
  readonly createdAt: Date;
};

export async function listConnections(ctx: OrganizationCtx): Promise<SsoConnection[]> {
  const organizationId = ctx.organization.id;
  const rows = await ctx.tx.ssoConnection.findMany({ where: { organizationId }, orderBy: { id: 'asc' } });
  return rows.map((row) => show(row, ctx.settings));
}

export async function createConnection(
  ctx: OrganizationCommandCtx,
  input: z.output<typeof createSsoConnectionInput>,
): Promise<Audited<SsoConnection>> {
  const organizationId = ctx.organization.id;
  const own = await ctx.tx.ssoConnection.findMany({ where: { organizationId }, select: { name: true } });
  if (own.length >= MAX_CONNECTIONS) throw limitExceeded(`An organization has at most ${MAX_CONNECTIONS} connections.`);
  if (own.some(({ name }) => name === input.name)) throw conflict(`There is a connection "${input.name}" already.`);
  const config = input.kind === 'saml' ? samlConfig(input) : { issuer: input.issuer, clientId: input.clientId, callback: OWN_CALLBACK };
  const row = await ctx.tx.ssoConnection.create({
    data: {
      id: uuidv7(Date.now()),
      organizationId,
      name: input.name,
      kind: input.kind,
      config,
      sealedSecret: input.kind === 'oidc' ? await sealOf(ctx.settings.secret).close(input.clientSecret) : null,
      createdBy: ctx.actor.kind === 'user' ? ctx.actor.id : null,
    },
  });
  const after = { name: row.name, kind: row.kind, config };
  return audited(show(row, ctx.settings), { target: { kind: 'sso-connection', id: row.id }, before: null, after });
}

/** @throws PRECONDITION_FAILED when nobody could sign in by what is to be enforced. */
export async function updateConnection(
  ctx: OrganizationCommandCtx,
  input: z.output<typeof updateSsoConnectionInput>,
): Promise<Audited<SsoConnection>> {
  const organizationId = ctx.organization.id;
  const row = await find(ctx, organizationId, input.connection);
  const { enforced, first } = input;
  if (first) await requireWorkspace(ctx, first.workspace);
  if (enforced) {
    const verified = await ctx.tx.organizationDomain.count({ where: { organizationId, verifiedAt: { not: null } } });
    if (verified === 0)
      throw preconditionFailed('Verify a domain of the organization first: only people of its domains may sign in there.');
    // One at most: the other, if there is one, steps back in the same transaction.
    await ctx.tx.ssoConnection.updateMany({ where: { organizationId, id: { not: row.id } }, data: { enforced: false } });
  }
  const updated = await ctx.tx.ssoConnection.update({
    where: { id: row.id },
    data: {
      ...(enforced === undefined ? {} : { enforced }),
      ...(first === undefined
        ? {}
        : { defaultRole: first?.role ?? null, defaultWorkspaceId: first ? toUuid('workspace', first.workspace) : null }),
    },
  });
  const facts = ({ enforced, defaultRole, defaultWorkspaceId }: Row) => ({ enforced, defaultRole, defaultWorkspaceId });
  return audited(show(updated, ctx.settings), {
    target: { kind: 'sso-connection', id: row.id },
    before: facts(row),
    after: facts(updated),
  });
}

/** Ends the sessions that it vouched for. */
export async function deleteConnection(
  ctx: OrganizationCommandCtx,
  input: z.output<typeof ssoConnectionInput>,
): Promise<Audited<{ deleted: true }>> {
  const organizationId = ctx.organization.id;
  const { id, name, kind } = await find(ctx, organizationId, input.connection);
  await ctx.tx.ssoConnection.delete({ where: { id } });
  return audited({ deleted: true as const }, { target: { kind: 'sso-connection', id }, before: { name, kind }, after: null });
}

async function find(ctx: OrganizationCtx, organizationId: string, connection: string): Promise<Row> {
  const row = await ctx.tx.ssoConnection.findFirst({ where: { id: toUuid('ssoConnection', connection), organizationId } });
  if (!row) throw notFound('connection', connection);
  return row;
}

async function requireWorkspace(ctx: OrganizationCtx, workspace: string): Promise<void> {
  const id = toUuid('workspace', workspace);
  const found = await ctx.tx.workspace.findFirst({ where: { id, organizationId: ctx.organization.id }, select: { id: true } });
  if (!found) throw notFound('workspace', workspace);
}

function samlConfig(input: Extract<z.output<typeof createSsoConnectionInput>, { kind: 'saml' }>) {
  try {
    const { validTo } = new X509Certificate(input.certificate);
    if (Date.parse(validTo) < Date.now())
      throw invalidInput([{ field: 'certificate', expected: `one that is valid; this one ended ${validTo}` }]);
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'AppError') throw cause;
    throw invalidInput([{ field: 'certificate', expected: 'the signing certificate of the provider, in PEM' }]);
  }
  return { entryPoint: input.entryPoint, idpIssuer: input.idpIssuer, certificate: input.certificate };
}

function show(row: Row, settings: Settings): SsoConnection {
  const config = row.config as Record<string, string>;
  const id = toId('ssoConnection', row.id);
  return {
    id,
    name: row.name,
    kind: row.kind === 'saml' ? 'saml' : 'oidc',
    issuer: config['issuer'] ?? config['idpIssuer'] ?? '',
    enforced: row.enforced,
    first:
      row.defaultRole && row.defaultWorkspaceId ? { role: row.defaultRole, workspace: toId('workspace', row.defaultWorkspaceId) } : null,
    createdAt: row.createdAt.toISOString(),
    callbackUrl: row.kind === 'saml' ? `${settings.publicUrl}/api/sso/saml/${id}/acs` : callbackOf(settings, row),
    metadataUrl: row.kind === 'saml' ? `${settings.publicUrl}/api/sso/saml/${id}/metadata` : null,
  };
}
