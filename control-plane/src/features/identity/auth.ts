/**
 * Sign-in of people, by better-auth: password, second factor, passkeys, a session in a cookie. Single sign-on, organizations,
 * roles, API keys and audit are ours. Sessions are read from the database at every request, so that ending one bites at once.
 */
import { passkey } from '@better-auth/passkey';
import { uuidv7 } from '@signalbox/proto';
import type { BetterAuthOptions } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { betterAuth } from 'better-auth/minimal';
import { twoFactor } from 'better-auth/plugins/two-factor';
import type { Services } from '../../platform/services.ts';
import { requireAdmissible } from './admissible.ts';
import { hashSessionTokens } from './hashed-tokens.ts';
import { ownOrigins } from './own-page.ts';
import { MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS } from './password-strength.ts';
import { sessionMethodOf, ssoSession } from './session-method.ts';

const SESSION_SECONDS = 7 * 86_400;
/** A session in use is prolonged once a day. */
const PROLONG_AFTER_SECONDS = 86_400;
/** Changes of how one signs in ask for a session no older than this. */
const FRESH_SECONDS = 3_600;
const RECOVERY_SECONDS = 1_800;

export type Auth = ReturnType<typeof openAuth>;

export function openAuth(services: Pick<Services, 'db' | 'settings' | 'log' | 'mail'>) {
  const { db, settings, log, mail } = services;
  const database = prismaAdapter(db.system, { provider: 'postgresql' });
  const hashing = ((options: BetterAuthOptions) => hashSessionTokens(database(options))) as typeof database;
  return betterAuth({
    appName: 'Signalbox',
    baseURL: settings.publicUrl,
    basePath: '/api/auth',
    secret: settings.secret,
    trustedOrigins: (request) => ownOrigins(settings.publicUrl, request?.headers),
    database: hashing,
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD_CHARACTERS,
      maxPasswordLength: MAX_PASSWORD_CHARACTERS,
      resetPasswordTokenExpiresIn: RECOVERY_SECONDS,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, token }) =>
        mail.send({
          to: user.email,
          subject: 'Your password for Signalbox',
          text: `Somebody, probably you, asked for a new password at ${settings.publicUrl}.\n\nSet it within 30 minutes:\n${settings.publicUrl}/recover/set#${token}\n\nIf it was not you, do nothing: your password stays as it is.\n`,
        }),
    },
    plugins: [
      twoFactor({
        issuer: 'Signalbox',
        totpOptions: { allowPasswordless: true },
        backupCodeOptions: { amount: 10, length: 10 },
        allowPasswordless: true,
      }),
      passkey({
        rpName: 'Signalbox',
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        advanced: { webAuthnChallengeCookie: 'passkey-challenge' },
      }),
      ssoSession,
    ],
    user: { additionalFields: { deactivatedAt: { type: 'date', required: false, input: false, returned: false } } },
    session: {
      expiresIn: SESSION_SECONDS,
      updateAge: PROLONG_AFTER_SECONDS,
      freshAge: FRESH_SECONDS,
      cookieCache: { enabled: false },
      additionalFields: {
        method: { type: 'string', required: false, input: false },
        ssoConnectionId: { type: 'string', required: false, input: false },
      },
    },
    databaseHooks: {
      session: {
        create: {
          before: async (session, ctx) => {
            await requireAdmissible(db, session);
            return { data: { ...session, method: sessionMethodOf(session, ctx?.path) } };
          },
        },
      },
    },
    verification: { storeIdentifier: 'hashed' },
    // Ours limits by address and by account, and counts in the database: see sign-in.ts.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: 'signalbox',
      useSecureCookies: settings.publicUrl.startsWith('https:'),
      database: { generateId: () => uuidv7(Date.now()) },
      // The app replaces this header with the peer's own address.
      ipAddress: { ipAddressHeaders: ['x-signalbox-address'] },
    },
    telemetry: { enabled: false },
    logger: { level: 'error', log: (_level, message) => log.warn({ part: 'better-auth' }, message) },
  });
}
