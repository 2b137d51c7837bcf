/** What people do with their own accounts, and what they are refused, as rows in the audit of each organization they are in. */
import type { Action } from '../../platform/audit.ts';
import { writeAudit } from '../../platform/audit.ts';
import type { Services } from '../../platform/services.ts';
import type { Auth } from './auth.ts';

export type Happening = Action & `account.${string}`;
export type From = { readonly requestId: string; readonly address: string; readonly method?: string; readonly reason?: string };
type Who = { readonly userId: string } | { readonly email: string };
type Row = { id: string; name: string; email: string; workspace_id: string };

/** One row in the oldest workspace of each of the person's organizations; none for an email that is nobody's. */
export async function auditOfPerson(services: Pick<Services, 'db'>, who: Who, action: Happening, from: From): Promise<void> {
  const { db } = services;
  const { rows } = await db.systemSql.query<Row>(
    `SELECT DISTINCT ON (w.organization_id) u.id, u.name, u.email, w.id AS workspace_id
       FROM identity_user u JOIN workspace_member m ON m.user_id = u.id JOIN workspace w ON w.id = m.workspace_id
      WHERE ${'userId' in who ? 'u.id = $1' : 'u.email = lower($1)'} ORDER BY w.organization_id, w.created_at`,
    ['userId' in who ? who.userId : who.email],
  );
  const { requestId, ...after } = from;
  for (const row of rows) {
    await db.system.$transaction((tx) =>
      writeAudit(tx, {
        workspaceId: row.workspace_id,
        actor: { kind: 'user', id: row.id, name: row.name, email: row.email },
        action,
        requestId,
        facts: { target: { kind: 'user', id: row.id }, before: null, after },
      }),
    );
  }
}

/** For refusals: the answer must not take longer because somebody of that email exists. */
export function noteInBackground(services: Pick<Services, 'db' | 'log'>, who: Who, action: Happening, from: From): void {
  auditOfPerson(services, who, action, from).catch((err: unknown) => services.log.error({ err, action }, 'a refusal was not audited'));
}

/** Whose session the cookies are, or null. */
export async function userOfCookies(auth: Auth, headers: Headers): Promise<string | null> {
  const cookie = headers.get('cookie');
  if (!cookie) return null;
  const found = await auth.api.getSession({ headers: new Headers({ cookie }), query: { disableRefresh: true } });
  return found?.user.id ?? null;
}
