/**
 * `POST /api/auth/sign-in/email` with the two limits around it. An unknown email and a wrong password give the same
 * answer after the same work (better-auth hashes either way), and both count.
 */
import { z } from 'zod';
import { issuesOf } from '../../platform/classify-error.ts';
import { AppError, invalidInput, limitExceeded } from '../../platform/errors.ts';
import type { Services } from '../../platform/services.ts';
import { clearAttempts, forgiveAttempt, SIGN_IN_BY_ADDRESS, SIGN_IN_BY_EMAIL, takeAttempt } from './attempts.ts';
import { type Auth, MAX_PASSWORD_CHARACTERS } from './auth.ts';

const signInInput = z.object({
  email: z.email().max(320),
  password: z.string().min(1).max(MAX_PASSWORD_CHARACTERS),
  rememberMe: z.boolean().optional(),
});

/** @throws LIMIT_EXCEEDED with `retryAfterMs` when locked out, UNAUTHENTICATED for a wrong pair, INVALID_INPUT. */
export async function signIn(services: Pick<Services, 'db'>, auth: Auth, request: Request, address: string): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  const input = signInInput.safeParse(body);
  if (!input.success) throw invalidInput(issuesOf(input.error, body));
  const { email } = input.data;
  const { db } = services;

  const waits = [await takeAttempt(db, SIGN_IN_BY_ADDRESS, address), await takeAttempt(db, SIGN_IN_BY_EMAIL, email)];
  const waitMs = Math.max(...waits.map((wait) => wait ?? 0));
  if (waitMs > 0) {
    throw limitExceeded(`Too many sign-ins that failed. Try again in ${Math.ceil(waitMs / 60_000)} min.`, { retryAfterMs: waitMs });
  }

  const response = await auth.handler(
    new Request(request.url, { method: 'POST', headers: request.headers, body: JSON.stringify(input.data) }),
  );
  if (response.ok) {
    await forgiveAttempt(db, SIGN_IN_BY_ADDRESS, address);
    await clearAttempts(db, SIGN_IN_BY_EMAIL, email);
    return response;
  }
  if (response.status === 401) throw new AppError('UNAUTHENTICATED', 'Email or password is wrong.');
  if (response.status === 403)
    throw new AppError('FORBIDDEN', 'Sign-in works from the console of this server alone; this page has another origin.');
  throw new AppError('INTERNAL', 'Sign-in failed.', { cause: await response.text() });
}
