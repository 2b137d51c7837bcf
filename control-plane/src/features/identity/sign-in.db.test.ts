import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApi, PASSWORD, type Tenant, type TestApi } from '../../../test/api.ts';
import { createApp } from '../../app.ts';
import { knownKeys } from '../../platform/known-keys.ts';

const ORIGIN = 'http://localhost:4200';
let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi({ publicUrl: ORIGIN });
});
beforeEach(async () => {
  tenant = await api.tenant();
});
afterAll(() => api[Symbol.asyncDispose]());

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  api.app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: ORIGIN, ...headers },
    body: JSON.stringify(body),
  });
const signIn = async (email: string, password: string) => post('/api/auth/sign-in/email', { email, password });
const cookieOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
/** One failure for real, and as many more as make `count`: hashing passwords takes its time. */
const failed = async (rule: string, count: number) => {
  await signIn(tenant.ownerEmail, 'wrong');
  await api.db.systemSql.query('UPDATE identity_rate_limit SET count = $1 WHERE key LIKE $2', [count, `${rule}:%`]);
};
const me = async (headers: Record<string, string>) => api.app.request('/trpc/me.get', { headers });

describe('sign-in', () => {
  it('gives a session that the API knows, until sign-out ends it at once', async () => {
    const response = await signIn(tenant.ownerEmail.toUpperCase(), PASSWORD);
    expect(response.status).toBe(200);
    const cookie = cookieOf(response);
    expect(response.headers.getSetCookie()[0]).toMatch(/HttpOnly; SameSite=Lax/);
    const known = await me({ cookie });
    expect(await known.json()).toMatchObject({
      result: { data: { actor: { kind: 'user', email: tenant.ownerEmail }, workspace: { slug: tenant.slug, role: 'owner' } } },
    });
    expect((await post('/api/auth/sign-out', {}, { cookie })).status).toBe(200);
    expect((await me({ cookie })).status).toBe(401);
  });

  it('that ended is no use to who kept its cookie, and such a try is told to the security officer', async () => {
    const cookie = cookieOf(await signIn(tenant.ownerEmail, PASSWORD));
    await post('/api/auth/sign-out', {}, { cookie });
    expect((await me({ cookie })).status).toBe(401);
    await expect.poll(() => tenant.audit('account.refuse-session')).toMatchObject([{ actorName: tenant.ownerEmail }]);
    expect(await tenant.audit('account.sign-out')).toHaveLength(1);
  });

  it('answers an unknown email and a wrong password with the same text', async () => {
    const [unknown, wrong] = [await signIn('nobody@example.com', PASSWORD), await signIn(tenant.ownerEmail, 'wrong')];
    expect([unknown.status, wrong.status]).toEqual([401, 401]);
    const [a, b] = [await unknown.json(), await wrong.json()] as { code: string; message: string }[];
    expect({ ...a, requestId: '' }).toEqual({ ...b, requestId: '' });
    expect(a).toMatchObject({ code: 'UNAUTHENTICATED', message: 'Email or password is wrong.' });
  });

  it('locks an email after ten failures from one address, and says when to try again; the right password does not help then', async () => {
    await failed('sign-in-pair', 9);
    expect((await signIn(tenant.ownerEmail, 'wrong')).status).toBe(401);
    const locked = await signIn(tenant.ownerEmail, PASSWORD);
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(800);
    expect(await locked.json()).toMatchObject({ code: 'LIMIT_EXCEEDED', message: 'Too many sign-ins that failed. Try again in 15 min.' });
    await api.db.systemSql.query('UPDATE identity_rate_limit SET window_ends_at = now()');
    expect((await signIn(tenant.ownerEmail, PASSWORD)).status).toBe(200);
  });

  it('cannot be locked for its person by others: their address does not count for the one that signed in before', async () => {
    const app = createApp({ ...api.services, settings: { ...api.services.settings, trustedProxies: 1 } });
    const from = async (address: string, password: string) => {
      const response = await app.request('/api/auth/sign-in/email', {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: ORIGIN, 'x-forwarded-for': address },
        body: JSON.stringify({ email: tenant.ownerEmail, password }),
      });
      return response.status;
    };
    expect(await from('192.0.2.50', PASSWORD)).toBe(200);
    expect(await from('198.51.100.50', 'wrong')).toBe(401);
    await api.db.systemSql.query(
      "UPDATE identity_rate_limit SET count = 100 WHERE key LIKE 'sign-in-pair:%' OR key LIKE 'sign-in-strangers:%'",
    );
    expect(await from('198.51.100.50', PASSWORD)).toBe(429);
    // A guesser with a fresh address is stopped too; the person at theirs is not.
    expect(await from('198.51.100.51', PASSWORD)).toBe(429);
    expect(await from('192.0.2.50', PASSWORD)).toBe(200);
    await api.db.systemSql.query('UPDATE identity_rate_limit SET window_ends_at = now()');
  });

  it('limits an address whatever the emails', async () => {
    await failed('sign-in-address', 49);
    expect((await signIn('one@example.com', 'wrong')).status).toBe(401);
    expect((await signIn('two@example.com', 'wrong')).status).toBe(429);
    await api.db.systemSql.query('UPDATE identity_rate_limit SET window_ends_at = now()');
  });

  it('counts the address that the trusted proxies saw, and no other that a request may claim', async () => {
    const attempts = async (proxies: number) => {
      const app = createApp({ ...api.services, settings: { ...api.services.settings, trustedProxies: proxies } });
      await api.db.systemSql.query('DELETE FROM identity_rate_limit');
      for (const forwarded of ['198.51.100.1, 192.0.2.7', '198.51.100.2, 192.0.2.7', '192.0.2.8']) {
        await app.request('/api/auth/sign-in/email', {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin: ORIGIN, 'x-forwarded-for': forwarded },
          body: JSON.stringify({ email: `${forwarded.length}@example.com`, password: 'wrong' }),
        });
      }
      const { rows } = await api.db.systemSql.query(
        "SELECT count FROM identity_rate_limit WHERE key LIKE 'sign-in-address:%' ORDER BY count",
      );
      return rows.map(({ count }) => count);
    };
    expect(await attempts(0)).toEqual([3]);
    expect(await attempts(1)).toEqual([1, 2]);
  });

  it('never shows a password in what it answers about a bad input', async () => {
    const response = await post('/api/auth/sign-in/email', { email: 'typed into the wrong field', password: 'x'.repeat(500) });
    const text = await response.text();
    expect(response.status).toBe(400);
    expect(text).not.toContain('xxx');
    expect(text).not.toContain('wrong field');
    expect(JSON.parse(text)).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ field: 'email' }, { field: 'password', expected: 'at most 128 characters' }],
    });
  });

  it('cannot be signed up for, and nothing else of the library is reachable', async () => {
    expect((await post('/api/auth/sign-up/email', { email: 'new@example.com', password: PASSWORD, name: 'New' })).status).toBe(404);
    expect((await api.app.request('/api/auth/list-sessions')).status).toBe(404);
  });
});

describe('a page of another site', () => {
  it('cannot use the cookie for a write; ours and our programs can', async () => {
    const cookie = cookieOf(await signIn(tenant.ownerEmail, PASSWORD));
    const write = async (headers: Record<string, string>) => {
      const response = await api.app.request('/trpc/workPools.pause', {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie, ...headers },
        body: JSON.stringify({ pool: 'local' }),
      });
      return response.status;
    };
    expect(await write({ origin: 'https://evil.example' })).toBe(403);
    expect(await write({})).toBe(403);
    expect(await write({ origin: ORIGIN })).toBe(200);
    expect(await write({ origin: 'http://127.0.0.1:4200' })).toBe(200);
    expect(await write({ 'x-signalbox-client': 'console' })).toBe(200);
    // One row a minute: the second tells nothing more.
    await expect.poll(() => tenant.audit('account.refuse-request')).toHaveLength(1);
  });

  it('cannot sign in here', async () => {
    const response = await post(
      '/api/auth/sign-in/email',
      { email: tenant.ownerEmail, password: PASSWORD },
      { origin: 'https://evil.example' },
    );
    expect([response.status, response.headers.getSetCookie()]).toEqual([403, []]);
  });
});

describe('an API key', () => {
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

  it('speaks for its workspace with its role, and is refused once revoked', async () => {
    const { key, secret } = await tenant.owner.apiKeys.create({ name: 'ci', role: 'operator' });
    expect(secret).toMatch(/^sbk_[0-9A-Za-z]{49}$/);
    const answer = (await (await me(bearer(secret))).json()) as { result: { data: { scopes: string[] } } };
    expect(answer).toMatchObject({
      result: { data: { actor: { kind: 'api-key', name: 'ci' }, workspace: { slug: tenant.slug, role: 'operator' } } },
    });
    expect(answer.result.data.scopes).not.toContain('api-keys:write');
    await tenant.owner.apiKeys.revoke({ key: key.id });
    const refused = await me(bearer(secret));
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({
      error: {
        data: { signalbox: { code: 'UNAUTHENTICATED', message: 'The API key is not valid: it may be mistyped, expired or revoked.' } },
      },
    });
  });

  it('is refused once expired, and notes its use at most once a minute', async () => {
    const { key, secret } = await tenant.owner.apiKeys.create({ name: 'ci' });
    await me(bearer(secret));
    const [first] = await tenant.owner.apiKeys.list();
    await me(bearer(secret));
    expect(first?.lastUsedAt).not.toBeNull();
    expect((await tenant.owner.apiKeys.list())[0]?.lastUsedAt).toBe(first?.lastUsedAt);
    await api.db.systemSql.query("UPDATE api_key SET expires_at = now() - interval '1 second' WHERE name = 'ci'");
    knownKeys.forget(null); // as a second does
    expect((await me(bearer(secret))).status).toBe(401);
    expect(key.prefix).toBe(secret.slice(0, 12));
  });

  it('is stored as a hash alone', async () => {
    const { secret } = await tenant.owner.apiKeys.create({ name: 'ci' });
    const rows = await api.db.systemSql.query(
      'SELECT api_key::text AS row FROM api_key UNION ALL SELECT audit_entry::text FROM audit_entry',
    );
    expect(JSON.stringify(rows.rows)).not.toContain(secret.slice(12));
  });

  it('that is good works on, however many bad ones its address sends; those are told to wait', async () => {
    const { secret } = await tenant.owner.apiKeys.create({ name: 'ci' });
    const statuses = [];
    for (let i = 0; i < 25; i++) statuses.push((await me(bearer(`sbk_${'0'.repeat(43)}`))).status);
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
    expect((await me(bearer(secret))).status).toBe(200);
  });

  it('never reaches another workspace, by whatever header', async () => {
    const other = await api.tenant();
    const { secret } = await tenant.owner.apiKeys.create({ name: 'ci' });
    const response = await me({ ...bearer(secret), 'x-signalbox-workspace': other.slug });
    expect(response.status).toBe(404);
  });

  it('is listed and made only with the scope, never above the maker, never revoked by a stranger', async () => {
    const { key } = await tenant.owner.apiKeys.create({ name: 'ci' });
    const codeOf = (call: Promise<unknown>) =>
      call.then(
        () => 'ok',
        (error: { cause: { code: string } }) => error.cause.code,
      );
    expect(await codeOf(tenant.as('agent').apiKeys.list())).toBe('FORBIDDEN');
    expect(await codeOf(tenant.as('operator').apiKeys.create({ name: 'x', role: 'owner' }))).toBe('FORBIDDEN');
    expect(await codeOf((await api.tenant()).owner.apiKeys.revoke({ key: key.id }))).toBe('NOT_FOUND');
    expect(await tenant.audit('api-key.create')).toHaveLength(1);
  });
});
