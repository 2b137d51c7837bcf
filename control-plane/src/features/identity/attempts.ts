/** Attempts within a fixed window, counted in Postgres: what is guessed at must be bounded across all replicas. */
import { createHash } from 'node:crypto';
import type { Db } from '../../platform/db.ts';
import { networkOf } from '../../platform/network-of.ts';

export type AttemptRule = { readonly name: string; readonly max: number; readonly windowSeconds: number };

/** Sign-ins that fail, from one address for one email: then that pair is locked until the window ends, and nobody else. */
export const SIGN_IN_BY_PAIR: AttemptRule = { name: 'sign-in-pair', max: 10, windowSeconds: 15 * 60 };
/** The same from all addresses that never signed in to it: a guesser with many addresses. Addresses that did are not counted. */
export const SIGN_IN_BY_STRANGERS: AttemptRule = { name: 'sign-in-strangers', max: 100, windowSeconds: 15 * 60 };
/** Not a limit: an address that signed in to an email. */
export const SIGNED_IN_BEFORE: AttemptRule = { name: 'signed-in', max: 1, windowSeconds: 90 * 86_400 };
/** Sign-ins that fail, from one address, whatever the emails. */
export const SIGN_IN_BY_ADDRESS: AttemptRule = { name: 'sign-in-address', max: 50, windowSeconds: 15 * 60 };
/** Links to a new password asked for from one address, and for one email. */
export const RECOVERY_BY_ADDRESS: AttemptRule = { name: 'recovery-address', max: 20, windowSeconds: 60 * 60 };
export const RECOVERY_BY_EMAIL: AttemptRule = { name: 'recovery-email', max: 3, windowSeconds: 60 * 60 };
/** Codes of a second factor, and passkeys, from one address. */
export const SECOND_FACTOR_BY_ADDRESS: AttemptRule = { name: 'second-factor-address', max: 30, windowSeconds: 15 * 60 };
/** Passwords asked for again by whoever is signed in: somebody else's session is no place to guess at it. */
export const PASSWORD_BY_USER: AttemptRule = { name: 'password-user', max: 10, windowSeconds: 15 * 60 };
/** Single sign-ons begun, and looked for, from one address. */
export const SSO_BY_ADDRESS: AttemptRule = { name: 'sso-address', max: 60, windowSeconds: 10 * 60 };
/** Command-line codes one person may get wrong: 8 letters of 20 are then out of reach. */
export const DEVICE_CODE_BY_USER: AttemptRule = { name: 'device-code-user', max: 10, windowSeconds: 15 * 60 };
/** Command-line sign-ins begun from one address. */
export const DEVICE_LOGIN_BY_ADDRESS: AttemptRule = { name: 'device-login-address', max: 30, windowSeconds: 10 * 60 };
/** Invitations looked at and joined by from one address: the token has 256 bits, this keeps loops off the database. */
export const INVITATION_BY_ADDRESS: AttemptRule = { name: 'invitation-address', max: 60, windowSeconds: 15 * 60 };
/** Join codes refused from one address. */
export const JOIN_CODE_BY_ADDRESS: AttemptRule = { name: 'join-code-address', max: 50, windowSeconds: 15 * 60 };

/**
 * Counts one attempt before it is made, so that a burst cannot slip past. Null: go on; else milliseconds to wait.
 * One statement on the row of the key: concurrent attempts queue there.
 */
export async function takeAttempt(db: Pick<Db, 'systemSql'>, rule: AttemptRule, subject: string): Promise<number | null> {
  const { rows } = await db.systemSql.query<{ count: number; wait_ms: string }>(
    `INSERT INTO identity_rate_limit AS r (key, count, window_ends_at) VALUES ($1, 1, now() + make_interval(secs => $2))
     ON CONFLICT (key) DO UPDATE SET
       count = CASE WHEN r.window_ends_at <= now() THEN 1 ELSE least(r.count + 1, $3 + 1) END,
       window_ends_at = CASE WHEN r.window_ends_at <= now() THEN excluded.window_ends_at ELSE r.window_ends_at END
     RETURNING count, ceil(extract(epoch FROM window_ends_at - now()) * 1000)::bigint AS wait_ms`,
    [keyOf(rule, subject), rule.windowSeconds, rule.max],
  );
  const [row] = rows;
  return row && row.count > rule.max ? Number(row.wait_ms) : null;
}

/** An attempt that turned out well does not count. */
export async function forgiveAttempt(db: Pick<Db, 'systemSql'>, rule: AttemptRule, subject: string): Promise<void> {
  await db.systemSql.query('UPDATE identity_rate_limit SET count = greatest(count - 1, 0) WHERE key = $1', [keyOf(rule, subject)]);
}

/** Whether a subject was counted within the window, without counting. */
export async function wasCounted(db: Pick<Db, 'systemSql'>, rule: AttemptRule, subject: string): Promise<boolean> {
  const { rows } = await db.systemSql.query('SELECT 1 FROM identity_rate_limit WHERE key = $1 AND window_ends_at > now()', [
    keyOf(rule, subject),
  ]);
  return rows.length > 0;
}

/** All attempts of a subject are forgotten. */
export async function clearAttempts(db: Pick<Db, 'systemSql'>, rule: AttemptRule, subject: string): Promise<void> {
  await db.systemSql.query('DELETE FROM identity_rate_limit WHERE key = $1', [keyOf(rule, subject)]);
}

/** Hashed: the table holds nobody's email or address. An address, alone or before a `|`, counts as its network. */
function keyOf(rule: AttemptRule, subject: string): string {
  const counted = subject
    .trim()
    .toLowerCase()
    .replace(/^[0-9a-f:.]+(?=\||$)/, networkOf);
  return `${rule.name}:${createHash('sha256').update(counted).digest('base64url')}`;
}
