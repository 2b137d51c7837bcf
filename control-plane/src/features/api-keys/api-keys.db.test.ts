import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { knownKeys } from '../../platform/known-keys.ts';

let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi();
  tenant = await api.tenant();
});
afterAll(() => api[Symbol.asyncDispose]());

const call = async (secret: string, path: string, body?: object) => {
  const headers = { authorization: `Bearer ${secret}`, ...(body ? { 'content-type': 'application/json' } : {}) };
  const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers };
  const response = await api.app.request(`/trpc/${path}`, init);
  return {
    status: response.status,
    body: (await response.json()) as { result?: { data: { secret: string; key: { expiresAt: string } } } },
  };
};
/** As time does it: a second later, nothing is known of the key any more. */
const expire = async (prefix: string) => {
  await api.db.systemSql.query("UPDATE api_key SET expires_at = now() - interval '1 second' WHERE prefix = $1", [prefix]);
  knownKeys.forget(null);
};

const keyNamed = async (name: string) => {
  const found = (await tenant.owner.apiKeys.list()).find((each) => each.name === name);
  if (!found) throw new Error(`no key ${name}`);
  return found;
};
/** A service account that is owner of the workspace. */
const deputy = async (): Promise<string> => {
  const { id } = await tenant.owner.serviceAccounts.create({ slug: 'deputy', name: 'Deputy' });
  await tenant.owner.access.grant({ subject: { kind: 'service-account', id }, role: 'owner' });
  return id;
};

describe('a key', () => {
  it('is found by scanners: a prefix, 43 characters and a checksum of both', async () => {
    const { secret } = await tenant.owner.apiKeys.create({ name: 'scanned' });
    expect(secret).toMatch(/^sbk_[0-9A-Za-z]{49}$/);
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const sum = [...secret.slice(-6)].reduce((value, digit) => value * 62 + digits.indexOf(digit), 0);
    expect(sum).toBe(crc32(secret.slice(0, -6)));
  });

  it('may less than its role where it was made so, and is one of its maker\u2019s own', async () => {
    const { secret, key } = await tenant.owner.apiKeys.create({ name: 'few', role: 'runner', scopes: ['runs:create'] });
    expect(key).toMatchObject({ scopes: ['runs:create'], owner: { kind: 'person', name: tenant.ownerEmail } });
    expect((await call(secret, 'runs.list?input={}')).status).toBe(403);
    expect((await call(secret, 'runs.create', { deployment: 'no/such' })).status).toBe(404);
  });

  it('acts for the organization where it names scopes of it, that its owner has', async () => {
    const plain = await tenant.owner.apiKeys.create({ name: 'plain' });
    expect((await call(plain.secret, 'teams.list')).status).toBe(403);
    const organizationScopes = ['organization:read', 'organization:teams'];
    const { secret, key } = await tenant.owner.apiKeys.create({ name: 'admin', role: 'owner', organizationScopes });
    expect(key.organizationScopes).toEqual(organizationScopes);
    expect((await call(secret, 'teams.create', { slug: 'by-key', name: 'By key' })).status).toBe(200);
    expect((await call(secret, 'roles.create', { slug: 'by-key', name: 'By key' })).status).toBe(403);
    expect((await call(secret, 'apiKeys.create', { name: 'above', organizationScopes: ['organization:roles'] })).status).toBe(403);
    expect((await call(secret, 'apiKeys.create', { name: 'strange', organizationScopes: ['runs:read'] })).status).toBe(400);
    const rotated = await tenant.owner.apiKeys.rotate({ key: key.id });
    expect(rotated.key.organizationScopes).toEqual(organizationScopes);
    // It is worth as much less at once when its owner is.
    await api.db.systemSql.query("UPDATE organization_member SET role = 'member' WHERE organization_id = $1", [tenant.organizationId]);
    expect((await call(secret, 'teams.list')).status).toBe(200);
    expect((await call(secret, 'teams.create', { slug: 'late', name: 'Late' })).status).toBe(403);
    await api.db.systemSql.query("UPDATE organization_member SET role = 'owner' WHERE organization_id = $1", [tenant.organizationId]);
  });

  it('makes no key that outranks or outlives it', async () => {
    const { secret } = await tenant.owner.apiKeys.create({ name: 'maker', role: 'developer', expiresInDays: 2 });
    expect((await call(secret, 'apiKeys.create', { name: 'above', role: 'owner' })).status).toBe(403);
    expect((await call(secret, 'apiKeys.create', { name: 'longer', expiresInDays: 3 })).status).toBe(400);
    const made = await call(secret, 'apiKeys.create', { name: 'fits' });
    expect(made.status).toBe(200);
    expect(Date.parse(made.body.result?.data.key.expiresAt ?? '')).toBeLessThanOrEqual(Date.now() + 2 * 86_400_000);
  });

  it('ends with what its owner may', async () => {
    const own = await api.tenant();
    const { secret } = await own.owner.apiKeys.create({ name: 'x', role: 'owner' });
    await api.db.system.organizationMember.updateMany({ where: { organizationId: own.organizationId }, data: { role: 'member' } });
    await api.db.system.workspaceMember.updateMany({ where: { workspaceId: own.workspaceId }, data: { role: 'viewer' } });
    expect((await call(secret, 'runs.list?input={}')).status).toBe(200);
    expect((await call(secret, 'workPools.create', { name: 'p' })).status).toBe(403);
  });

  it('is refused from the answer to its revocation on, however often it was used before, and worth less with the grant', async () => {
    const { owner } = await api.tenant();
    const { secret, key } = await owner.apiKeys.create({ name: 'busy', role: 'viewer' });
    for (let i = 0; i < 3; i++) expect((await call(secret, 'me.get')).status).toBe(200);
    await owner.apiKeys.revoke({ key: key.id });
    expect((await call(secret, 'me.get')).status).toBe(401);

    const account = await owner.serviceAccounts.create({ slug: 'busy', name: 'Busy' });
    const subject = { kind: 'service-account', id: account.id } as const;
    const grant = await owner.access.grant({ subject, role: 'viewer' });
    const own = await owner.apiKeys.create({ name: 'of it', role: 'viewer', serviceAccount: account.id });
    expect((await call(own.secret, 'runs.list?input={}')).status).toBe(200);
    await owner.access.revoke({ grant: grant.id });
    expect((await call(own.secret, 'runs.list?input={}')).status).toBe(403);
  });

  it('is looked up once a second, not once a request', async () => {
    const { secret } = await tenant.owner.apiKeys.create({ name: 'counted' });
    await call(secret, 'me.get');
    const lookUps = vi.spyOn(api.db.systemSql, 'query');
    await call(secret, 'me.get');
    const asked = lookUps.mock.calls.filter(([query]) => (query as unknown as { name?: string }).name === 'find-api-key');
    lookUps.mockRestore();
    expect(asked).toEqual([]);
  });

  it('revoked or expired is refused, and that is told to the audit once a minute', async () => {
    const [revoked, expired] = [await tenant.owner.apiKeys.create({ name: 'stolen' }), await tenant.owner.apiKeys.create({ name: 'old' })];
    await tenant.owner.apiKeys.revoke({ key: revoked.key.id });
    await expire(expired.key.prefix);
    for (const { secret } of [revoked, revoked, expired]) expect((await call(secret, 'me.get')).status).toBe(401);
    const told = async () => (await tenant.audit('api-key.use')).map((row) => row.after);
    await expect.poll(told).toEqual(expect.arrayContaining([{ because: 'revoked' }, { because: 'expired' }]));
    expect(await told()).toHaveLength(2);
  });
});

describe('rotation', () => {
  it('lets both work for the overlap, then the new one alone', async () => {
    const { secret, key } = await tenant.owner.apiKeys.create({ name: 'turn', role: 'viewer' });
    const next = await tenant.owner.apiKeys.rotate({ key: key.id, overlapHours: 1 });
    for (const each of [secret, next.secret]) expect((await call(each, 'me.get')).status).toBe(200);
    const old = (await tenant.owner.apiKeys.list()).find((each) => each.id === key.id);
    expect(old?.replacedBy).toBe(next.key.id);
    expect(Date.parse(old?.expiresAt ?? '')).toBeLessThan(Date.now() + 3_700_000);
    await expire(key.prefix);
    expect((await call(secret, 'me.get')).status).toBe(401);
    expect((await refusal(tenant.owner.apiKeys.rotate({ key: key.id }))).code).toBe('CONFLICT');
  });

  it('by the key itself does not prolong it', async () => {
    const { secret, key } = await tenant.owner.apiKeys.create({ name: 'self', role: 'viewer', expiresInDays: 1 });
    const turned = await call(secret, 'apiKeys.rotate', { key: key.id });
    expect(turned.status).toBe(200);
    expect(Date.parse(turned.body.result?.data.key.expiresAt ?? '')).toBeLessThanOrEqual(Date.now() + 86_400_000);
  });
});

describe('revoking', () => {
  it('takes the keys that were made with it along, also those that took its place', async () => {
    const { secret, key } = await tenant.owner.apiKeys.create({ name: 'stolen' });
    const made = (await call(secret, 'apiKeys.create', { name: 'hidden' })).body.result?.data.secret as string;
    const next = (await call(made, 'apiKeys.rotate', { key: (await keyNamed('hidden')).id })).body.result?.data.secret as string;
    expect((await call(next, 'me.get')).status).toBe(200);
    await tenant.owner.apiKeys.revoke({ key: key.id });
    for (const each of [secret, made, next]) expect((await call(each, 'me.get')).status).toBe(401);
  });
});

describe('a person\u2019s key', () => {
  it('is revoked by who looks after the workspace, and rotated by nobody but its person: its secret speaks in their name', async () => {
    const { key } = await tenant.owner.apiKeys.create({ name: 'personal' });
    const { secret } = await tenant.owner.apiKeys.create({
      name: 'deputy',
      role: 'owner',
      serviceAccount: await deputy(),
    });
    expect((await call(secret, 'apiKeys.rotate', { key: key.id })).status).toBe(403);
    expect((await call(secret, 'apiKeys.revoke', { key: key.id })).status).toBe(200);
  });
});

describe('other people\u2019s keys', () => {
  it('are neither seen nor revoked without the scope', async () => {
    const { key } = await tenant.owner.apiKeys.create({ name: 'mine' });
    const other = tenant.acting({
      actor: { kind: 'api-key', id: '00000000-0000-7000-8000-000000000000', name: 'other', owner: null },
      organizations: [],
      expiresAt: null,
      workspaces: [
        {
          id: tenant.workspaceId,
          slug: tenant.slug,
          name: tenant.slug,
          role: 'viewer',
          scopes: new Set(['api-keys:own']),
          objects: [],
          retentionClass: 'd30',
          createdAt: new Date(),
          purgeAt: null,
          organization: { id: tenant.organizationId, slug: tenant.slug, name: tenant.slug },
        },
      ],
    });
    expect(await other.apiKeys.list()).toEqual([]);
    expect((await refusal(other.apiKeys.revoke({ key: key.id }))).code).toBe('NOT_FOUND');
  });
});
