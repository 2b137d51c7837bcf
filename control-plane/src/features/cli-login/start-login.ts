/**
 * Sign-in of a command line through a browser. A login goes started -> approved (by a person, within ten minutes) ->
 * collected (by whoever holds the device code, once: the API key is minted then). Both codes are stored hashed.
 */
import { randomInt } from 'node:crypto';
import { uuidv7 } from '@signalbox/proto';
import type { LoginStart } from '../../api.ts';
import { limitExceeded } from '../../platform/errors.ts';
import { hashSecret, newSecret } from '../../platform/secrets.ts';
import type { Request } from '../../platform/services.ts';
import { DEVICE_LOGIN_BY_ADDRESS, takeAttempt } from '../identity/index.ts';

export const LOGIN_SECONDS = 600;
const POLL_SECONDS = 2;
/** Consonants: no word comes out, and no two look alike. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';

/** @throws LIMIT_EXCEEDED after 30 from one address within ten minutes. */
export async function startLogin(request: Request): Promise<LoginStart> {
  const { db, settings } = request.services;
  const waitMs = await takeAttempt(db, DEVICE_LOGIN_BY_ADDRESS, request.address);
  if (waitMs !== null) throw limitExceeded('Too many sign-ins begun from your address.', { retryAfterMs: waitMs });
  const code = userCode();
  const deviceCode = newSecret('sbd_');
  // By Postgres' clock, like every instant of ours.
  await db.systemSql.query(
    `INSERT INTO identity_device_login (id, user_code_hash, device_code_hash, expires_at, host, address)
     VALUES ($1, $2, $3, now() + make_interval(secs => $4), $5, $6)`,
    [
      uuidv7(Date.now()),
      Buffer.from(hashSecret(code)),
      Buffer.from(hashSecret(deviceCode)),
      LOGIN_SECONDS,
      request.clientHost ?? null,
      request.address,
    ],
  );
  const url = `${settings.publicUrl}/login/approve?code=${code}`;
  return { code, deviceCode, url, expiresInSeconds: LOGIN_SECONDS, intervalSeconds: POLL_SECONDS };
}

/** `BCDF-GHJK`: 20^8 of them, guessable ten times by a person who is signed in. */
function userCode(): string {
  const letters = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** As typed by a person: any case, with or without the hyphen. */
export function normalizeUserCode(typed: string): string {
  const letters = typed.toUpperCase().replaceAll(/[^A-Z]/g, '');
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
