/**
 * Invitations: open -> accepted (once, by somebody signed in whose email fits, or by whoever makes the account of the email
 * that was invited), revoked, or expired. The link holds the only copy of the token.
 */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import type { createInvitationInput, Invitation, OrganizationRole, WorkspaceRole } from '@signalbox/proto/api';
import type { z } from 'zod';
import { beyond } from '../../domain/access.ts';
import { scopesOf } from '../../domain/permissions.ts';
import type { Actor, KeyOwner } from '../../platform/actor.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import { conflict, forbidden, limitExceeded, notFound } from '../../platform/errors.ts';
import { hashSecret, newCheckedSecret } from '../../platform/secrets.ts';
import type { OrganizationCommandCtx, OrganizationCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { requireRank } from '../members/index.ts';

const MAX_OPEN = 500;
const MAX_SHOWN = 500;
/** Of an invitation that is sent again. */
const DEFAULT_DAYS = 7;

type Row = {
  id: string;
  email: string | null;
  organization_role: OrganizationRole;
  workspace_id: string | null;
  workspace_slug: string | null;
  workspace_name: string | null;
  workspace_role: WorkspaceRole | null;
  created_by: string;
  created_at: Date;
  expires_at: Date;
  mailed_at: Date | null;
  status: Invitation['status'];
};

export async function listInvitations(ctx: OrganizationCtx): Promise<Invitation[]> {
  return (await read(ctx, null)).map(show);
}

/** By mail where a server is configured and an email given; the link is answered in any case. */
export async function createInvitation(
  ctx: OrganizationCommandCtx,
  input: z.output<typeof createInvitationInput>,
): Promise<Audited<{ invitation: Invitation; link: string }>> {
  const { organization } = ctx;
  requireRank(ctx, input.organizationRole);
  const workspaceId = input.workspace === undefined ? null : await ownWorkspace(ctx, input.workspace);
  if (workspaceId) requireWithin(ctx, workspaceId, input.workspaceRole);
  const open = await ctx.tx.invitation.count({
    where: { organizationId: organization.id, acceptedAt: null, revokedAt: null, expiresAt: { gt: new Date() } },
  });
  if (open >= MAX_OPEN) throw limitExceeded(`An organization has at most ${MAX_OPEN} open invitations.`);
  const id = uuidv7(Date.now());
  const token = newCheckedSecret('sbi_');
  const email = input.email?.toLowerCase() ?? null;
  await sqlOfTx(ctx.tx).query(
    `INSERT INTO invitation (id, organization_id, email, organization_role, workspace_id, workspace_role, token_hash, created_by, created_by_user, created_by_account, expires_at)
     VALUES ($1::uuid, $2::uuid, $3, $4, $5::uuid, $6, $7, $8, $9::uuid, $10::uuid, now() + make_interval(days => $11::int))`,
    [
      id,
      organization.id,
      email,
      input.organizationRole,
      workspaceId,
      workspaceId && input.workspaceRole,
      hashSecret(token),
      ctx.actor.kind === 'user' ? ctx.actor.email : ctx.actor.name,
      makerOf(ctx.actor, 'person'),
      makerOf(ctx.actor, 'service-account'),
      input.expiresInDays,
    ],
  );
  const link = linkOf(ctx, token);
  if (email && ctx.mail.isConfigured) ctx.afterCommit(() => mailLink(ctx, { id, email, link }));
  const invitation = await get(ctx, id);
  return audited({ invitation, link }, { target: { kind: 'invitation', id }, before: null, after: invitation });
}

/** A new link in the old one's place, which is good for nothing from then on, and a week to follow it. @throws CONFLICT for one that is over. */
export async function resendInvitation(
  ctx: OrganizationCommandCtx,
  input: { invitation: string },
): Promise<Audited<{ invitation: Invitation; link: string }>> {
  const id = toUuid('invitation', input.invitation);
  const [before] = await read(ctx, id);
  if (!before) throw notFound('invitation', input.invitation);
  requireRank(ctx, before.organization_role);
  if (before.workspace_id && before.workspace_role) requireWithin(ctx, before.workspace_id, before.workspace_role);
  const token = newCheckedSecret('sbi_');
  const changed = await sqlOfTx(ctx.tx).query(
    `UPDATE invitation SET token_hash = $2, expires_at = now() + make_interval(days => ${DEFAULT_DAYS}), mailed_at = NULL, created_by_user = $3::uuid, created_by_account = $4::uuid
      WHERE id = $1::uuid AND accepted_at IS NULL AND revoked_at IS NULL RETURNING id`,
    [id, hashSecret(token), makerOf(ctx.actor, 'person'), makerOf(ctx.actor, 'service-account')],
  );
  if (changed.length === 0) throw conflict(`This invitation is ${before.status}: make a new one.`);
  const link = linkOf(ctx, token);
  const { email } = before;
  if (email && ctx.mail.isConfigured) ctx.afterCommit(() => mailLink(ctx, { id, email, link }));
  const invitation = await get(ctx, id);
  return audited({ invitation, link }, { target: { kind: 'invitation', id }, before: show(before), after: invitation });
}

/** Its link is good for nothing from now on. */
export async function revokeInvitation(ctx: OrganizationCommandCtx, input: { invitation: string }): Promise<Audited<Invitation>> {
  const id = toUuid('invitation', input.invitation);
  const [before] = await read(ctx, id);
  if (!before) throw notFound('invitation', input.invitation);
  await ctx.tx.$executeRaw`UPDATE invitation SET revoked_at = now() WHERE id = ${id}::uuid AND revoked_at IS NULL AND accepted_at IS NULL`;
  const after = await get(ctx, id);
  return audited(after, { target: { kind: 'invitation', id }, before: show(before), after });
}

/** Whose word an invitation is. Null: not of somebody of that kind. */
function makerOf(actor: Actor, kind: KeyOwner['kind']): string | null {
  const owner = actor.kind === 'user' ? ({ kind: 'person', id: actor.id } as const) : actor.kind === 'api-key' ? actor.owner : null;
  return owner?.kind === kind ? owner.id : null;
}

/** @throws FORBIDDEN to invite above oneself in the workspace. */
function requireWithin({ organization, identity }: OrganizationCtx, workspaceId: string, role: WorkspaceRole): void {
  const there = identity.workspaces.find(({ id }) => id === workspaceId)?.scopes ?? [];
  const missing = beyond(new Set([...organization.everywhere, ...there]), scopesOf(role));
  if (missing.length > 0)
    throw forbidden(`Nobody invites above themselves: in that workspace you lack ${missing.slice(0, 5).join(', ')}.`, { missing });
}

const linkOf = ({ settings }: OrganizationCommandCtx, token: string) => `${settings.publicUrl}/invite?token=${token}`;

async function mailLink(ctx: OrganizationCommandCtx, { id, email, link }: { id: string; email: string; link: string }): Promise<void> {
  const { name } = ctx.organization;
  const who = ctx.actor.kind === 'user' ? `${ctx.actor.name} (${ctx.actor.email})` : 'Somebody';
  await ctx.mail.send({
    to: email,
    subject: `You are invited to ${name} on Signalbox`,
    text: `${who} invites you to ${name} on Signalbox.\n\nFollow this link to accept. It works once:\n\n${link}\n\nIf you expected nothing of the kind, do nothing.\n`,
  });
  await ctx.db.inOrganization(ctx.organization.id, (tx) => tx.$executeRaw`UPDATE invitation SET mailed_at = now() WHERE id = ${id}::uuid`);
}

async function ownWorkspace(ctx: OrganizationCtx, ref: string): Promise<string> {
  const id = toUuid('workspace', ref);
  if (!(await ctx.tx.workspace.findFirst({ where: { id, organizationId: ctx.organization.id, deletedAt: null }, select: { id: true } })))
    throw notFound('workspace', ref);
  return id;
}

async function get(ctx: OrganizationCtx, id: string): Promise<Invitation> {
  const [row] = await read(ctx, id);
  return show(row as Row);
}

/** Newest first, by the index on (organization, id); without the hash of the token. */
function read(ctx: OrganizationCtx, id: string | null): Promise<Row[]> {
  return sqlOfTx(ctx.tx).query<Row>(
    `SELECT i.id, i.email, i.organization_role, i.workspace_id, w.slug AS workspace_slug, w.name AS workspace_name, i.workspace_role, i.created_by,
            i.created_at, i.expires_at, i.mailed_at,
            CASE WHEN i.accepted_at IS NOT NULL THEN 'accepted' WHEN i.revoked_at IS NOT NULL OR (i.created_by_user IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM people_here() p WHERE p.id = i.created_by_user)) OR (i.created_by_account IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM service_account s WHERE s.id = i.created_by_account AND s.disabled_at IS NULL)) THEN 'revoked'
                 WHEN i.expires_at <= now() THEN 'expired' ELSE 'open' END AS status
       FROM invitation i LEFT JOIN workspace w ON w.id = i.workspace_id
      WHERE i.organization_id = $1::uuid AND ($2::uuid IS NULL OR i.id = $2::uuid) ORDER BY i.id DESC LIMIT ${MAX_SHOWN}`,
    [ctx.organization.id, id],
  );
}

function show(row: Row): Invitation {
  return {
    id: toId('invitation', row.id),
    email: row.email,
    organizationRole: row.organization_role,
    workspace:
      row.workspace_id && row.workspace_slug && row.workspace_name && row.workspace_role
        ? { id: toId('workspace', row.workspace_id), slug: row.workspace_slug, name: row.workspace_name, role: row.workspace_role }
        : null,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    mailedAt: row.mailed_at?.toISOString() ?? null,
    status: row.status,
  };
}
