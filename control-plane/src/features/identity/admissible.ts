/** Who may have a session, however they proved who they are. */
import { APIError } from 'better-auth/api';
import type { Db } from '../../platform/db.ts';

/**
 * Refuses whom a directory switched off, and whoever must come through the identity provider of the organization that
 * owns the domain of their email. Its owners may come otherwise: a provider that is broken must not lock everybody out.
 * @throws APIError FORBIDDEN, which the library answers; it is asked after the proof, so that it tells strangers nothing.
 */
export async function requireAdmissible(db: Pick<Db, 'systemSql'>, session: { userId: string; ssoConnectionId?: unknown }): Promise<void> {
  const { rows } = await db.systemSql.query<{ off: boolean; connection: string | null }>(
    `SELECT u.deactivated_at IS NOT NULL AS off,
            (SELECT c.name FROM organization_domain d JOIN sso_connection c ON c.organization_id = d.organization_id AND c.enforced
              WHERE d.domain = lower(split_part(u.email, '@', 2)) AND d.verified_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM organization_member m
                                 WHERE m.organization_id = d.organization_id AND m.user_id = u.id AND m.role = 'owner')) AS connection
       FROM identity_user u WHERE u.id = $1`,
    [session.userId],
  );
  const [found] = rows;
  if (found?.off) throw new APIError('FORBIDDEN', { code: 'SWITCHED_OFF', message: 'This account was switched off by your organization.' });
  if (found?.connection && !session.ssoConnectionId) {
    throw new APIError('FORBIDDEN', {
      code: 'SSO_REQUIRED',
      message: `Your organization signs in with "${found.connection}". Enter your email and continue with single sign-on.`,
    });
  }
}
