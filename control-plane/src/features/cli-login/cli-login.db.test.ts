import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';

let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi();
  tenant = await api.tenant();
});
afterAll(() => api[Symbol.asyncDispose]());

const { start, poll, approve } = {
  start: () => tenant.owner.login.start(),
  poll: (deviceCode: string) => tenant.owner.login.poll({ deviceCode }),
  approve: (code: string) => tenant.owner.login.approve({ code }),
};

describe('sign-in of a command line', () => {
  it('is pending until a person approves, then gives an API key, once', async () => {
    const { code, deviceCode, url, expiresInSeconds } = await start();
    expect(code).toMatch(/^[B-Z]{4}-[B-Z]{4}$/);
    expect({ url, expiresInSeconds }).toEqual({ url: `http://localhost:4200/login/approve?code=${code}`, expiresInSeconds: 600 });
    expect(await poll(deviceCode)).toEqual({ status: 'pending' });
    expect(await approve(code.toLowerCase().replace('-', ' '))).toEqual({ approved: true });

    const answers = await Promise.all([poll(deviceCode), poll(deviceCode)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual(['approved', 'expired']);
    const { secret, workspace } = answers.find((answer) => answer.status === 'approved') ?? {};
    expect(workspace).toBe(tenant.slug);
    const response = await api.app.request('/trpc/me.get', { headers: { authorization: `Bearer ${secret}` } });
    expect(await response.json()).toMatchObject({
      result: { data: { actor: { kind: 'api-key', name: `${tenant.ownerEmail} (command line)` }, workspace: { role: 'owner' } } },
    });
    expect(await tenant.audit('cli-login.approve')).toHaveLength(1);
    expect(await tenant.audit('api-key.create')).toHaveLength(1);
  });

  it('is over after ten minutes, approved or not', async () => {
    const { code, deviceCode } = await start();
    await api.db.systemSql.query('UPDATE identity_device_login SET expires_at = now()');
    expect(await poll(deviceCode)).toEqual({ status: 'expired' });
    expect((await refusal(approve(code))).code).toBe('NOT_FOUND');
  });

  it('is approved once: the second one is told', async () => {
    const { code } = await start();
    const results = await Promise.allSettled([approve(code), approve(code)]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('cannot be guessed: ten wrong codes lock the person out of more', async () => {
    for (let i = 0; i < 10; i++) await refusal(approve('ZZZZ-ZZZZ'));
    expect(await refusal(approve('ZZZZ-ZZZZ'))).toEqual({ code: 'LIMIT_EXCEEDED', message: 'Too many wrong codes.' });
    await api.db.systemSql.query('UPDATE identity_rate_limit SET window_ends_at = now()');
  });

  it('gives nothing to a person who left in between', async () => {
    const own = await api.tenant();
    const { code, deviceCode } = await start();
    await own.owner.login.approve({ code });
    await api.db.system.workspaceMember.deleteMany({ where: { workspaceId: own.workspaceId } });
    await api.db.system.organizationMember.deleteMany({ where: { organizationId: own.organizationId } });
    expect(await poll(deviceCode)).toEqual({ status: 'expired' });
    // Nor to one whom a directory switched off.
    const off = await api.tenant();
    const other = await start();
    await off.owner.login.approve({ code: other.code });
    await api.db.system.user.update({ where: { email: off.ownerEmail }, data: { deactivatedAt: new Date() } });
    expect(await poll(other.deviceCode)).toEqual({ status: 'expired' });
  });

  it('stores codes hashed', async () => {
    const { code, deviceCode } = await start();
    const { rows } = await api.db.systemSql.query('SELECT identity_device_login::text AS row FROM identity_device_login');
    expect(JSON.stringify(rows)).not.toContain(code);
    expect(JSON.stringify(rows)).not.toContain(deviceCode);
  });
});

it('shows whoever is to approve from which machine and address it asks, and nobody else', async () => {
  const started = await api.app.request('/trpc/login.start', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-signalbox-host': 'adas-laptop' },
  });
  const { code } = ((await started.json()) as { result: { data: { code: string } } }).result.data;
  const tenant = await api.tenant();
  expect(await tenant.owner.login.look({ code })).toMatchObject({ host: 'adas-laptop', address: 'unknown' });
  await expect(tenant.owner.login.look({ code: 'BBBB-BBBB' })).rejects.toThrow('No command line waits with this code');
  await tenant.owner.login.approve({ code });
  await expect(tenant.owner.login.look({ code })).rejects.toThrow('No command line waits with this code');
});
