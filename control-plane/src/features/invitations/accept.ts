/** Following an invitation's link: what it is about, accepting it, and making an account by it. */
import type { invitationPreviewSchema, joinByInvitationInput, OrganizationRole, WorkspaceRole } from '@signalbox/proto/api';
import type { z } from 'zod';
import { type Action, type AuditActor, type Audited, audited, writeAudit } from '../../platform/audit.ts';
import type { PersonalCtx } from '../../platform/command.ts';
import type { Tx } from '../../platform/db.ts';
import { AppError, conflict, forbidden, limitExceeded } from '../../platform/errors.ts';
import { hashSecret, isWhole } from '../../platform/secrets.ts';
import type { Request } from '../../platform/services.ts';
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

/** By somebody without an account: the invitation vouches for its email. @throws CONFLICT where that email has an account. */
export async function joinByInvitation(request: Request, input: z.output<typeof joinByInvitationInput>): Promise<typeof JOINED> {
  await bound(request);
  return request.services.db.system.$transaction(async (tx) => {
    const row = await find(tx, input.token);
    if (!row.email) throw forbidden('This link is for people who have an account: sign in, then follow it again.');
    const { id, created, email } = await createUser(tx, { email: row.email, password: input.password, name: input.name });
    if (!created) throw conflict('You have an account already: sign in, then follow the link again.');
    await enter(tx, row, id);
    const actor: AuditActor = { kind: 'user', id, name: input.name, email };
    const action: Action = 'invitation.join';
    const facts = { target: { kind: 'invitation', id: row.id }, before: null, after: { email, organizationRole: row.organization_role } };
    await writeAudit(tx, { organizationId: row.organization_id, actor, action, requestId: request.id, facts });
    return JOINED;
  });
}

/** The open invitation of a token. One text for all that it cannot be. */
async function find(tx: Pick<Tx, '$queryRawUnsafe'>, token: string): Promise<Row> {
  const [row] = isWhole(token)
    ? await tx.$queryRawUnsafe<Row[]>(
        `SELECT i.id, i.organization_id, o.name AS organization_name, i.email, i.organization_role, i.workspace_id, w.name AS workspace_name,
                i.workspace_role, i.expires_at
           FROM invitation i JOIN organization o ON o.id = i.organization_id LEFT JOIN workspace w ON w.id = i.workspace_id
          WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now() AND o.purge_at IS NULL`,
        hashSecret(token),
      )
    : [];
  if (!row) throw new AppError('NOT_FOUND', 'This invitation is good no more: it was used, taken back, or is too old. Ask for another.');
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
