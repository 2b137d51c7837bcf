import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApi, PASSWORD, refusal, type Tenant, type TestApi } from '../../../test/api.ts';

const ORIGIN = 'http://localhost:4200';
let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi({ publicUrl: ORIGIN, trustedProxies: 1 });
});
beforeEach(async () => {
  tenant = await api.tenant();
});
afterAll(() => api[Symbol.asyncDispose]());

// The callers of these tests come from 192.0.2.1.
const set = (...cidrs: string[]) => tenant.owner.networks.set({ networks: cidrs.map((cidr) => ({ cidr })) });
const me = async (address: string, headers: Record<string, string>) =>
  api.app.request('/trpc/me.get', { headers: { 'x-forwarded-for': address, ...headers } });

describe('the networks of an organization', () => {
  it('let API keys and people in from there alone', async () => {
    const { secret } = await tenant.owner.apiKeys.create({ name: 'ci' });
    const signedIn = await api.app.request('/api/auth/sign-in/email', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: ORIGIN },
      body: JSON.stringify({ email: tenant.ownerEmail, password: PASSWORD }),
    });
    const credentials: Record<string, string>[] = [
      { authorization: `Bearer ${secret}` },
      { cookie: signedIn.headers.getSetCookie().join('; ') },
    ];
    await set('192.0.2.0/24', '2001:db8::/32');
    for (const credential of credentials) {
      const from = async (address: string) => (await me(address, credential)).status;
      expect(await from('192.0.2.77')).toBe(200);
      expect(await from('::ffff:192.0.2.77')).toBe(200);
      expect(await from('2001:db8::5')).toBe(200);
      expect(await from('198.51.100.1')).toBe(403);
      expect(await from('not an address')).toBe(403);
    }
    expect(await (await me('198.51.100.1', credentials[0] ?? {})).text()).toContain('198.51.100.1, is in none of the networks');
    await set();
    expect((await me('198.51.100.1', credentials[0] ?? {})).status).toBe(200);
  });

  it('never lock out whoever sets them, and are told apart from what is none', async () => {
    expect((await refusal(set('198.51.100.0/24'))).message).toContain('you would lock yourself out');
    for (const wrong of ['192.0.2.0/33', '300.1.1.1', 'example.com'])
      expect((await refusal(set(wrong))).issues, wrong).toMatchObject([{ field: 'networks.0.cidr' }]);
    expect((await set('192.0.2.9/24', '192.0.2.1')).networks.map(({ cidr }) => cidr)).toEqual(['192.0.2.0/24', '192.0.2.1/32']);
    expect(await tenant.audit('organization.set-networks')).toMatchObject([{ after: { networks: ['192.0.2.0/24', '192.0.2.1/32'] } }]);
  });

  it('are the business of owners of the organization', async () => {
    for (const role of ['member', 'admin'] as const)
      expect((await refusal(tenant.asOrganization(role).networks.get())).code, role).toBe('FORBIDDEN');
  });
});
