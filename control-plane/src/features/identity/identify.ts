/** Who makes a request: the holder of an API key, or the person of a session. */
import { accessOfPerson } from '../../platform/access-rows.ts';
import type { Identity } from '../../platform/actor.ts';
import { unauthenticated } from '../../platform/errors.ts';
import type { Services } from '../../platform/services.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { identifyApiKey, isApiKey } from '../api-keys/index.ts';
import { identifyRunToken, isRunToken } from '../run-tokens/index.ts';
import { noteInBackground } from './audit-person.ts';
import type { Auth } from './auth.ts';
import { noteReplay } from './ended-sessions.ts';
import { refuseForeignWrite } from './own-page.ts';
import { restrict } from './restrict.ts';
import { identifySupport } from './support.ts';

export type Credentials = {
  readonly method: string;
  readonly headers: Headers;
  readonly address: string;
  readonly requestId: string;
  /** Told when a session was prolonged: its cookie belongs on the response. */
  setCookie(value: string): void;
};

/**
 * Null: nobody. A key wins over a cookie, and is never helped out by one.
 * @throws UNAUTHENTICATED for a credential that is no good, FORBIDDEN for another site's page that uses our cookie.
 */
export async function identify(
  services: Pick<Services, 'db' | 'settings' | 'log'>,
  auth: Auth,
  request: Credentials,
): Promise<Identity | null> {
  const byKey = await identifyByBearer(services, request.headers, request);
  if (byKey) return byKey;
  if (!request.headers.has('cookie')) return null;
  const support = await identifySupport(services, request.headers, { address: request.address, requestId: request.requestId });
  if (support) {
    refuseForeign(services, request, support.actor.id);
    return restrict(services.db, support, { address: request.address, session: null });
  }
  const { response: found, headers } = await auth.api.getSession({ headers: request.headers, returnHeaders: true });
  const from = { requestId: request.requestId, address: request.address };
  if (!found) {
    noteReplay(services, request.headers, from);
    return null;
  }
  for (const cookie of headers?.getSetCookie() ?? []) request.setCookie(cookie);
  const { user, session } = found;
  refuseForeign(services, request, user.id);
  const { workspaces, organizations } = await accessOfPerson(sqlOfClient(services.db.systemSql), user.id);
  const identity: Identity = {
    actor: { kind: 'user', id: user.id, name: user.name, email: user.email },
    workspaces,
    organizations,
    expiresAt: session.expiresAt,
  };
  const { ssoConnectionId } = session;
  return restrict(services.db, identity, { address: request.address, session: { ssoConnectionId: ssoConnectionId ?? null } });
}

/** A write that a cookie vouches for, of a page that is not ours, is told to whose cookie it is. @throws FORBIDDEN. */
function refuseForeign(services: Pick<Services, 'db' | 'settings' | 'log'>, request: Credentials, userId: string): void {
  const { method, headers, requestId, address } = request;
  if (method === 'GET' || method === 'HEAD') return;
  try {
    refuseForeignWrite(services.settings.publicUrl, headers);
  } catch (error) {
    noteInBackground(services, { userId }, 'account.refuse-request', { requestId, address, reason: 'a page of another origin, or none' });
    throw error;
  }
}

/** The holder of an API key, or a running flow; null: the request carries neither. @throws UNAUTHENTICATED for one that is no good. */
async function identifyByBearer(
  services: Pick<Services, 'db' | 'settings' | 'log'>,
  headers: Headers,
  { address, requestId }: Pick<Credentials, 'address' | 'requestId'>,
): Promise<Identity | null> {
  const token = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (!token || !isRunToken(token)) return identifyByKey(services, headers, address);
  const identity = await identifyRunToken(services, token, { address, requestId });
  return restrict(services.db, identity, { address, session: null });
}

/** The holder of an API key; null: the request carries none. @throws UNAUTHENTICATED for one that is no good. */
export async function identifyByKey(services: Pick<Services, 'db' | 'log'>, headers: Headers, address: string): Promise<Identity | null> {
  const authorization = headers.get('authorization');
  if (authorization === null) return null;
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (!token || !isApiKey(token)) throw unauthenticated('The Authorization header must be "Bearer sbk_...": an API key of a workspace.');
  return identifyApiKey(services, token, address, (identity) => restrict(services.db, identity, { address, session: null }));
}
