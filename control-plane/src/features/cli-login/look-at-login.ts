/** What a person is to approve: from which machine, as it calls itself, and which address, as we saw it. */
import type { LoginSeen } from '../../api.ts';
import type { PersonalCtx } from '../../platform/command.ts';
import { AppError, forbidden, limitExceeded } from '../../platform/errors.ts';
import { hashSecret } from '../../platform/secrets.ts';
import { DEVICE_CODE_BY_USER, forgiveAttempt, takeAttempt } from '../identity/index.ts';
import { normalizeUserCode } from './start-login.ts';

/** @throws NOT_FOUND for a code that is wrong, over or approved (one text), LIMIT_EXCEEDED after ten wrong ones, with those of approving. */
export async function lookAtLogin(ctx: PersonalCtx, input: { code: string }): Promise<LoginSeen> {
  const { actor } = ctx.identity;
  if (actor.kind !== 'user') throw forbidden('Only a person who is signed in approves a command line.');
  const waitMs = await takeAttempt(ctx.db, DEVICE_CODE_BY_USER, actor.id);
  if (waitMs !== null) throw limitExceeded('Too many wrong codes.', { retryAfterMs: waitMs });
  const { rows } = await ctx.db.systemSql.query<{ host: string | null; address: string | null; created_at: Date }>(
    'SELECT host, address, created_at FROM identity_device_login WHERE user_code_hash = $1 AND approved_at IS NULL AND expires_at > now()',
    [Buffer.from(hashSecret(normalizeUserCode(input.code)))],
  );
  const [login] = rows;
  if (!login) throw new AppError('NOT_FOUND', 'No command line waits with this code: it may be mistyped, over or used.');
  await forgiveAttempt(ctx.db, DEVICE_CODE_BY_USER, actor.id);
  return { host: login.host, address: login.address, startedAt: login.created_at.toISOString() };
}
