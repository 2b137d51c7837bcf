/**
 * Sign-in of people, by better-auth: email and password, a session in a cookie. Organizations, roles, API keys and
 * audit are ours. Sessions are read from the database at every request, so that ending one bites at once.
 */
import { uuidv7 } from '@signalbox/proto';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { betterAuth } from 'better-auth/minimal';
import type { Services } from '../../platform/services.ts';
import { ownOrigins } from './own-page.ts';

const SESSION_SECONDS = 7 * 86_400;
/** A session in use is prolonged once a day. */
const PROLONG_AFTER_SECONDS = 86_400;
export const MIN_PASSWORD_CHARACTERS = 8;
export const MAX_PASSWORD_CHARACTERS = 128;

export type Auth = ReturnType<typeof openAuth>;

export function openAuth(services: Pick<Services, 'db' | 'settings' | 'log'>) {
  const { db, settings, log } = services;
  return betterAuth({
    appName: 'Signalbox',
    baseURL: settings.publicUrl,
    basePath: '/api/auth',
    secret: settings.secret,
    trustedOrigins: (request) => ownOrigins(settings.publicUrl, request?.headers),
    database: prismaAdapter(db.system, { provider: 'postgresql' }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD_CHARACTERS,
      maxPasswordLength: MAX_PASSWORD_CHARACTERS,
    },
    session: { expiresIn: SESSION_SECONDS, updateAge: PROLONG_AFTER_SECONDS, cookieCache: { enabled: false } },
    // Ours limits by address and by email, and counts in the database: see sign-in.ts.
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
