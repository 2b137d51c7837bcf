import { toId, uuidv7 } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, PASSWORD, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';
import { accessOfPerson } from '../../platform/access-rows.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { createUser } from '../identity/index.ts';
import { EXPORTED, NOT_EXPORTED } from './export.ts';
import { purgeWorkspaces } from './index.ts';

let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi();
  tenant = await api.tenant();
});
afterAll(() => api[Symbol.asyncDispose]());

describe('create', () => {
  it('makes a workspace whose maker owns it, with an audit row in it', async () => {
    const workspace = await tenant.owner.workspaces.create({ slug: 'second', name: 'Second' });
    expect(workspace).toMatchObject({ slug: 'second', role: 'owner', organization: { slug: tenant.slug } });
    const row = await api.db.system.auditEntry.findFirst({ where: { action: 'workspace.create' } });
    expect(row).toMatchObject({ actorName: tenant.ownerEmail, before: null, after: { slug: 'second' } });
  });

  it('of a slug that is taken is a conflict, also for the loser of a race', async () => {
    const results = await Promise.allSettled(['raced', 'raced'].map((slug) => tenant.owner.workspaces.create({ slug, name: 'Raced' })));
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await refusal(tenant.owner.workspaces.create({ slug: 'raced', name: 'Raced' }))).message).toBe(
      `Workspace "raced" exists already in organization "${tenant.slug}".`,
    );
  });

  it('is bounded, in an organization and for one person: what each may use adds up', async () => {
    const own = await api.tenant();
    const { organizationId } = own;
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ id: uuidv7(Date.now()), slug: `${own.slug}-${at}`, name: 'x' }));
    await api.db.system.workspace.createMany({ data: many(199).map((each) => ({ ...each, organizationId })) });
    const tooMany = { code: 'LIMIT_EXCEEDED' };
    expect(await refusal(own.owner.workspaces.create({ slug: 'more', name: 'More' }))).toMatchObject(tooMany);
    const { id: userId } = await api.db.system.user.findUniqueOrThrow({ where: { email: own.ownerEmail } });
    const owned = many(19);
    await api.db.system.organization.createMany({ data: owned });
    await api.db.system.organizationMember.createMany({ data: owned.map(({ id }) => ({ organizationId: id, userId, role: 'owner' })) });
    expect(await refusal(own.owner.organizations.create({ slug: `${own.slug}-more`, name: 'More' }))).toMatchObject(tooMany);
  });

  it('is for admins of the organization', async () => {
    expect((await refusal(tenant.asOrganization('member').workspaces.create({ slug: 'x', name: 'X' }))).code).toBe('FORBIDDEN');
    expect((await tenant.asOrganization('admin').workspaces.create({ slug: 'x', name: 'X' })).slug).toBe('x');
  });
});

describe('list', () => {
  it('shows the workspaces of the one who asks and no other', async () => {
    expect((await (await api.tenant()).owner.workspaces.list()).map((workspace) => workspace.role)).toEqual(['owner']);
  });
});

describe('a change', () => {
  it('of name and slug is seen at once, and never takes a slug that is taken', async () => {
    const own = await api.tenant();
    expect(await own.owner.workspaces.update({ name: 'Renamed', slug: 'renamed' })).toMatchObject({ name: 'Renamed', slug: 'renamed' });
    await own.owner.workspaces.create({ slug: 'other', name: 'Other' });
    expect((await refusal(own.owner.workspaces.update({ slug: 'other' }))).code).toBe('CONFLICT');
    expect((await own.audit('workspace.update'))[0]).toMatchObject({ before: { slug: own.slug }, after: { slug: 'renamed' } });
  });
});

/** As a person of whom everything is read anew. */
async function asNow(of: Tenant) {
  const user = await api.db.system.user.findFirstOrThrow({ where: { email: of.ownerEmail } });
  const { workspaces, organizations } = await accessOfPerson(sqlOfClient(api.db.systemSql), user.id);
  const actor = { kind: 'user' as const, id: user.id, name: user.name, email: user.email };
  return of.acting({ actor, workspaces, organizations, expiresAt: null });
}

describe('delete', () => {
  it('names the workspace, stops it, and can be taken back as long as the grace lasts', async () => {
    const own = await api.tenant();
    await own.owner.workPools.create({ name: 'paused-before' });
    await own.owner.workPools.pause({ pool: 'paused-before' });
    expect((await refusal(own.owner.workspaces.delete({ slug: 'another' }))).code).toBe('INVALID_INPUT');
    await own.owner.workspaces.delete({ slug: own.slug });
    const later = await asNow(own);
    expect((await refusal(later.runs.list({}))).message).toContain('Restore it first');
    expect((await later.workspaces.list())[0]?.purgeAt).not.toBeNull();
    expect((await refusal(later.workspaces.delete({ slug: own.slug }))).code).toBe('CONFLICT');
    await later.workspaces.restore();
    const pools = (await (await asNow(own)).workPools.list({})).items.map((pool) => [pool.name, pool.paused]);
    expect(new Map(pools as [string, boolean][])).toEqual(
      new Map([
        ['local', false],
        ['paused-before', true],
      ]),
    );
  });

  it('after the grace takes everything but the audit, and nothing of others', async () => {
    const [own, other] = [await api.tenant(), await api.tenant()];
    for (const each of [own, other]) {
      const { deployment } = await each.owner.deployments.deploy(deployOf());
      await each.owner.runs.create({ deployment: deployment.id });
    }
    await own.owner.workspaces.delete({ slug: own.slug });
    const agent = uuidv7(Date.now());
    await api.db.system.agent.create({
      data: { id: agent, workspaceId: own.workspaceId, poolId: own.poolId, name: 'a', publicKey: agent },
    });
    expect(await purgeWorkspaces(api.services)).toEqual([]);
    await api.db.systemSql.query('UPDATE workspace SET purge_at = now() WHERE id = $1', [own.workspaceId]);
    expect(await purgeWorkspaces(api.services)).toEqual([own.workspaceId]);
    expect(api.sent.revoked).toContain(agent);
    const left = async (id: string) => {
      const tables = await api.db.systemSql.query<{ name: string }>(
        `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
          WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
      );
      const found: string[] = [];
      for (const { name } of tables.rows)
        if ((await api.db.systemSql.query(`SELECT 1 FROM "${name}" WHERE workspace_id = $1 LIMIT 1`, [id])).rowCount) found.push(name);
      return found;
    };
    expect(await left(own.workspaceId)).toEqual(['audit_entry']);
    expect(await left(other.workspaceId)).toEqual(expect.arrayContaining(['run', 'deployment', 'run_dispatch']));
  });
});

describe('transfer', () => {
  it('takes everything along, and leaves those behind who are not in the new organization', async () => {
    const own = await api.tenant();
    const made = await own.owner.organizations.create({ slug: `${own.slug}-new`, name: 'New' });
    const account = await own.owner.serviceAccounts.create({ slug: 'ci', name: 'CI' });
    const { key } = await own.owner.apiKeys.create({ name: 'ci', role: 'viewer', serviceAccount: account.id });
    const { id } = await createUser(api.db.system, { email: `${own.slug}-b@example.com`, password: PASSWORD, name: 'B' });
    await api.db.system.organizationMember.create({ data: { organizationId: own.organizationId, userId: id, role: 'member' } });
    await own.owner.members.add({ user: toId('user', id), role: 'viewer' });
    const now = await asNow(own);
    const moved = await now.workspaces.transfer({ workspace: toId('workspace', own.workspaceId), organization: made.id });
    expect(moved.organization.slug).toBe(`${own.slug}-new`);
    const after = await asNow(own);
    expect((await after.members.list()).map((member) => member.email)).toEqual([own.ownerEmail]);
    expect((await after.apiKeys.list()).find((each) => each.id === key.id)?.revokedAt).not.toBeNull();
  });

  it('is for who may give and take: another organization is not found', async () => {
    const [own, other] = [await api.tenant(), await api.tenant()];
    const workspace = toId('workspace', own.workspaceId);
    const away = own.owner.workspaces.transfer({ workspace, organization: toId('organization', other.organizationId) });
    expect((await refusal(away)).code).toBe('NOT_FOUND');
    const stolen = other.owner.workspaces.transfer({ workspace, organization: toId('organization', other.organizationId) });
    expect((await refusal(stolen)).code).toBe('NOT_FOUND');
  });
});

describe('export', () => {
  it('has every table of a workspace, or says why not', async () => {
    const { rows } = await api.db.systemSql.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([...EXPORTED, ...Object.keys(NOT_EXPORTED)].sort());
  });

  it('is all of one workspace as JSON lines, without a secret', async () => {
    const own = await api.tenant();
    const { deployment } = await own.owner.deployments.deploy(deployOf({ name: 'exported' }));
    await own.owner.runs.create({ deployment: deployment.id });
    await own.owner.variables.set({ name: 'city', value: 'Zürich' });
    await own.owner.bulk.cancel({ filter: { name: { contains: 'nothing has it' } } });
    await own.owner.webhooks.create({ name: 'incoming' });
    const { secret } = await own.owner.apiKeys.create({ name: 'export', role: 'owner' });
    const ask = (token: string) =>
      Promise.resolve(api.app.request('/api/workspaces/export', { headers: { authorization: `Bearer ${token}` } }));
    const text = await (await ask(secret)).text();
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { table: string; row: { workspace_id: string } });
    expect(new Set(lines.map((line) => line.row.workspace_id))).toEqual(new Set([own.workspaceId]));
    expect(lines.map((line) => line.table)).toEqual(
      expect.arrayContaining(['deployment', 'run', 'work_pool', 'api_key', 'workspace_member', 'variable', 'webhook', 'bulk_job']),
    );
    for (const column of ['secret_hash', 'token_hash', 'sealed']) expect(text).not.toContain(column);
    const { secret: weak } = await own.owner.apiKeys.create({ name: 'weak', role: 'operator' });
    expect((await ask(weak)).status).toBe(403);
  });
});
