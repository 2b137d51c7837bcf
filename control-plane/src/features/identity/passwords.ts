/** A new password: by a link that came by mail, or by whoever knows the old one. Both ask the same of it. */
import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { issuesOf } from '../../platform/classify-error.ts';
import { AppError, invalidInput, limitExceeded, preconditionFailed } from '../../platform/errors.ts';
import { knownKeys } from '../../platform/known-keys.ts';
import type { Services } from '../../platform/services.ts';
import { forgiveAttempt, PASSWORD_BY_USER, RECOVERY_BY_ADDRESS, RECOVERY_BY_EMAIL, takeAttempt } from './attempts.ts';
import { auditOfPerson, type From } from './audit-person.ts';
import type { Auth } from './auth.ts';
import { forgetUnproved } from './forget-sign-ins.ts';
import { failureOf } from './library-answer.ts';
import { MAX_PASSWORD_CHARACTERS, refuseWeakPassword } from './password-strength.ts';

/** How long after its answer a recovery begins. */
const [MAIL_FROM_MS, MAIL_UNTIL_MS] = [50, 500];

type Deps = Services & { readonly auth: Auth };
const newPassword = z.string().min(1).max(MAX_PASSWORD_CHARACTERS);
const recoverInput = z.object({ email: z.email().max(320) });
const setInput = z.object({ token: z.string().min(10).max(100), password: newPassword });
const changeInput = z.object({ currentPassword: z.string().min(1).max(MAX_PASSWORD_CHARACTERS), newPassword });

/**
 * Always the same answer, at once: whether there is such an account is told to its mailbox alone.
 * @throws LIMIT_EXCEEDED for an address or an email that asked too often, PRECONDITION_FAILED where no mail can be sent.
 */
export async function requestRecovery(deps: Deps, body: unknown, address: string): Promise<{ sent: true }> {
  const { email } = parse(recoverInput, body);
  if (!deps.mail.isConfigured)
    throw preconditionFailed('This server sends no mail (SIGNALBOX_SMTP_URL). Ask an owner of your organization for a new password.');
  const waits = [await takeAttempt(deps.db, RECOVERY_BY_ADDRESS, address), await takeAttempt(deps.db, RECOVERY_BY_EMAIL, email)];
  const waitMs = Math.max(...waits.map((wait) => wait ?? 0));
  if (waitMs > 0) throw limitExceeded('Too many links were asked for.', { retryAfterMs: waitMs });
  // Begun after the answer, at an instant of chance: neither its time nor that of what is asked next tells anything.
  setTimeout(
    () => {
      deps.auth.api.requestPasswordReset({ body: { email: email.toLowerCase() } }).catch((err: unknown) => {
        deps.log.error({ err }, 'the mail of a password recovery was not sent');
      });
    },
    randomInt(MAIL_FROM_MS, MAIL_UNTIL_MS),
  );
  return { sent: true };
}

/** Uses up the link, ends all sessions. @throws INVALID_INPUT for a weak password or a link that is used or over. */
export async function setRecoveredPassword(deps: Deps, body: unknown, from: From): Promise<{ set: true }> {
  const { token, password } = parse(setInput, body);
  const context = await deps.auth.$context;
  const found = await context.internalAdapter.findVerificationValue(`reset-password:${token}`);
  if (!found || found.expiresAt < new Date())
    throw new AppError('INVALID_INPUT', 'The link is not valid: it may be used, over 30 minutes old, or cut off. Ask for a new one.');
  const user = await context.internalAdapter.findUserById(found.value);
  await refuseWeak('password', password, [user?.email ?? '', user?.name ?? '']);
  await ask(deps, '/reset-password', { token, newPassword: password });
  // The link came to the mailbox: it is theirs.
  if (user && (await deps.db.system.$transaction((tx) => forgetUnproved(tx, user.id)))) knownKeys.forget(null);
  if (user) await auditOfPerson(deps, { userId: user.id }, 'account.recover-password', from);
  return { set: true };
}

/** Ends the other sessions. @throws UNAUTHENTICATED, INVALID_INPUT. */
export async function changePassword(deps: Deps, request: Request, from: From): Promise<Response> {
  const body: unknown = await request
    .clone()
    .json()
    .catch(() => undefined);
  const input = parse(changeInput, body);
  const found = await deps.auth.api.getSession({ headers: request.headers });
  if (!found) throw new AppError('UNAUTHENTICATED', 'Sign in first.');
  const { user } = found;
  await refuseWeak('newPassword', input.newPassword, [user.email, user.name]);
  const waitMs = await takeAttempt(deps.db, PASSWORD_BY_USER, user.id);
  if (waitMs !== null) throw limitExceeded('Too many wrong passwords.', { retryAfterMs: waitMs });
  const response = await ask(deps, '/change-password', { ...input, revokeOtherSessions: true }, request.headers);
  await forgiveAttempt(deps.db, PASSWORD_BY_USER, user.id);
  await auditOfPerson(deps, { userId: user.id }, 'account.change-password', from);
  return response;
}

async function ask(deps: Deps, path: string, body: object, from?: Headers): Promise<Response> {
  const headers = new Headers(from);
  headers.set('content-type', 'application/json');
  headers.delete('content-length');
  headers.set('origin', new URL(deps.settings.publicUrl).origin);
  const url = `${deps.settings.publicUrl}/api/auth${path}`;
  const response = await deps.auth.handler(new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }));
  if (!response.ok) throw await failureOf(response);
  return response;
}

async function refuseWeak(field: string, password: string, own: readonly string[]): Promise<void> {
  const expected = await refuseWeakPassword(password, own);
  if (expected) throw invalidInput([{ field, expected }]);
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const input = schema.safeParse(body);
  if (!input.success) throw invalidInput(issuesOf(input.error, body));
  return input.data;
}
