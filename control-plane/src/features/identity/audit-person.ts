/** What people do with their own accounts, and what they are refused, for the security officers of their organizations. */
import { type Action, recordSecurityEvent } from '../../platform/audit.ts';
import { recently } from '../../platform/recently.ts';
import type { Services } from '../../platform/services.ts';
import type { Auth } from './auth.ts';

const notedLately = recently(60_000);

export type Happening = Action & `account.${string}`;
export type From = { readonly requestId: string; readonly address: string; readonly method?: string; readonly reason?: string };
type Who = { readonly userId: string } | { readonly email: string };
type Row = { id: string; name: string; email: string; organizations: string[] };

/**
 * One row in each of the person's organizations. An email that is nobody's is told to the organization that owns its domain,
 * else to the operator of the installation alone.
 */
export async function auditOfPerson(services: Pick<Services, 'db'>, who: Who, action: Happening, from: From): Promise<void> {
  const { db } = services;
  const { requestId, address, ...details } = from;
  const outcome = action.startsWith('account.refuse-') ? 'refused' : 'done';
  const { rows } = await db.systemSql.query<Row>(
    `SELECT u.id, u.name, u.email, array(SELECT m.organization_id FROM organization_member m WHERE m.user_id = u.id) AS organizations
       FROM identity_user u WHERE ${'userId' in who ? 'u.id = $1' : 'u.email = lower($1)'}`,
    ['userId' in who ? who.userId : who.email],
  );
  const [person] = rows;
  const event = { action, outcome, address, requestId, details } as const;
  if (person) {
    const { id, name, email, organizations } = person;
    const actor = { kind: 'user', id, name, email } as const;
    return recordSecurityEvent(db, { ...event, actor, target: { kind: 'user', id }, organizationIds: organizations });
  }
  if (!('email' in who)) return;
  const owners = await db.systemSql.query<{ organization_id: string }>(
    'SELECT organization_id FROM organization_domain WHERE domain = $1 AND verified_at IS NOT NULL',
    [who.email.toLowerCase().split('@').at(-1)],
  );
  const organizationIds = owners.rows.map((row) => row.organization_id);
  await recordSecurityEvent(db, {
    ...event,
    actor: { kind: 'stranger', id: null, name: who.email },
    target: { kind: 'user', id: null },
    organizationIds,
  });
}

/** For refusals: the answer must not take longer because somebody of that email exists. */
export function noteInBackground(services: Pick<Services, 'db' | 'log'>, who: Who, action: Happening, from: From): void {
  // One row a minute for each person, refusal and address: the rest would tell nothing more.
  const key = `${action} ${'userId' in who ? who.userId : who.email.toLowerCase()} ${from.address}`;
  if (notedLately.has(key)) return;
  notedLately.add(key);
  auditOfPerson(services, who, action, from).catch((err: unknown) => services.log.error({ err, action }, 'a refusal was not audited'));
}

/** Whose session the cookies are, or null. */
export async function userOfCookies(auth: Auth, headers: Headers): Promise<string | null> {
  const cookie = headers.get('cookie');
  if (!cookie) return null;
  const found = await auth.api.getSession({ headers: new Headers({ cookie }), query: { disableRefresh: true } });
  return found?.user.id ?? null;
}
