/** Support acts as a member, for a time and with a reason, where the organization allows it; under both names in the audit. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApi, type Tenant, type TestApi } from '../../../test/api.ts';
import { openOperatorCommands } from '../../../test/operator-command.ts';
import { hashSecret, newSecret } from '../../platform/secrets.ts';

const ORIGIN = 'http://localhost:4200';
let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi({ publicUrl: ORIGIN });
});
beforeEach(async () => {
  tenant = await api.tenant();
  await tenant.owner.support.set({ allowed: true });
});
afterAll(() => api[Symbol.asyncDispose]());

/** As src/impersonate.ts makes one. */
async function begin(minutes = 30): Promise<string> {
  const link = newSecret('sbs_');
  await api.db.systemSql.query(
    `INSERT INTO support_session (id, organization_id, user_id, operator, reason, token_hash, expires_at)
     SELECT gen_random_uuid(), $1, u.id, 'grace', 'ticket 12', $3, now() + make_interval(mins => $4) FROM identity_user u WHERE u.email = $2`,
    [tenant.organizationId, tenant.ownerEmail, Buffer.from(hashSecret(link)), minutes],
  );
  return link;
}
const enter = (link: string) => api.app.request(`/api/auth/support/enter?link=${link}`);
async function entered(): Promise<string> {
  const response = await enter(await begin());
  expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
  const [cookie = ''] = response.headers.getSetCookie();
  for (const attribute of ['HttpOnly', 'SameSite=Lax', 'Max-Age=']) expect(cookie).toContain(attribute);
  return cookie.split(';')[0] ?? '';
}
const get = (path: string, cookie: string) => api.app.request(path, { headers: { cookie } });
const post = (path: string, body: unknown, cookie: string) =>
  api.app.request(path, {
    method: 'POST',
    headers: { cookie, origin: ORIGIN, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const rows = async (action: string) =>
  (
    await api.db.systemSql.query(
      'SELECT actor_kind, actor_name, outcome, after FROM audit_entry WHERE organization_id = $1 AND action = $2 ORDER BY id',
      [tenant.organizationId, action],
    )
  ).rows as { actor_kind: string; actor_name: string; outcome: string; after: object }[];

describe('the command impersonate', () => {
  it('gives a link that opens, once, and stands in the audit; wrong arguments exit with 2, one line and the usage', async () => {
    await using commands = await openOperatorCommands(api.databaseUrl);
    const given = { organization: tenant.slug, as: tenant.ownerEmail, operator: 'grace', reason: 'ticket 12' };
    const run = (changed: Record<string, string> = {}) =>
      commands.run('impersonate.ts', ...Object.entries({ ...given, ...changed }).map(([name, value]) => `--${name}=${value}`));
    const wrong = await Promise.all([
      run({ reason: '' }),
      run({ minutes: '481' }),
      run({ as: 'nobody@example.com' }),
      commands.run('impersonate.ts', '--who=me'),
    ]);
    for (const [i, text] of ['--reason: expected a text', '--minutes: expected 1 to 480', 'is no member', "'--who'"].entries()) {
      expect(wrong[i]).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(text) });
      expect(wrong[i]?.stderr).toMatch(/^error: .*\nusage: node src\/impersonate\.ts --organization/);
    }
    const done = await run();
    expect(done).toMatchObject({ exitCode: 0, stderr: '' });
    const { url } = JSON.parse(done.stdout) as { url: string };
    expect((await enter(new URL(url).searchParams.get('link') ?? '')).headers.get('location')).toBe('/');
    expect((await enter(new URL(url).searchParams.get('link') ?? '')).headers.get('location')).not.toBe('/');
    expect(await rows('support.begin')).toMatchObject([{ actor_kind: 'support', outcome: 'done', after: { reason: 'ticket 12' } }]);
    await tenant.owner.support.set({ allowed: false });
    expect(await run()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('does not allow support') });
    // Six processes.
  }, 60_000);
});

describe('support', () => {
  it('sees and does what the member may, and is shown and audited under both names', async () => {
    const cookie = await entered();
    const me = (await (await get('/trpc/me.get', cookie)).json()) as { result: { data: object } };
    expect(me.result.data).toMatchObject({
      actor: { email: tenant.ownerEmail },
      workspace: { slug: tenant.slug },
      support: { operator: 'grace', reason: 'ticket 12' },
    });
    expect((await post('/trpc/workPools.pause', { pool: 'local' }, cookie)).status).toBe(200);
    const name = `grace (support) as ${tenant.ownerEmail}`;
    expect(await rows('work-pool.pause')).toMatchObject([{ actor_kind: 'support', actor_name: name }]);
    expect(await rows('support.enter')).toMatchObject([{ actor_kind: 'support', actor_name: name, after: { reason: 'ticket 12' } }]);
    expect((await tenant.owner.support.get()).sessions).toMatchObject([
      { operator: 'grace', reason: 'ticket 12', as: tenant.ownerEmail, endedAt: null },
    ]);
  });

  it('gives nobody access, takes nothing away, and changes no way to sign in', async () => {
    const cookie = await entered();
    for (const [path, input] of [
      ['apiKeys.create', { name: 'x' }],
      ['members.add', { email: 'x@example.com', role: 'owner' }],
      ['agents.createJoinCode', { pool: 'local' }],
      ['workspaces.delete', { slug: tenant.slug }],
      ['workspaces.create', { slug: 'new', name: 'New' }],
      ['organizations.create', { slug: 'new', name: 'New' }],
      ['login.approve', { code: 'BCDF-GHJK' }],
      ['support.set', { allowed: true }],
      ['sso.addDomain', { domain: 'example.com' }],
    ] as const)
      expect([path, (await post(`/trpc/${path}`, input, cookie)).status]).toEqual([path, 403]);
    expect((await get('/api/workspaces/export', cookie)).status).toBe(403);
    expect((await get('/api/auth/security', cookie)).status).toBe(401);
    expect((await post('/api/auth/change-password', { currentPassword: 'x', newPassword: 'y' }, cookie)).status).toBe(401);
  });

  it('writes nothing for a page of another site, which is told', async () => {
    const cookie = await entered();
    const headers = { cookie, origin: 'https://evil.example', 'content-type': 'application/json' };
    expect((await api.app.request('/trpc/workPools.pause', { method: 'POST', headers, body: '{"pool":"local"}' })).status).toBe(403);
    await expect.poll(() => rows('account.refuse-request')).toMatchObject([{ outcome: 'refused' }]);
  });

  it('is entered once; ends when it is left, when its time is over, and when the organization says so', async () => {
    const link = await begin();
    expect((await enter(link)).status).toBe(303);
    expect((await enter(link)).status).toBe(401);
    expect((await enter(newSecret('sbs_'))).status).toBe(401);

    const left = await entered();
    expect((await post('/api/auth/support/leave', {}, left)).status).toBe(200);
    expect((await get('/trpc/me.get', left)).status).toBe(401);
    await expect.poll(() => rows('support.use')).toMatchObject([{ outcome: 'refused', after: { because: 'over' } }]);

    const switchedOff = await entered();
    await tenant.owner.support.set({ allowed: false });
    expect((await get('/trpc/me.get', switchedOff)).status).toBe(401);
    await tenant.owner.support.set({ allowed: true });
    expect((await get('/trpc/me.get', switchedOff)).status).toBe(401);

    const over = await entered();
    await api.db.systemSql.query('UPDATE support_session SET expires_at = now() WHERE organization_id = $1', [tenant.organizationId]);
    expect((await get('/trpc/me.get', over)).status).toBe(401);
  });

  it('keeps no link and no cookie where it is stored', async () => {
    const cookie = await entered();
    const { rows: all } = await api.db.systemSql.query(
      'SELECT s::text AS row FROM support_session s UNION ALL SELECT a::text FROM audit_entry a',
    );
    expect(JSON.stringify(all)).not.toContain(cookie.split('=')[1]);
  });
});
