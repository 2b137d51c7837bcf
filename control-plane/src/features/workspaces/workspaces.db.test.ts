import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';

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
