/**
 * Every HTTP route and download, as nobody and as a key of every role, in one's own place and in others'. A route that this
 * file does not name fails it.
 */
import { readFile } from 'node:fs/promises';
import { BUILT_IN_ROLES, type BuiltInRole } from '@signalbox/proto/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type Tenant, type TestApi } from '../test/api.ts';
import { openTally } from '../test/tally.ts';

/** Anybody: it tells nothing of a tenant, or asks for a secret in its body. */
type Guard = 'anybody' | 'a session' | 'a directory token' | 'a machine secret' | 'nothing there' | readonly BuiltInRole[];
const PEOPLE: readonly BuiltInRole[] = ['viewer', 'runner', 'developer', 'operator', 'owner'];

const ROUTES: Readonly<Record<string, Guard>> = {
  'GET /health': 'anybody',
  'GET /ready': 'anybody',
  // To programs of this machine, or with its token; see metrics-access.ts.
  'GET /metrics': 'a machine secret',
  'ALL /api/auth/*': 'nothing there',
  'POST /api/auth/sign-in/email': 'anybody',
  'POST /api/auth/sign-out': 'anybody',
  'POST /api/auth/recover': 'anybody',
  'POST /api/auth/recover/set': 'anybody',
  'GET /api/auth/support/enter': 'a machine secret',
  'POST /api/auth/support/leave': 'a session',
  'POST /api/auth/change-password': 'a session',
  'GET /api/auth/security': 'a session',
  'POST /api/auth/sessions/revoke': 'a session',
  'GET /api/auth/get-session': 'anybody',
  'POST /api/auth/two-factor/enable': 'a session',
  'POST /api/auth/two-factor/verify-totp': 'a session',
  'POST /api/auth/two-factor/verify-backup-code': 'a session',
  'POST /api/auth/two-factor/generate-backup-codes': 'a session',
  'POST /api/auth/two-factor/disable': 'a session',
  'GET /api/auth/passkey/generate-register-options': 'a session',
  'POST /api/auth/passkey/verify-registration': 'a session',
  'GET /api/auth/passkey/generate-authenticate-options': 'anybody',
  'POST /api/auth/passkey/verify-authentication': 'a session',
  'POST /api/auth/passkey/delete-passkey': 'a session',
  'POST /api/sso/discover': 'anybody',
  'GET /api/sso/saml/:connection/metadata': 'anybody',
  'GET /api/sso/:connection/start': 'anybody',
  'GET /api/sso/callback': 'anybody',
  'GET /api/sso/callback/:organization': 'anybody',
  'GET /api/sso/finish': 'anybody',
  'POST /api/sso/saml/:connection/acs': 'anybody',
  'GET /scim/v2/ServiceProviderConfig': 'a directory token',
  'GET /scim/v2/ResourceTypes': 'a directory token',
  'GET /scim/v2/Schemas': 'a directory token',
  'GET /scim/v2/Users': 'a directory token',
  'GET /scim/v2/Groups': 'a directory token',
  'POST /scim/v2/Users': 'a directory token',
  'POST /scim/v2/Groups': 'a directory token',
  'GET /scim/v2/Users/:id': 'a directory token',
  'GET /scim/v2/Groups/:id': 'a directory token',
  'PUT /scim/v2/Users/:id': 'a directory token',
  'PUT /scim/v2/Groups/:id': 'a directory token',
  'PATCH /scim/v2/Users/:id': 'a directory token',
  'PATCH /scim/v2/Groups/:id': 'a directory token',
  'DELETE /scim/v2/Users/:id': 'a directory token',
  'DELETE /scim/v2/Groups/:id': 'a directory token',
  'ALL /scim/v2/*': 'a directory token',
  'POST /api/agents/enroll': 'a machine secret',
  'POST /api/agents/token': 'a machine secret',
  // The token in its address is the credential: see webhooks.db.test.ts.
  'ALL /hooks/:token': 'a machine secret',
  'GET /api/live': PEOPLE,
  'GET /api/audit/export': ['operator', 'owner'],
  'GET /api/workspaces/export': ['owner'],
  // For keys that name the scope: see organizations.db.test.ts.
  'GET /api/organizations/export': 'nothing there',
  // Asked procedure by procedure in authorization-roles.db.test.ts.
  'ALL /trpc/*': 'nothing there',
  'ALL /api/*': 'nothing there',
  // The console, which asks the API in the name of whoever looks at it; none is configured here.
  'ALL /*': 'anybody',
};

/** 503: there is no console. */
const REFUSED = [400, 401, 403, 404, 429, 503];

const tally = openTally('routes');
let api: TestApi;
let mine: Tenant;
let theirs: Tenant;
let second: string;
const keys = new Map<BuiltInRole, string>();

beforeAll(async () => {
  api = await openTestApi();
  [mine, theirs] = [await api.tenant(), await api.tenant()];
  second = (await mine.owner.workspaces.create({ slug: 'second', name: 'Second' })).slug;
  for (const role of BUILT_IN_ROLES) keys.set(role, (await mine.owner.apiKeys.create({ name: role, role })).secret);
});
afterAll(async () => {
  api.app.closeStreams();
  await api[Symbol.asyncDispose]();
});

async function ask(route: string, secret: string | null, query = ''): Promise<number> {
  tally.ask();
  const [verb = '', path = ''] = route.split(' ');
  const method = verb === 'ALL' ? 'GET' : verb;
  const url = path.replaceAll(/:\w+/g, '00000000-0000-7000-8000-000000000000').replace('*', 'nothing') + query;
  const headers = { ...(secret ? { authorization: `Bearer ${secret}` } : {}), 'content-type': 'application/json' };
  const response = await api.app.request(url, { method, headers, ...(method === 'GET' ? {} : { body: '{}' }) });
  await response.body?.cancel();
  return response.status;
}

test('every route is named here', () => {
  expect([...api.app.routes].sort()).toEqual(Object.keys(ROUTES).sort());
});

test('every route is a door of docs/security.md, and every door of it is a route', async () => {
  const page = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const table = page.slice(page.indexOf('| HTTP 4200 |'), page.indexOf('| NATS 4222 |'));
  const doors = table.split('\n').flatMap((line) => [...(line.split('|')[2] ?? '').matchAll(/`(\/[^`]*)`/g)].map(([, door = '']) => door));
  const opens = (door: string, path: string) => {
    const start = door.replace(/(\*|<\w+>)$/, '');
    return start === door ? path === door : path.startsWith(start);
  };
  const paths = [...new Set(api.app.routes.map((route) => route.split(' ')[1] ?? ''))];
  // What is named last stands for all the rest: a route needs a door of its own, but for the two that answer with nothing.
  const rest = '/*';
  const named = doors.filter((door) => door !== rest);
  expect(doors).toContain(rest);
  expect(paths.filter((path) => !named.some((door) => opens(door, path))).sort()).toEqual([rest, '/api/*']);
  expect(named.filter((door) => !paths.some((path) => opens(door, path)))).toEqual([]);
});

describe('a route', () => {
  test.each(Object.entries(ROUTES))('%s is for %s', async (route, guard) => {
    tally.rule(route);
    const nobody = await ask(route, null);
    if (typeof guard !== 'string') {
      expect(nobody).toBe(401);
      for (const role of BUILT_IN_ROLES) {
        const secret = keys.get(role) as string;
        // A live stream opens for anybody of the workspace and tells of what they may see: see live.db.test.ts.
        const own = route === 'GET /api/live' || guard.includes(role) ? 200 : 403;
        expect([role, await ask(route, secret)]).toEqual([role, own]);
        for (const place of [second, theirs.slug, 'no-such-workspace'])
          expect([role, place, await ask(route, secret, `?workspace=${place}`)]).toEqual([role, place, 404]);
      }
      return;
    }
    const owner = await ask(route, keys.get('owner') as string);
    if (guard === 'anybody') return expect([200, 302, 303, ...REFUSED]).toContain(nobody);
    // A key of a workspace, the owner's too, opens none of these.
    for (const status of [nobody, owner]) expect(REFUSED).toContain(status);
  });
});
