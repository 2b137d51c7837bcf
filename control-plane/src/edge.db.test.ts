/** What every answer carries and every request meets, before any feature is asked. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, PASSWORD, type TestApi } from '../test/api.ts';

const ORIGIN = 'https://signalbox.example.com';
let api: TestApi;

beforeAll(async () => {
  api = await openTestApi({ publicUrl: ORIGIN });
});
afterAll(() => api[Symbol.asyncDispose]());

const PATHS = ['/health', '/trpc/me.get', '/api/auth/get-session', '/api/sso/callback', '/scim/v2/Users', '/api/nothing', '/'];

describe('every answer', () => {
  it.each(PATHS)('of %s forbids framing, sniffing and plain HTTP, and tells no other site anything', async (path) => {
    const { headers } = await api.app.request(path, { headers: { origin: 'https://evil.example' } });
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toContain('max-age=31536000');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it.each(PATHS)('to a preflight of another site for %s allows nothing', async (path) => {
    const { headers } = await api.app.request(path, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-signalbox-client',
      },
    });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('a cookie', () => {
  it('is Secure, HttpOnly, SameSite and of this host alone', async () => {
    const tenant = await api.tenant();
    const response = await api.app.request('/api/auth/sign-in/email', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: ORIGIN },
      body: JSON.stringify({ email: tenant.ownerEmail, password: PASSWORD }),
    });
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^__Secure-signalbox\.session_token=/);
    for (const attribute of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/']) expect(cookie).toContain(attribute);
    expect(cookie).not.toMatch(/Domain=/i);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});

describe('a body', () => {
  it.each(['/api/auth/sign-in/email', '/api/sso/discover', '/scim/v2/Users', '/api/agents/enroll'])(
    'that is too large for %s is not read',
    async (path) => {
      const response = await api.app.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: ORIGIN, 'content-length': String(70 * 1024) },
        body: JSON.stringify({ filler: 'x'.repeat(70 * 1024) }),
      });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('at most 65536 bytes');
    },
  );
});
