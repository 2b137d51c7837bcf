/** A person says in the browser that the command line is theirs. */
import { chooseWorkspace } from '../../platform/actor.ts';
import { type Audited, audited } from '../../platform/audit.ts';
import type { PersonalCtx } from '../../platform/command.ts';
import type { Tx } from '../../platform/db.ts';
import { AppError, forbidden, limitExceeded } from '../../platform/errors.ts';
import { hashSecret } from '../../platform/secrets.ts';
import { DEVICE_CODE_BY_USER, forgiveAttempt, takeAttempt } from '../identity/index.ts';
import { normalizeUserCode } from './start-login.ts';

type Approved = { workspaceId: string; done: Audited<{ approved: true }> };

/** @throws NOT_FOUND for a code that is wrong, over or approved already (one text), LIMIT_EXCEEDED after ten wrong ones. */
export async function approveLogin(
  ctx: PersonalCtx & { readonly tx: Tx },
  input: { code: string; organization: boolean },
): Promise<Approved> {
  const { actor } = ctx.identity;
  if (actor.kind !== 'user') throw forbidden('Only a person who is signed in approves a command line.');
  const workspace = chooseWorkspace(ctx.identity, ctx.workspaceRef);
  if (!workspace) throw forbidden('You are not a member of any workspace yet; ask an admin to add you.');
  const waitMs = await takeAttempt(ctx.db, DEVICE_CODE_BY_USER, actor.id);
  if (waitMs !== null) throw limitExceeded('Too many wrong codes.', { retryAfterMs: waitMs });

  // One statement: of two that approve at once, the second finds nothing.
  const [login] = await ctx.tx.$queryRaw<{ id: string }[]>`
    UPDATE identity_device_login SET approved_by = ${actor.id}::uuid, workspace_id = ${workspace.id}::uuid,
           with_organization = ${input.organization}, approved_at = now()
     WHERE user_code_hash = ${hashSecret(normalizeUserCode(input.code))} AND approved_at IS NULL AND expires_at > now()
    RETURNING id`;
  if (!login)
    throw new AppError(
      'NOT_FOUND',
      'No command line waits with this code: it may be mistyped, over or used. Start "signalbox login" again.',
    );
  await forgiveAttempt(ctx.db, DEVICE_CODE_BY_USER, actor.id);
  return {
    workspaceId: workspace.id,
    done: audited(
      { approved: true as const },
      {
        target: { kind: 'cli-login', id: login.id },
        before: null,
        after: { workspace: workspace.slug, role: workspace.role, organization: input.organization },
      },
    ),
  };
}
