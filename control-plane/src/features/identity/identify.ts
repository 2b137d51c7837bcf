/** Who makes a request: the holder of an API key, or the person of a session. */
import type { WorkspaceRole } from '@signalbox/proto/api';
import type { Identity, WorkspaceAccess } from '../../platform/actor.ts';
import type { Db } from '../../platform/db.ts';
import { unauthenticated } from '../../platform/errors.ts';
import type { Services } from '../../platform/services.ts';
import { identifyApiKey, isApiKey } from '../api-keys/index.ts';
import type { Auth } from './auth.ts';
import { refuseForeignWrite } from './own-page.ts';

export type Credentials = {
  readonly method: string;
  readonly headers: Headers;
  readonly address: string;
  /** Told when a session was prolonged: its cookie belongs on the response. */
  setCookie(value: string): void;
};

/**
 * Null: nobody. A key wins over a cookie, and is never helped out by one.
 * @throws UNAUTHENTICATED for a credential that is no good, FORBIDDEN for another site's page that uses our cookie.
 */
export async function identify(services: Pick<Services, 'db' | 'settings'>, auth: Auth, request: Credentials): Promise<Identity | null> {
  const authorization = request.headers.get('authorization');
  if (authorization !== null) {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (!token || !isApiKey(token)) throw unauthenticated('The Authorization header must be "Bearer sbk_...": an API key of a workspace.');
    return identifyApiKey(services.db, token, request.address);
  }
  if (!request.headers.has('cookie')) return null;
  const { response: found, headers } = await auth.api.getSession({ headers: request.headers, returnHeaders: true });
  if (!found) return null;
  for (const cookie of headers?.getSetCookie() ?? []) request.setCookie(cookie);
  if (request.method !== 'GET' && request.method !== 'HEAD') refuseForeignWrite(services.settings.publicUrl, request.headers);
  const { user, session } = found;
  return {
    actor: { kind: 'user', id: user.id, name: user.name, email: user.email },
    workspaces: await workspacesOf(services.db, user.id),
    expiresAt: session.expiresAt,
  };
}

type Row = {
  id: string;
  slug: string;
  name: string;
  role: WorkspaceRole;
  retention_class: string;
  created_at: Date;
  organization_id: string;
  organization_slug: string;
  organization_name: string;
};

async function workspacesOf(db: Pick<Db, 'systemSql'>, userId: string): Promise<WorkspaceAccess[]> {
  // By the index workspace_member_user; a person is in a handful of workspaces.
  const { rows } = await db.systemSql.query<Row>(
    `SELECT w.id, w.slug, w.name, m.role, w.retention_class, w.created_at,
            o.id AS organization_id, o.slug AS organization_slug, o.name AS organization_name
       FROM workspace_member m JOIN workspace w ON w.id = m.workspace_id JOIN organization o ON o.id = w.organization_id
      WHERE m.user_id = $1 ORDER BY w.created_at, w.id`,
    [userId],
  );
  return rows.map((row) => ({
    id: row.id,
    slug: row.slug,
    name: row.name,
    role: row.role,
    retentionClass: row.retention_class,
    createdAt: row.created_at,
    organization: { id: row.organization_id, slug: row.organization_slug, name: row.organization_name },
  }));
}
