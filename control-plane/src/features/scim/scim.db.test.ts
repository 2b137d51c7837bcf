import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApi, PASSWORD, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { startDns } from '../../../test/identity-providers.ts';
import { createUser } from '../identity/index.ts';

const ORIGIN = 'http://localhost:4200';
let api: TestApi;
let tenant: Tenant;
let domain: string;
let secret: string;
let dns: Awaited<ReturnType<typeof startDns>>;
const records: Record<string, string> = {};

beforeAll(async () => {
  dns = await startDns(() => records);
  api = await openTestApi({ publicUrl: ORIGIN, dnsServers: [dns.address] });
});
beforeEach(async () => {
  tenant = await api.tenant();
  ({ domain, secret } = await withDirectory(tenant));
});
afterAll(async () => {
  await Promise.all([dns, api].map((one) => one?.[Symbol.asyncDispose]()));
});

async function withDirectory(own: Tenant) {
  const name = `${own.slug}.example`;
  const added = await own.owner.sso.addDomain({ domain: name });
  records[added.record.name] = added.record.value;
  await own.owner.sso.verifyDomain({ domain: added.id });
  return { domain: name, secret: (await own.owner.scim.createToken({ name: 'Entra' })).secret };
}
async function ask(method: string, path: string, body?: object, token = secret) {
  const response = await api.app.request(`/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (text ? JSON.parse(text) : null) as { id: string; active: boolean; Resources: { userName: string }[]; totalResults: number },
  };
}
const person = (name: string, more: object = {}) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: `${name}@${domain}`,
  externalId: `ext-${name}`,
  name: { givenName: name, familyName: 'Lovelace' },
  emails: [{ primary: true, type: 'work', value: `${name}@${domain}` }],
  active: true,
  ...more,
});
const patch = (...Operations: object[]) => ({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations });

describe('a directory', () => {
  it('makes people of verified domains, members of the organization, and finds them by filter', async () => {
    const made = await ask('POST', '/Users', person('Ada'));
    expect([made.status, made.body]).toMatchObject([201, { userName: `Ada@${domain}`, active: true, name: { familyName: 'Lovelace' } }]);
    expect((await ask('POST', '/Users', person('ada'))).status).toBe(409);
    await ask('POST', '/Users', person('bob'));
    const found = await ask('GET', `/Users?filter=${encodeURIComponent(`userName eq "ada@${domain}"`)}&startIndex=1&count=10`);
    expect(found.body.Resources.map(({ userName }) => userName)).toEqual([`Ada@${domain}`]);
    expect((await ask('GET', '/Users?count=1&startIndex=2')).body).toMatchObject({
      totalResults: 2,
      Resources: [{ userName: `bob@${domain}` }],
    });
    expect((await ask('GET', `/Users/${made.body.id}`)).body).toMatchObject({ externalId: 'ext-Ada' });
    expect(await tenant.audit('directory.add-person')).toMatchObject([{ actorName: 'Entra' }, { actorName: 'Entra' }]);
  });

  it('that switches somebody off ends their sessions and keys at once, and lets nobody in until they are on again', async () => {
    const user = await createUser(api.db.system, { email: `eve@${domain}`, password: PASSWORD, name: 'Eve' });
    await api.db.system.workspaceMember.create({ data: { workspaceId: tenant.workspaceId, userId: user.id, role: 'developer' } });
    const { id } = (await ask('POST', '/Users', person('eve'))).body;
    expect(id).toBe(user.id);
    const signIn = () =>
      api.app.request('/api/auth/sign-in/email', {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: ORIGIN },
        body: JSON.stringify({ email: user.email, password: PASSWORD }),
      });
    const cookie = (await signIn()).headers.getSetCookie().join('; ');
    const isKnown = async () => (await api.app.request('/trpc/me.get', { headers: { cookie } })).status;
    expect(await isKnown()).toBe(200);
    // As Entra ID says it.
    expect((await ask('PATCH', `/Users/${id}`, patch({ op: 'Replace', path: 'active', value: 'False' }))).status).toBe(200);
    expect((await ask('GET', `/Users/${id}`)).body.active).toBe(false);
    expect(await isKnown()).toBe(401);
    const refused = await signIn();
    expect([refused.status, await refused.json()]).toMatchObject([403, { message: 'This account was switched off by your organization.' }]);
    await ask('PATCH', `/Users/${id}`, patch({ op: 'replace', value: { active: true } }));
    expect((await signIn()).status).toBe(200);
    expect((await ask('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await ask('GET', `/Users/${id}`)).status).toBe(404);
    expect((await signIn()).status).toBe(403);
  });

  it("takes nobody of a domain that is not the organization's, and sees nobody of another directory", async () => {
    const victim = await api.tenant();
    expect(
      (await ask('POST', '/Users', person('x', { userName: victim.ownerEmail, emails: [{ value: victim.ownerEmail, primary: true }] })))
        .status,
    ).toBe(400);
    const { id } = (await ask('POST', '/Users', person('ada'))).body;
    expect(
      (await ask('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'emails[primary eq true].value', value: victim.ownerEmail })))
        .status,
    ).toBe(400);
    const other = await withDirectory(victim);
    for (const [method, body] of [
      ['GET'],
      ['PUT', person('ada')],
      ['PATCH', patch({ op: 'replace', path: 'active', value: false })],
      ['DELETE'],
    ] as const)
      expect((await ask(method, `/Users/${id}`, body, other.secret)).status, method).toBe(404);
    expect((await ask('GET', '/Users', undefined, other.secret)).body.totalResults).toBe(0);
  });

  it('takes over no account with what somebody else set up: who was invited under an email has not proved it', async () => {
    const email = `early@${domain}`;
    // Made before the domain was proved: by whoever holds the link, which is answered to the inviter.
    const { user } = api.db.system;
    const squatter = await createUser(api.db.system, { email, password: PASSWORD, name: 'Squatter', emailVerified: false });
    const signIn = async () => {
      const headers = { 'content-type': 'application/json', origin: ORIGIN };
      return api.app.request('/api/auth/sign-in/email', { method: 'POST', headers, body: JSON.stringify({ email, password: PASSWORD }) });
    };
    const cookie = (await signIn()).headers.getSetCookie().join('; ');
    expect((await ask('POST', '/Users', person('early'))).body.id).toBe(squatter.id);
    expect((await api.app.request('/trpc/me.get', { headers: { cookie } })).status).toBe(401);
    expect((await signIn()).status).toBe(401);
    expect(await user.findUniqueOrThrow({ where: { email } })).toMatchObject({ emailVerified: true, name: 'early Lovelace' });
  });

  it('leaves the organization an owner, and touches no account whose domain is no longer its own', async () => {
    const { id } = (await ask('POST', '/Users', person('boss'))).body;
    const { organizationMember, user } = api.db.system;
    const where = { organizationId_userId: { organizationId: tenant.organizationId, userId: id } };
    await organizationMember.deleteMany({ where: { organizationId: tenant.organizationId, role: 'owner' } });
    await organizationMember.update({ where, data: { role: 'owner' } });
    const off = patch({ op: 'replace', path: 'active', value: false });
    expect((await ask('PATCH', `/Users/${id}`, off)).status).toBe(409);
    expect((await ask('DELETE', `/Users/${id}`)).status).toBe(409);
    await organizationMember.update({ where, data: { role: 'member' } });

    const own = (await tenant.owner.sso.domains()).find((each) => each.domain === domain);
    await tenant.owner.sso.removeDomain({ domain: own?.id as string });
    expect((await ask('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'displayName', value: 'Mine' }))).status).toBe(400);
    expect((await ask('PATCH', `/Users/${id}`, off)).status).toBe(400);
    expect((await ask('DELETE', `/Users/${id}`)).status).toBe(204);
    expect(await organizationMember.findUnique({ where })).toBeNull();
    expect(await user.findUniqueOrThrow({ where: { id } })).toMatchObject({ deactivatedAt: null, name: 'boss Lovelace' });
  });

  it('keeps teams: who is in a group has what was granted to it, until they are taken out', async () => {
    const [ada, bob] = [(await ask('POST', '/Users', person('ada'))).body.id, (await ask('POST', '/Users', person('bob'))).body.id];
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
    const made = await ask('POST', '/Groups', { schemas, displayName: 'Data Science', externalId: 'g-1', members: [{ value: ada }] });
    expect([made.status, made.body]).toMatchObject([201, { displayName: 'Data Science', members: [{ value: ada }] }]);
    const [team] = await tenant.owner.teams.list();
    expect(team).toMatchObject({ slug: 'data-science', fromDirectory: true });
    const membersNow = async () =>
      (await api.db.system.teamMember.findMany({ where: { teamId: made.body.id }, orderBy: { memberId: 'asc' } })).map(
        ({ memberId }) => memberId,
      );
    await ask('PATCH', `/Groups/${made.body.id}`, patch({ op: 'add', path: 'members', value: [{ value: bob }] }));
    expect(await membersNow()).toEqual([ada, bob].sort());
    await ask('PATCH', `/Groups/${made.body.id}`, patch({ op: 'remove', path: `members[value eq "${ada}"]` }));
    expect(await membersNow()).toEqual([bob]);

    const other = await withDirectory(await api.tenant());
    expect((await ask('GET', `/Groups/${made.body.id}`, undefined, other.secret)).status).toBe(404);
    const theirs = { schemas, displayName: 'x', members: [{ value: ada }] };
    expect((await ask('POST', '/Groups', theirs, other.secret)).status).toBe(400);
    expect((await ask('DELETE', `/Groups/${made.body.id}`)).status).toBe(204);
    expect(await tenant.owner.teams.list()).toEqual([]);
  });

  it("changes people whole, and says what is wrong in SCIM's words", async () => {
    const { id } = (await ask('POST', '/Users', person('ada'))).body;
    const changed = await ask('PUT', `/Users/${id}`, person('ada', { displayName: 'Countess' }));
    expect(changed.body).toMatchObject({ displayName: 'Countess' });
    expect((await ask('POST', '/Users', { schemas: person('x').schemas })).body).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '400',
    });
    expect((await ask('GET', '/Users/none')).status).toBe(404);
    for (const path of ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas']) expect((await ask('GET', path)).status, path).toBe(200);
  });

  it('is known by its token alone, while that is neither revoked nor over', async () => {
    expect((await ask('GET', '/Users', undefined, `sbc_${'0'.repeat(43)}`)).status).toBe(401);
    const [token] = await tenant.owner.scim.tokens();
    expect(token?.lastUsedAt).toBeNull();
    await ask('GET', '/Users');
    expect((await tenant.owner.scim.tokens())[0]?.lastUsedAt).not.toBeNull();
    const stranger = (await api.tenant()).owner;
    expect((await refusal(stranger.scim.revokeToken({ token: token?.id ?? '' }))).code).toBe('NOT_FOUND');
    await tenant.owner.scim.revokeToken({ token: token?.id ?? '' });
    expect((await ask('GET', '/Users')).status).toBe(401);
    const kept = await api.db.systemSql.query('SELECT t::text AS row FROM scim_token t UNION ALL SELECT a::text FROM audit_entry a');
    expect(JSON.stringify(kept.rows)).not.toContain(secret);
  });
});
