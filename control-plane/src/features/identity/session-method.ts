/** How a session came to be, which single sign-on asks about and people see in the list of their sessions. */
import type { BetterAuthPlugin } from 'better-auth';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { z } from 'zod';

/** Endpoints of the library that make sessions. */
const METHOD_OF_PATH: Readonly<Record<string, string>> = {
  '/sign-in/email': 'password',
  '/two-factor/verify-totp': 'password and code',
  '/two-factor/verify-backup-code': 'password and recovery code',
  '/passkey/verify-authentication': 'passkey',
};

/** A session that replaces another one (a second factor was switched on) keeps what that was. */
export function sessionMethodOf(session: object, path: string | undefined): string {
  const { method } = session as { method?: unknown };
  return typeof method === 'string' ? method : (METHOD_OF_PATH[path ?? ''] ?? 'password');
}

/** Adds `auth.api.startSsoSession`, which no path of HTTP reaches: a session for somebody whom a provider vouched for. */
export const ssoSession = {
  id: 'signalbox-sso-session',
  endpoints: {
    startSsoSession: createAuthEndpoint({ method: 'POST', body: z.object({ userId: z.uuid(), connectionId: z.uuid() }) }, async (ctx) => {
      const { userId, connectionId } = ctx.body;
      const { internalAdapter } = ctx.context;
      const user = await internalAdapter.findUserById(userId);
      if (!user) throw ctx.error('NOT_FOUND');
      const session = await internalAdapter.createSession(userId, false, { method: 'single sign-on', ssoConnectionId: connectionId });
      await setSessionCookie(ctx, { session, user });
      return ctx.json({ userId });
    }),
  },
} satisfies BetterAuthPlugin;
