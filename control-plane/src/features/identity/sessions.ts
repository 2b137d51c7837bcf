/** What a person sees and ends of their own: sessions, passkeys, second factor. */
import { AppError, unauthenticated } from '../../platform/errors.ts';
import type { Services } from '../../platform/services.ts';
import { auditOfPerson, type From } from './audit-person.ts';
import type { Auth } from './auth.ts';

type Deps = Services & { readonly auth: Auth };

export type OwnSecurity = {
  /** Newest first. */
  readonly sessions: readonly {
    readonly id: string;
    readonly method: string;
    readonly address: string | null;
    readonly userAgent: string | null;
    readonly createdAt: string;
    readonly lastUsedAt: string;
    readonly isCurrent: boolean;
  }[];
  readonly passkeys: readonly { readonly id: string; readonly name: string; readonly createdAt: string }[];
  readonly hasPassword: boolean;
  readonly hasSecondFactor: boolean;
};

/** @throws UNAUTHENTICATED. */
export async function listOwnSecurity({ db, auth }: Deps, headers: Headers): Promise<OwnSecurity> {
  const { userId, sessionId } = await requireSession(auth, headers);
  // A person has a handful of each, by indexes on user_id; 200 sessions are more than any of them opens in a week.
  const [sessions, passkeys, user] = await Promise.all([
    db.system.session.findMany({ where: { userId, expiresAt: { gt: new Date() } }, orderBy: { createdAt: 'desc' }, take: 200 }),
    db.system.passkey.findMany({ where: { userId }, orderBy: { createdAt: 'desc' } }),
    db.system.user.findUniqueOrThrow({ where: { id: userId }, include: { accounts: { where: { providerId: 'credential' } } } }),
  ]);
  return {
    sessions: sessions.map((session) => ({
      id: session.id,
      method: session.method,
      address: session.ipAddress || null,
      userAgent: session.userAgent || null,
      createdAt: session.createdAt.toISOString(),
      lastUsedAt: session.updatedAt.toISOString(),
      isCurrent: session.id === sessionId,
    })),
    passkeys: passkeys.map(({ id, name, createdAt }) => ({ id, name: name ?? 'Passkey', createdAt: createdAt.toISOString() })),
    hasPassword: user.accounts.some((account) => account.password !== null),
    hasSecondFactor: user.twoFactorEnabled,
  };
}

/** @throws NOT_FOUND for a session that is nobody's or another person's. */
export async function revokeOwnSessions(
  deps: Deps,
  headers: Headers,
  which: { readonly id: string } | { readonly others: true },
  from: From,
): Promise<{ ended: number }> {
  const { userId, sessionId } = await requireSession(deps.auth, headers);
  const { count } = await deps.db.system.session.deleteMany({
    where: 'id' in which ? { userId, id: which.id } : { userId, id: { not: sessionId } },
  });
  if (count === 0 && 'id' in which) throw new AppError('NOT_FOUND', 'No such session: it may have ended already.');
  if (count > 0) await auditOfPerson(deps, { userId }, 'account.revoke-session', from);
  return { ended: count };
}

async function requireSession(auth: Auth, headers: Headers): Promise<{ userId: string; sessionId: string }> {
  const found = await auth.api.getSession({ headers });
  if (!found) throw unauthenticated('Sign in first.');
  return { userId: found.user.id, sessionId: found.session.id };
}
