/** Following an invitation's link: what it is about, accepting it, and making an account by it. */
import type { invitationPreviewSchema, joinByInvitationInput, OrganizationRole, WorkspaceRole } from '@signalbox/proto/api';
import type { z } from 'zod';
import { accessOf, beyond, beyondOrganizationRole, organizationAccessOf } from '../../domain/access.ts';
import { type Scope, scopesOf } from '../../domain/permissions.ts';
import { accessOfPerson, rowsIn, type StoredAccess, toAccessRow } from '../../platform/access-rows.ts';
import { type Action, type AuditActor, type Audited, audited, writeAudit } from '../../platform/audit.ts';
import type { PersonalCtx } from '../../platform/command.ts';
import type { Tx } from '../../platform/db.ts';
import { AppError, conflict, forbidden, limitExceeded } from '../../platform/errors.ts';
import { hashSecret, isWhole } from '../../platform/secrets.ts';
import type { Request } from '../../platform/services.ts';
import { type Sql, sqlOfTx } from '../../platform/sql.ts';
import { createUser, INVITATION_BY_ADDRESS, takeAttempt } from '../identity/index.ts';

type Row = {
  id: string;
  organization_id: string;
  organization_name: string;
  email: string | null;
  organization_role: OrganizationRole;
  workspace_id: string | null;
  workspace_name: string | null;
  workspace_role: WorkspaceRole | null;
  created_by_user: string | null;
  created_by_account: string | null;
  expires_at: Date;
};
const JOINED = { joined: true } as const;

export async function previewInvitation(request: Request, input: { token: string }): Promise<z.output<typeof invitationPreviewSchema>> {
  await bound(request);
  const row = await find(request.services.db.system, input.token);
  return {
    organization: row.organization_name,
    workspace: row.workspace_name,
    email: row.email,
    organizationRole: row.organization_role,
    expiresAt: row.expires_at.toISOString(),
  };
}

/** By somebody signed in. @throws FORBIDDEN for another email than the one invited, NOT_FOUND for a link that is good no more. */
export async function acceptInvitation(
  ctx: PersonalCtx & { readonly tx: Tx },
  input: { token: string },
): Promise<{ organizationId: string; done: Audited<typeof JOINED> }> {
  const { actor } = ctx.identity;
  if (actor.kind !== 'user') throw forbidden('An API key joins nothing; follow the link signed in.');
  const row = await find(ctx.tx, input.token);
  if (row.email && row.email !== actor.email.toLowerCase())
    throw forbidden('This invitation is for another email address. Sign in with that one.');
  await enter(ctx.tx, row, actor.id);
  const after = { email: actor.email, organizationRole: row.organization_role, workspaceRole: row.workspace_role };
  return {
    organizationId: row.organization_id,
    done: audited(JOINED, { target: { kind: 'invitation', id: row.id }, before: null, after }),
  };
}

/**
 * By somebody without an account, of the email that was invited.
 * @throws CONFLICT where that email has an account, FORBIDDEN where another organization owns its domain.
 */
export async function joinByInvitation(request: Request, input: z.output<typeof joinByInvitationInput>): Promise<typeof JOINED> {
  await bound(request);
  return request.services.db.system.$transaction(async (tx) => {
    const row = await find(tx, input.token);
    if (!row.email) throw forbidden('This link is for people who have an account: sign in, then follow it again.');
    await requireFreeDomain(tx, row.email, row.organization_id);
    // Whoever made the invitation has the link as well: that it was followed proves no mailbox.
    const person = { email: row.email, password: input.password, name: input.name, emailVerified: false };
    const { id, created, email } = await createUser(tx, person);
    if (!created) throw conflict('You have an account already: sign in, then follow the link again.');
    await enter(tx, row, id);
    const actor: AuditActor = { kind: 'user', id, name: input.name, email };
    const action: Action = 'invitation.join';
    const facts = { target: { kind: 'invitation', id: row.id }, before: null, after: { email, organizationRole: row.organization_role } };
    await writeAudit(tx, { organizationId: row.organization_id, actor, action, requestId: request.id, facts });
    return JOINED;
  });
}

/** Accounts of a domain that was proved are its organization's to make: else anybody who invites could be there before its people. */
async function requireFreeDomain(tx: Tx, email: string, organizationId: string): Promise<void> {
  const domain = email.slice(email.lastIndexOf('@') + 1);
  const owner = await tx.organizationDomain.findFirst({ where: { domain, verifiedAt: { not: null } }, select: { organizationId: true } });
  if (owner && owner.organizationId !== organizationId)
    throw forbidden(`Accounts of "${domain}" are made by the organization that owns it. Sign in there first, then follow the link again.`);
}

/** The open invitation of a token, good for what its maker could give now. One text for all that it cannot be. */
async function find(tx: Pick<Tx, '$queryRawUnsafe'>, token: string): Promise<Row> {
  const row = await findOpen(tx, token);
  if (row && (await couldInvite(sqlOfTx(tx), row))) return row;
  throw new AppError('NOT_FOUND', 'This invitation is good no more: it was used, taken back, or is too old. Ask for another.');
}

/** Whether its maker could make it now. Of one that nobody is known to have made: yes, as long as it is open. */
async function couldInvite(sql: Sql, row: Row): Promise<boolean> {
  if (row.created_by_user === null && row.created_by_account === null) return true;
  const maker = row.created_by_user === null ? await accountThere(sql, row) : await personThere(sql, row.created_by_user, row);
  if (!maker?.scopes.has('organization:members') || beyondOrganizationRole(maker, row.organization_role).length > 0) return false;
  if (!row.workspace_id || !row.workspace_role) return true;
  return beyond(new Set([...maker.everywhere, ...maker.inWorkspace]), scopesOf(row.workspace_role)).length === 0;
}

type Maker = ReturnType<typeof organizationAccessOf> & { readonly inWorkspace: Iterable<Scope> };

async function personThere(sql: Sql, userId: string, row: Row): Promise<Maker | null> {
  const { workspaces, organizations } = await accessOfPerson(sql, userId);
  const there = organizations.find(({ id }) => id === row.organization_id);
  return there ? { ...there, inWorkspace: workspaces.find(({ id }) => id === row.workspace_id)?.scopes ?? [] } : null;
}

async function accountThere(
  sql: Sql,
  { created_by_account: id, organization_id: organization, workspace_id: workspace }: Row,
): Promise<Maker | null> {
  const stored = await sql.query<StoredAccess>(
    `SELECT a.* FROM service_account s, access_of('service-account', s.id) a
      WHERE s.id = $1::uuid AND s.organization_id = $2::uuid AND s.disabled_at IS NULL AND a.organization_id = s.organization_id`,
    [id, organization],
  );
  const rows = stored.map(toAccessRow);
  const inWorkspace = workspace ? accessOf(rowsIn(rows, { id: workspace, organization: { id: organization } })).scopes : [];
  return { ...organizationAccessOf(rows), inWorkspace };
}

async function findOpen(tx: Pick<Tx, '$queryRawUnsafe'>, token: string): Promise<Row | undefined> {
  const [row] = isWhole(token)
    ? await tx.$queryRawUnsafe<Row[]>(
        `SELECT i.id, i.organization_id, o.name AS organization_name, i.email, i.organization_role, i.workspace_id, w.name AS workspace_name,
                i.workspace_role, i.created_by_user, i.created_by_account, i.expires_at
           FROM invitation i JOIN organization o ON o.id = i.organization_id LEFT JOIN workspace w ON w.id = i.workspace_id
          WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now() AND o.purge_at IS NULL`,
        hashSecret(token),
      )
    : [];
  return row;
}

/** Of two that accept at once, the second finds it used. Roles that somebody has are not lowered. */
async function enter(tx: Tx, row: Row, userId: string): Promise<void> {
  const taken = await tx.$executeRaw`UPDATE invitation SET accepted_at = now(), accepted_by = ${userId}::uuid
    WHERE id = ${row.id}::uuid AND accepted_at IS NULL AND revoked_at IS NULL`;
  if (taken === 0) throw new AppError('NOT_FOUND', 'This invitation was used a moment ago.');
  const { organization_id: organizationId, organization_role: role, workspace_id: workspaceId, workspace_role: workspaceRole } = row;
  await tx.organizationMember.createMany({ data: { organizationId, userId, role }, skipDuplicates: true });
  if (workspaceId && workspaceRole)
    await tx.workspaceMember.createMany({ data: { workspaceId, userId, role: workspaceRole }, skipDuplicates: true });
}

async function bound({ services, address }: Request): Promise<void> {
  const waitMs = await takeAttempt(services.db, INVITATION_BY_ADDRESS, address);
  if (waitMs !== null) throw limitExceeded('Too many invitations followed from your address.', { retryAfterMs: waitMs });
}
