/**
 * `POST /api/auth/sign-in/email` with the limits around it. An unknown email and a wrong password give the same answer
 * after the same work (better-auth hashes either way), and both count.
 *
 * Nobody can lock somebody else out: failures count for the pair of address and email. A guesser with many addresses is
 * bounded over all addresses that never signed in to that email; one that did is not touched by it.
 */
import { z } from 'zod';
import { issuesOf } from '../../platform/classify-error.ts';
import { AppError, invalidInput, limitExceeded } from '../../platform/errors.ts';
import type { Services } from '../../platform/services.ts';
import {
  clearAttempts,
  forgiveAttempt,
  SIGN_IN_BY_ADDRESS,
  SIGN_IN_BY_PAIR,
  SIGN_IN_BY_STRANGERS,
  SIGNED_IN_BEFORE,
  takeAttempt,
  wasCounted,
} from './attempts.ts';
import type { Auth } from './auth.ts';
import { failureOf } from './library-answer.ts';
import { MAX_PASSWORD_CHARACTERS } from './password-strength.ts';

const signInInput = z.object({
  email: z.email().max(320),
  password: z.string().min(1).max(MAX_PASSWORD_CHARACTERS),
  rememberMe: z.boolean().optional(),
});

export type SignedIn = { readonly response: Response; readonly email: string };

/**
 * The library's answer: a session, or `{ twoFactorRedirect: true }` when a code is still to come.
 * @throws LIMIT_EXCEEDED with `retryAfterMs` when locked out, UNAUTHENTICATED for a wrong pair, FORBIDDEN, INVALID_INPUT.
 */
export async function signIn(services: Pick<Services, 'db'>, auth: Auth, request: Request, address: string): Promise<SignedIn> {
  const body: unknown = await request.json().catch(() => undefined);
  const input = signInInput.safeParse(body);
  // Without what was received: a password is typed into the wrong field easily.
  if (!input.success) throw invalidInput(issuesOf(input.error, body).map(({ received: _, ...issue }) => issue));
  const email = input.data.email.toLowerCase();
  const { db } = services;
  const pair = `${address}|${email}`;

  const isKnown = await wasCounted(db, SIGNED_IN_BEFORE, pair);
  const waits = [
    await takeAttempt(db, SIGN_IN_BY_ADDRESS, address),
    await takeAttempt(db, SIGN_IN_BY_PAIR, pair),
    isKnown ? null : await takeAttempt(db, SIGN_IN_BY_STRANGERS, email),
  ];
  const waitMs = Math.max(...waits.map((wait) => wait ?? 0));
  if (waitMs > 0) {
    throw limitExceeded(`Too many sign-ins that failed. Try again in ${Math.ceil(waitMs / 60_000)} min.`, { retryAfterMs: waitMs });
  }

  const response = await auth.handler(
    new Request(request.url, { method: 'POST', headers: request.headers, body: JSON.stringify({ ...input.data, email }) }),
  );
  if (response.ok) {
    await forgiveAttempt(db, SIGN_IN_BY_ADDRESS, address);
    await clearAttempts(db, SIGN_IN_BY_PAIR, pair);
    if (!isKnown) await forgiveAttempt(db, SIGN_IN_BY_STRANGERS, email);
    await takeAttempt(db, SIGNED_IN_BEFORE, pair);
    return { response, email };
  }
  if (response.status === 401) throw new AppError('UNAUTHENTICATED', 'Email or password is wrong.');
  throw await failureOf(response);
}
