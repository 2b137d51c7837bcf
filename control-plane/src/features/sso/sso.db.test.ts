import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toId, toUuid } from '@signalbox/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApi, PASSWORD, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { type Browser, browse } from '../../../test/browse.ts';
import {
  type OpenIdProvider,
  type Person,
  type SamlProvider,
  startDns,
  startOpenIdProvider,
  startSamlProvider,
} from '../../../test/identity-providers.ts';

const ORIGIN = 'http://localhost:4200';
let api: TestApi;
let tenant: Tenant;
let domain: string;
let openId: OpenIdProvider;
let saml: SamlProvider & { forge(isForged: boolean): void };
let dns: Awaited<ReturnType<typeof startDns>>;
let browser: Browser;
let people: Person[] = [];
const records: Record<string, string> = {};
let audience = { audience: '', postUrl: '' };

beforeAll(async () => {
  [openId, saml, dns] = await Promise.all([
    startOpenIdProvider(`${ORIGIN}/api/sso/callback`, () => people),
    startSamlProvider(
      () => people[0] as Person,
      () => audience,
    ),
    startDns(() => records),
  ]);
  api = await openTestApi({ publicUrl: ORIGIN, dnsServers: [dns.address], privateProviders: true });
});
beforeEach(async () => {
  tenant = await api.tenant();
  domain = `${tenant.slug}.example`;
  people = [{ sub: `sub-${tenant.slug}`, email: `ada@${domain}`, name: 'Ada' }];
  browser = newBrowser();
  await api.db.systemSql.query('DELETE FROM identity_rate_limit');
});
afterAll(async () => {
  await Promise.all([openId, saml, dns, api].map((one) => one?.[Symbol.asyncDispose]()));
});

const newBrowser = () =>
  browse((url, init) => (url.origin === ORIGIN ? Promise.resolve(api.app.request(url.pathname + url.search, init)) : null));
const newOidc = (own = tenant) =>
  own.owner.sso.create({ kind: 'oidc', name: 'Okta', issuer: openId.issuer, clientId: openId.clientId, clientSecret: openId.clientSecret });
async function verifyDomain(own = tenant, name = domain) {
  const added = await own.owner.sso.addDomain({ domain: name });
  records[added.record.name] = added.record.value;
  return own.owner.sso.verifyDomain({ domain: added.id });
}
const me = async (cookie: string, workspace?: string) =>
  api.app.request('/trpc/me.get', { headers: { cookie, ...(workspace ? { 'x-signalbox-workspace': workspace } : {}) } });
const signOn = (connection: string, email = people[0]?.email ?? '', on = browser) =>
  on.open(`${ORIGIN}/api/sso/${connection}/start?next=/runs&email=${encodeURIComponent(email)}`);

describe('a domain', () => {
  it("is verified by its TXT record, and is one organization's", async () => {
    const added = await tenant.owner.sso.addDomain({ domain });
    expect((await refusal(tenant.owner.sso.verifyDomain({ domain: added.id }))).message).toContain(
      `The TXT record _signalbox.${domain} is not there`,
    );
    records[added.record.name] = 'something else';
    expect((await refusal(tenant.owner.sso.verifyDomain({ domain: added.id }))).message).toContain('says ["something else"]');
    records[added.record.name] = added.record.value;
    expect((await tenant.owner.sso.verifyDomain({ domain: added.id })).verifiedAt).not.toBeNull();
    const other = await api.tenant();
    expect((await refusal(verifyDomain(other))).code).toBe('CONFLICT');
    expect((await refusal(other.owner.sso.removeDomain({ domain: added.id }))).code).toBe('NOT_FOUND');
  });
});

describe('OpenID', () => {
  it('makes a person of a verified domain a member with the role that the connection gives, and signs them in', async () => {
    const { id } = await newOidc();
    await verifyDomain();
    await tenant.owner.sso.update({ connection: id, first: { workspace: toId('workspace', tenant.workspaceId), role: 'developer' } });
    const landed = await signOn(id);
    expect(landed.url).toBe(`${ORIGIN}/runs`);
    expect(await (await me(browser.cookies(ORIGIN))).json()).toMatchObject({
      result: { data: { actor: { email: `ada@${domain}`, name: 'Ada' }, workspace: { slug: tenant.slug, role: 'developer' } } },
    });
    expect(await tenant.audit('account.sign-in')).toMatchObject([
      { actorName: `ada@${domain}`, after: { method: 'single sign-on: Okta' } },
    ]);
  });

  it('is looked for by the domain of an email, which tells nothing of accounts', async () => {
    const { id } = await newOidc();
    await verifyDomain();
    const look = async (email: string) => {
      const headers = { 'content-type': 'application/json', origin: ORIGIN };
      return (await api.app.request('/api/sso/discover', { method: 'POST', headers, body: JSON.stringify({ email }) })).json();
    };
    expect(await look(`nobody@${domain}`)).toEqual({ connection: { id, name: 'Okta', required: false } });
    expect(await look(tenant.ownerEmail)).toEqual({ connection: null });
  });

  it('is refused for an email of a domain that the organization has not verified: no provider makes itself a person of another', async () => {
    const { id } = await newOidc();
    await verifyDomain();
    const victim = await api.tenant();
    people = [{ sub: 'mallory', email: victim.ownerEmail, name: 'Mallory' }];
    expect((await signOn(id)).url).toBe(`${ORIGIN}/sign-in?problem=sso-domain`);
    people = [{ sub: 'unsure', email: `eve@${domain}`, name: 'Eve', emailVerified: false }];
    expect((await signOn(id, `eve@${domain}`, newBrowser())).url).toBe(`${ORIGIN}/sign-in?problem=sso-email`);
    expect(await api.db.system.user.findUnique({ where: { email: `eve@${domain}` } })).toBeNull();
    // One row a minute and connection, however many tried.
    await expect
      .poll(() => tenant.audit('account.refuse-sign-on'))
      .toMatchObject([{ targetKind: 'sso-connection', after: { refusal: 'domain' } }]);
  });

  it('gives no code of its people to another organization whose provider sends them on', async () => {
    const { id } = await newOidc();
    await verifyDomain();
    const [mallory, rogue] = [await api.tenant(), createServer()];
    await new Promise<void>((done) => rogue.listen(0, '127.0.0.1', done));
    const issuer = `http://127.0.0.1:${(rogue.address() as AddressInfo).port}`;
    const told: string[] = [];
    // Mallory's own sign-on at the honest provider, whose challenge the victim is sent there with.
    const own = await api.app.request(`/api/sso/${id}/start`);
    const honest = new URL(own.headers.get('location') ?? '');
    rogue.on('request', (request, response) => {
      told.push(request.url ?? '');
      const { pathname, searchParams } = new URL(request.url ?? '', issuer);
      const endpoints = { authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` };
      if (pathname !== '/auth')
        return void response.setHeader('content-type', 'application/json').end(JSON.stringify({ issuer, ...endpoints }));
      const onward = new URL(honest);
      onward.searchParams.set('state', searchParams.get('state') ?? '');
      onward.searchParams.set('login_hint', people[0]?.email ?? '');
      response.writeHead(302, { location: onward.href }).end();
    });
    try {
      const { id: trap } = await mallory.owner.sso.create({ kind: 'oidc', name: 'Rogue', issuer, clientId: 'x', clientSecret: 'y' });
      // As a provider would lead back that does not say who it is (RFC 9207): most do not.
      const victim = browse((url, init) => {
        url.searchParams.delete('iss');
        return url.origin === ORIGIN ? Promise.resolve(api.app.request(url.pathname + url.search, init)) : null;
      });
      expect((await signOn(trap, people[0]?.email, victim)).url).toBe(`${ORIGIN}/sign-in?problem=sso-provider`);
      expect(told.filter((path) => path.startsWith('/token'))).toEqual([]);
    } finally {
      rogue.close();
      rogue.closeAllConnections();
    }
  });

  it('ends only in the browser that began it, and once', async () => {
    const { id } = await newOidc();
    await verifyDomain();
    let callback = '';
    const thief = newBrowser();
    const watched = browse((url, init) => {
      if (url.origin !== ORIGIN) return null;
      if (url.pathname.startsWith('/api/sso/callback')) {
        callback = url.href;
        return Promise.resolve(new Response('kept back'));
      }
      return Promise.resolve(api.app.request(url.pathname + url.search, init));
    });
    await signOn(id, people[0]?.email, watched);
    expect((await thief.open(callback)).url).toBe(`${ORIGIN}/sign-in?problem=sso-expired`);
    const finish = (cookie: string) => {
      const { pathname, search } = new URL(callback);
      return api.app.request(pathname + search, { headers: { cookie } });
    };
    const cookie = watched.cookies(ORIGIN);
    expect((await finish(cookie)).headers.get('location')).toBe('/runs');
    expect((await finish(cookie)).headers.get('location')).toBe('/sign-in?problem=sso-expired');
  });

  it('leads to no other site, whatever the link says', async () => {
    const { id } = await newOidc();
    await verifyDomain();
    for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', '/api/auth/sign-out']) {
      const landed = await newBrowser().open(`${ORIGIN}/api/sso/${id}/start?next=${encodeURIComponent(next)}&email=ada@${domain}`);
      expect(landed.url, next).toBe(`${ORIGIN}/`);
    }
  });

  it('keeps the client secret sealed, and asks no private address unless that is allowed', async () => {
    const { id } = await newOidc();
    const { rows } = await api.db.systemSql.query(
      'SELECT c::text AS row FROM sso_connection c UNION ALL SELECT a::text FROM audit_entry a',
    );
    expect(JSON.stringify(rows)).not.toContain(openId.clientSecret);
    await using strict = await openTestApi({ publicUrl: ORIGIN });
    const own = await strict.tenant();
    const refused = await own.owner.sso.create({ kind: 'oidc', name: 'x', issuer: openId.issuer, clientId: 'x', clientSecret: 'x' });
    const answer = await strict.app.request(`/api/sso/${refused.id}/start`);
    expect(answer.headers.get('location')).toBe('/sign-in?problem=sso-provider');
    expect(toUuid('ssoConnection', id)).not.toBe('');
  });
});

describe('SAML', () => {
  async function newSaml() {
    const { id, callbackUrl, metadataUrl } = await tenant.owner.sso.create({
      kind: 'saml',
      name: 'ADFS',
      entryPoint: saml.entryPoint,
      idpIssuer: saml.issuer,
      certificate: saml.certificate,
    });
    audience = { audience: metadataUrl ?? '', postUrl: callbackUrl };
    await verifyDomain();
    return { id, callbackUrl };
  }
  /** The form that the provider's page would post, and where to. */
  async function ask(id: string) {
    const page = await signOn(id);
    const field = (name: string) =>
      new RegExp(`name="${name}"\\s+value="([^"]*)"`).exec(page.text)?.[1]?.replaceAll('&#x3D;', '=').replaceAll('&#43;', '+') ?? '';
    return { SAMLResponse: field('SAMLResponse'), RelayState: field('RelayState') };
  }
  const post = (url: string, form: Record<string, string>, on = browser) =>
    on.open(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: saml.issuer },
      body: new URLSearchParams(form).toString(),
    });

  it('signs in by an assertion that answers our request, once', async () => {
    const { id, callbackUrl } = await newSaml();
    const form = await ask(id);
    expect((await post(callbackUrl, form)).url).toBe(`${ORIGIN}/runs`);
    expect(await (await me(browser.cookies(ORIGIN))).json()).toMatchObject({ result: { data: { actor: { email: `ada@${domain}` } } } });
    expect((await post(callbackUrl, form, newBrowser())).url).toBe(`${ORIGIN}/sign-in?problem=sso-expired`);
  });

  it('refuses a forged signature, an assertion for another audience, and one that nobody asked for', async () => {
    const { id, callbackUrl } = await newSaml();
    saml.forge(true);
    const forged = await ask(id);
    saml.forge(false);
    expect((await post(callbackUrl, forged)).url).toBe(`${ORIGIN}/sign-in?problem=sso-provider`);
    audience = { ...audience, audience: 'https://elsewhere.example' };
    expect((await post(callbackUrl, await ask(id))).url).toBe(`${ORIGIN}/sign-in?problem=sso-provider`);
    audience = { ...audience, audience: callbackUrl.replace(/acs$/, 'metadata') };
    const good = await ask(id);
    const other = await ask(id);
    expect((await post(callbackUrl, { SAMLResponse: good.SAMLResponse, RelayState: other.RelayState })).url).toBe(
      `${ORIGIN}/sign-in?problem=sso-provider`,
    );
  });

  it('publishes its metadata', async () => {
    const { callbackUrl } = await newSaml();
    const answer = await browser.open(callbackUrl.replace(/acs$/, 'metadata'));
    expect(answer.text).toContain(`Location="${callbackUrl}"`);
  });
});

describe('enforced single sign-on', () => {
  const signIn = async (email: string) =>
    api.app.request('/api/auth/sign-in/email', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: ORIGIN },
      body: JSON.stringify({ email, password: PASSWORD }),
    });

  it('needs a verified domain, and lets owners in by password, and nobody else', async () => {
    const { id } = await newOidc();
    expect((await refusal(tenant.owner.sso.update({ connection: id, enforced: true }))).code).toBe('PRECONDITION_FAILED');
    await verifyDomain();
    const { createUser } = await import('../identity/index.ts');
    const outsider = await createUser(api.db.system, { email: `bob@${tenant.slug}.test`, password: PASSWORD, name: 'Bob' });
    const insider = await createUser(api.db.system, { email: `ada@${domain}`, password: PASSWORD, name: 'Ada' });
    for (const { id: userId } of [outsider, insider])
      await api.db.system.workspaceMember.create({ data: { workspaceId: tenant.workspaceId, userId, role: 'developer' } });
    await tenant.owner.sso.update({ connection: id, enforced: true });

    const owner = await signIn(tenant.ownerEmail);
    expect((await me(owner.headers.getSetCookie().join('; '), tenant.slug)).status).toBe(200);
    const captured = await signIn(insider.email);
    expect([captured.status, await captured.json()]).toMatchObject([403, { message: expect.stringContaining('signs in with "Okta"') }]);
    // A member with another domain's email has a session, which does not reach this organization.
    const guest = await me((await signIn(outsider.email)).headers.getSetCookie().join('; '), tenant.slug);
    expect([guest.status, await guest.text()]).toEqual([403, expect.stringContaining('sign in with \\"Okta\\"')]);
    await signOn(id);
    expect((await me(browser.cookies(ORIGIN), tenant.slug)).status).toBe(200);
  });

  it('ends the sessions of a connection with it', async () => {
    const { id } = await newOidc();
    await verifyDomain();
    await tenant.owner.sso.update({ connection: id, first: { workspace: toId('workspace', tenant.workspaceId), role: 'viewer' } });
    await signOn(id);
    expect((await me(browser.cookies(ORIGIN))).status).toBe(200);
    await tenant.owner.sso.delete({ connection: id });
    expect((await me(browser.cookies(ORIGIN))).status).toBe(401);
  });

  it('of a stranger is not found', async () => {
    const { id } = await newOidc();
    const stranger = (await api.tenant()).owner;
    expect((await refusal(stranger.sso.update({ connection: id, enforced: false }))).code).toBe('NOT_FOUND');
    expect((await refusal(stranger.sso.delete({ connection: id }))).code).toBe('NOT_FOUND');
    expect(await stranger.sso.connections()).toEqual([]);
  });
});
