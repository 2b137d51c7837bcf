import { toId } from '@signalbox/proto';
import type { OrganizationRole } from '@signalbox/proto/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, PASSWORD, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { accessOfPerson } from '../../platform/access-rows.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { createUser } from '../identity/index.ts';
import { purgeWorkspaces } from '../workspaces/index.ts';
import { EXPORTED, NOT_EXPORTED } from './export.ts';
import { purgeOrganizations } from './purge.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(async () => {
  api.app.closeStreams();
  await api[Symbol.asyncDispose]();
});

/** As its owner, of whom everything is read anew. */
async function asNow(of: Tenant) {
  const user = await api.db.system.user.findFirstOrThrow({ where: { email: of.ownerEmail } });
  const { workspaces, organizations } = await accessOfPerson(sqlOfClient(api.db.systemSql), user.id);
  return of.acting({
    actor: { kind: 'user', id: user.id, name: user.name, email: user.email },
    workspaces,
    organizations,
    expiresAt: null,
  });
}

/** Status and body of a request with a key's secret, or with a session's cookie. */
async function ask(path: string, by: { key: string } | { cookie: string }): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json', ...('key' in by ? { authorization: `Bearer ${by.key}` } : { cookie: by.cookie }) };
  const response = await api.app.request(path, { headers });
  return { status: response.status, text: await response.text() };
}

async function signIn(email: string): Promise<{ cookie: string }> {
  const headers = { 'content-type': 'application/json', origin: api.services.settings.publicUrl };
  const response = await api.app.request('/api/auth/sign-in/email', {
    method: 'POST',
    headers,
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  expect(response.status).toBe(200);
  return {
    cookie: response.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; '),
  };
}

/** Somebody else with a role in the tenant's organization, signed in. */
async function colleague(of: Tenant, role: OrganizationRole): Promise<{ cookie: string }> {
  const email = `${of.slug}-${role}@example.com`;
  const { id } = await createUser(api.db.system, { email, password: PASSWORD, name: role });
  await api.db.system.organizationMember.create({ data: { organizationId: of.organizationId, userId: id, role } });
  await api.db.system.workspaceMember.create({ data: { workspaceId: of.workspaceId, userId: id, role: 'owner' } });
  return signIn(email);
}

describe('delete', () => {
  it('takes the workspaces along into the grace period, and restore brings back what went with it', async () => {
    const own = await api.tenant();
    await own.owner.workspaces.create({ slug: 'gone-before', name: 'Gone before' });
    const before = await asNow(own);
    await own.owner.workPools.create({ name: 'paused-before' });
    await own.owner.workPools.pause({ pool: 'paused-before' });
    const gone = (await before.workspaces.list()).find(({ slug }) => slug === 'gone-before');
    await api.db.systemSql.query(
      "UPDATE workspace SET deleted_at = now(), purge_at = now() + interval '20 days' WHERE slug = $1 AND organization_id = $2",
      ['gone-before', own.organizationId],
    );
    expect((await refusal(before.organizations.delete({ slug: 'another' }))).code).toBe('NOT_FOUND');
    expect((await refusal(before.organizations.restore({ slug: own.slug }))).code).toBe('PRECONDITION_FAILED');
    const deleted = await before.organizations.delete({ slug: own.slug, graceDays: 3 });
    // Not before what was promised to the workspace that was deleted earlier.
    expect(Date.parse(deleted.purgeAt ?? '')).toBeGreaterThan(Date.now() + 19 * 86_400_000);

    const later = await asNow(own);
    expect((await later.workspaces.list()).map(({ purgeAt }) => purgeAt !== null)).toEqual([true, true]);
    expect((await later.organizations.get()).purgeAt).toBe(deleted.purgeAt);
    for (const refused of [
      () => later.runs.list({}),
      () => later.workspaces.restore(),
      () => later.teams.create({ slug: 'x', name: 'X' }),
      () => later.workspaces.create({ slug: 'late', name: 'Late' }),
      () => later.organizations.update({ name: 'X' }),
    ])
      expect((await refusal(refused())).code).toBe('PRECONDITION_FAILED');
    expect((await refusal(later.organizations.delete({ slug: own.slug }))).code).toBe('CONFLICT');

    await later.organizations.restore({ slug: own.slug });
    const after = await asNow(own);
    expect((await after.organizations.get()).purgeAt).toBeNull();
    expect((await after.workspaces.list()).map(({ slug, purgeAt }) => [slug, purgeAt !== null])).toEqual([
      [own.slug, false],
      [gone?.slug, true],
    ]);
    const pools = (await after.workPools.list({})).items.map((pool) => [pool.name, pool.paused]).sort();
    expect(pools).toEqual([
      ['local', false],
      ['paused-before', true],
    ]);
    expect((await own.audit('organization.delete'))[0]).toMatchObject({ after: { slug: own.slug, workspaces: [own.slug] } });
    expect(await own.audit('organization.restore')).toHaveLength(1);
    expect([await own.audit('workspace.delete'), await own.audit('workspace.restore')].map((rows) => rows.length)).toEqual([1, 1]);
  });

  it('closes it to all but who may restore it: sessions, keys and directory tokens', async () => {
    const own = await api.tenant();
    const [admin, second] = [await colleague(own, 'admin'), await colleague(own, 'owner')];
    const { secret: plain } = await own.owner.apiKeys.create({ name: 'plain', role: 'owner' });
    const { secret: keeper } = await own.owner.apiKeys.create({
      name: 'keeper',
      role: 'owner',
      organizationScopes: ['organization:read', 'organization:delete'],
    });
    const { secret: directory } = await own.owner.scim.createToken({ name: 'directory' });
    const all = [admin, second, { key: plain }, { key: keeper }];
    const statuses = () => Promise.all(all.map(async (by) => (await ask('/trpc/me.get', by)).status));
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    expect((await ask('/scim/v2/Users', { key: directory })).status).toBe(200);

    await own.owner.organizations.delete({ slug: own.slug });
    expect(await statuses()).toEqual([403, 200, 403, 200]);
    expect((await ask('/trpc/me.get', admin)).text).toContain('An owner can restore it until then');
    expect((await ask('/trpc/organizations.get', admin)).status).toBe(403);
    expect((await ask('/scim/v2/Users', { key: directory })).status).toBe(401);
  });

  it('after the grace takes it with its workspaces, and nothing of others; its audit tells so', async () => {
    const [own, other] = [await api.tenant(), await api.tenant()];
    await own.owner.teams.create({ slug: 'data', name: 'Data' });
    await own.owner.organizations.delete({ slug: own.slug });
    await purgeWorkspaces(api.services);
    expect(await purgeOrganizations(api.db)).toEqual([]);
    await api.db.systemSql.query('UPDATE organization SET purge_at = now() WHERE id = $1', [own.organizationId]);
    // Its workspace is still there: moved in, or not yet purged.
    expect(await purgeOrganizations(api.db)).toEqual([]);
    await api.db.systemSql.query('UPDATE workspace SET purge_at = now() WHERE id = $1', [own.workspaceId]);
    expect((await refusal((await asNow(own)).organizations.restore({ slug: own.slug }))).message).toContain('is over');
    expect(await purgeWorkspaces(api.services)).toEqual([own.workspaceId]);
    expect(await purgeOrganizations(api.db)).toEqual([own.organizationId]);
    expect(await api.db.system.organization.count({ where: { id: { in: [own.organizationId, other.organizationId] } } })).toBe(1);
    expect(await api.db.system.team.count({ where: { organizationId: own.organizationId } })).toBe(0);
    expect(await own.audit('organization.purge')).toMatchObject([{ before: { slug: own.slug }, after: null }]);
  });
});

describe('export', () => {
  it('has every table of an organization, or says why not', async () => {
    const { rows } = await api.db.systemSql.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([...EXPORTED, ...Object.keys(NOT_EXPORTED)].sort());
  });

  it('is one organization as JSON lines without a secret, for its owners alone, in the grace period too', async () => {
    const [own, other] = [await api.tenant(), await api.tenant()];
    await own.owner.teams.create({ slug: 'data', name: 'Data' });
    await own.owner.serviceAccounts.create({ slug: 'ci', name: 'CI' });
    await own.owner.scim.createToken({ name: 'directory' });
    await own.owner.sso.addDomain({ domain: `${own.slug}.example.com` });
    await own.owner.sso.create({
      name: 'Provider',
      kind: 'oidc',
      issuer: 'https://id.example.com',
      clientId: 'signalbox',
      clientSecret: 'canary-of-the-client',
    });
    const [owner, admin] = [await signIn(own.ownerEmail), await colleague(own, 'admin')];
    const path = `/api/organizations/export?organization=${own.slug}`;
    expect((await ask(path, admin)).status).toBe(403);
    expect((await ask(path, await signIn(other.ownerEmail))).status).toBe(404);
    await own.owner.organizations.delete({ slug: own.slug });
    const { status, text } = await ask(path, owner);
    expect(status).toBe(200);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { table: string; row: Record<string, unknown> });
    expect(new Set(lines.map(({ row, table }) => row[table === 'organization' ? 'id' : 'organization_id']))).toEqual(
      new Set([own.organizationId]),
    );
    expect(new Set(lines.map(({ table }) => table))).toEqual(
      new Set([
        'organization',
        'organization_member',
        'team',
        'service_account',
        'workspace',
        'sso_connection',
        'organization_domain',
        'scim_token',
      ]),
    );
    expect(lines.find(({ row }) => row['email'] === own.ownerEmail)?.row).toMatchObject({ role: 'owner' });
    const workspace = lines.find(({ table }) => table === 'workspace')?.row;
    expect(workspace?.['export']).toBe(`/api/workspaces/export?workspace=${toId('workspace', own.workspaceId)}`);
    expect((await ask(String(workspace?.['export']), owner)).status).toBe(200);
    for (const secret of ['canary-of-the-client', 'secret_hash', 'sealed_secret', '"token"']) expect(text).not.toContain(secret);
  });
});
