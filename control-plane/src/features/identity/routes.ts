/** `/api/auth/*`: sign-in and a person's own account. Of better-auth only what is named here is reachable. */
import { type Context, Hono } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import { issuesOf } from '../../platform/classify-error.ts';
import { AppError, invalidInput, limitExceeded } from '../../platform/errors.ts';
import type { HttpEnv } from '../../platform/http.ts';
import type { Services } from '../../platform/services.ts';
import { forgiveAttempt, PASSWORD_BY_USER, SECOND_FACTOR_BY_ADDRESS, takeAttempt } from './attempts.ts';
import { auditOfPerson, type Happening, noteInBackground, userOfCookies } from './audit-person.ts';
import type { Auth } from './auth.ts';
import { rememberEnded } from './ended-sessions.ts';
import { failureOf } from './library-answer.ts';
import { refuseForeignPage } from './own-page.ts';
import { changePassword, requestRecovery, setRecoveredPassword } from './passwords.ts';
import { listOwnSecurity, revokeOwnSessions } from './sessions.ts';
import { signIn } from './sign-in.ts';
import { enterSupport, leaveSupport } from './support.ts';

/** Endpoints of the library: what each is called in the audit; null: it changes nothing. `limited`: by whom refusals are counted. */
const LIBRARY: Readonly<
  Record<string, { readonly method: 'GET' | 'POST'; readonly action: Happening | null; readonly limited?: 'address' | 'user' }>
> = {
  '/get-session': { method: 'GET', action: null },
  '/two-factor/enable': { method: 'POST', action: 'account.begin-second-factor', limited: 'user' },
  '/two-factor/verify-totp': { method: 'POST', action: 'account.second-factor', limited: 'address' },
  '/two-factor/verify-backup-code': { method: 'POST', action: 'account.use-recovery-code', limited: 'address' },
  '/two-factor/generate-backup-codes': { method: 'POST', action: 'account.renew-recovery-codes', limited: 'user' },
  '/two-factor/disable': { method: 'POST', action: 'account.disable-second-factor', limited: 'user' },
  '/passkey/generate-register-options': { method: 'GET', action: null },
  '/passkey/verify-registration': { method: 'POST', action: 'account.add-passkey' },
  '/passkey/generate-authenticate-options': { method: 'GET', action: null },
  '/passkey/verify-authentication': { method: 'POST', action: 'account.sign-in', limited: 'address' },
  '/passkey/delete-passkey': { method: 'POST', action: 'account.remove-passkey' },
};

const SUPPORT_COOKIE = 'signalbox.support';

export function authRoutes(services: Services, auth: Auth): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const whole = { ...services, auth };
  app.use(async (c, next) => {
    if (c.req.method !== 'GET') await refuseForeign(whole, c);
    await next();
    c.res.headers.set('cache-control', 'no-store');
  });

  app.post('/sign-in/email', async (c) => {
    const from = originOf(c);
    const body: unknown = await c.req.raw
      .clone()
      .json()
      .catch(() => null);
    try {
      const { response, email } = await signIn(services, auth, withAddress(c), c.var.address);
      // With a second factor there is no session yet.
      const isWhole = response.headers.getSetCookie().some((cookie) => /session_token=[^;]/.test(cookie));
      if (isWhole) await auditOfPerson(services, { email }, 'account.sign-in', { ...from, method: 'password' });
      return response;
    } catch (error) {
      const email = emailIn(body);
      if (error instanceof AppError && email)
        noteInBackground(services, { email }, 'account.refuse-sign-in', { ...from, reason: error.code });
      throw error;
    }
  });
  app.post('/sign-out', async (c) => {
    const found = await auth.api.getSession({ headers: c.req.raw.headers });
    const response = await auth.handler(withAddress(c));
    if (found) {
      const { token, userId } = found.session;
      await rememberEnded(services, { token, userId });
      await auditOfPerson(services, { userId }, 'account.sign-out', originOf(c));
    }
    return response;
  });
  app.post('/recover', async (c) => c.json(await requestRecovery(whole, await c.req.json().catch(() => undefined), c.var.address)));
  app.post('/recover/set', async (c) => c.json(await setRecoveredPassword(whole, await c.req.json().catch(() => undefined), originOf(c))));
  app.get('/support/enter', async (c) => {
    const { token, seconds } = await enterSupport(services, c.req.query('link') ?? '', originOf(c));
    const isSecure = services.settings.publicUrl.startsWith('https:');
    const options = { path: '/', httpOnly: true, sameSite: 'Lax', secure: isSecure, maxAge: seconds } as const;
    setCookie(c, SUPPORT_COOKIE, token, isSecure ? { ...options, prefix: 'secure' } : options);
    return c.redirect('/', 303);
  });
  app.post('/support/leave', async (c) => {
    const left = await leaveSupport(services, c.req.raw.headers, originOf(c));
    deleteCookie(
      c,
      SUPPORT_COOKIE,
      services.settings.publicUrl.startsWith('https:') ? { path: '/', prefix: 'secure', secure: true } : { path: '/' },
    );
    return c.json(left);
  });
  app.post('/change-password', (c) => changePassword(whole, withAddress(c), originOf(c)));
  app.get('/security', async (c) => c.json(await listOwnSecurity(whole, c.req.raw.headers)));
  app.post('/sessions/revoke', async (c) => {
    const body: unknown = await c.req.json().catch(() => undefined);
    const input = z.union([z.object({ id: z.uuid() }), z.object({ others: z.literal(true) })]).safeParse(body);
    if (!input.success) throw invalidInput(issuesOf(input.error, body));
    return c.json(await revokeOwnSessions(whole, c.req.raw.headers, input.data, originOf(c)));
  });
  for (const [path, { method, action, limited }] of Object.entries(LIBRARY)) {
    app.on(method, path, async (c) => {
      const before = action ? await userOfCookies(auth, c.req.raw.headers) : null;
      // Codes are guessed at by strangers, passwords here by whoever has a session.
      const rule = limited === 'user' ? PASSWORD_BY_USER : SECOND_FACTOR_BY_ADDRESS;
      const subject = limited === 'user' ? before : limited ? c.var.address : null;
      const waitMs = subject === null ? null : await takeAttempt(services.db, rule, subject);
      if (waitMs !== null) throw limitExceeded('Too many passwords, codes and passkeys that were refused.', { retryAfterMs: waitMs });
      const response = await auth.handler(withAddress(c));
      if (!response.ok) {
        if (before && action) noteInBackground(services, { userId: before }, 'account.refuse-change', { ...originOf(c), reason: action });
        throw await failureOf(response);
      }
      if (subject !== null) await forgiveAttempt(services.db, rule, subject);
      const userId = action ? (before ?? (await userOfCookies(auth, cookiesGiven(response)))) : null;
      if (userId && action) await auditOfPerson(services, { userId }, action, originOf(c));
      return response;
    });
  }
  app.all('*', () => {
    throw new AppError('NOT_FOUND', 'No such endpoint. Sign-in is POST /api/auth/sign-in/email.');
  });
  return app;
}

/** Whose cookie another site's page sent is told that it did. @throws FORBIDDEN. */
async function refuseForeign(deps: Services & { auth: Auth }, c: Context<HttpEnv>): Promise<void> {
  try {
    refuseForeignPage(deps.settings.publicUrl, c.req.raw.headers);
  } catch (error) {
    const userId = await userOfCookies(deps.auth, c.req.raw.headers).catch(() => null);
    if (userId) noteInBackground(deps, { userId }, 'account.refuse-request', { ...originOf(c), reason: 'a page of another origin' });
    throw error;
  }
}

/** For the audit row of who did it from where. */
function originOf(c: Context<HttpEnv>): { requestId: string; address: string } {
  return { requestId: c.var.requestId, address: c.var.address };
}

function emailIn(body: unknown): string | null {
  const email = z
    .email()
    .max(320)
    .safeParse((body as { email?: unknown } | null)?.email);
  return email.success ? email.data : null;
}

/** The request with the peer's own address in the header that better-auth reads. Its body may be read again. */
function withAddress(c: Context<HttpEnv>): Request {
  const copy = c.req.raw.clone();
  copy.headers.set('x-signalbox-address', c.var.address);
  return copy as Request;
}

function cookiesGiven(response: Response): Headers {
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
  return new Headers({ cookie: cookies.join('; ') });
}
