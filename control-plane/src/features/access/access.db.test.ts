import { toId } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';
import { accessOfPerson } from '../../platform/access-rows.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { createUser } from '../identity/index.ts';

let api: TestApi;
let tenant: Tenant;
let mail: string;
let weather: string;
let people = 0;

beforeAll(async () => {
  api = await openTestApi();
  tenant = await api.tenant();
  [mail, weather] = (await Promise.all(
    ['mail', 'weather'].map(async (name) => (await tenant.owner.deployments.deploy(deployOf({ flow: name, name }))).deployment.id),
  )) as [string, string];
  for (const deployment of [mail, weather]) await tenant.owner.runs.create({ deployment });
});
afterAll(() => api[Symbol.asyncDispose]());

/** Somebody of the organization without any access to its workspaces. */
async function person() {
  const email = `person-${people++}@example.com`;
  const { id } = await createUser(api.db.system, { email, password: 'correct horse battery', name: email });
  await api.db.system.organizationMember.create({ data: { organizationId: tenant.organizationId, userId: id, role: 'member' } });
  /** As what they are now. */
  const caller = async (): Promise<Caller> => {
    const { workspaces, organizations } = await accessOfPerson(sqlOfClient(api.db.systemSql), id);
    return tenant.acting({ actor: { kind: 'user', id, name: email, email }, workspaces, organizations, expiresAt: null });
  };
  return { id: toId('user', id), email, caller };
}

const bearer = (secret: string) => (path: string) =>
  Promise.resolve(api.app.request(`/trpc/${path}`, { headers: { authorization: `Bearer ${secret}` } })).then((response) => response.status);

describe('a grant on one deployment', () => {
  it('shows it, its runs and nothing else, and lets one start it alone', async () => {
    const { id, caller } = await person();
    expect((await refusal((await caller()).deployments.list({}))).code).toBe('FORBIDDEN');
    await tenant.owner.access.grant({ subject: { kind: 'person', id }, role: 'runner', object: { kind: 'deployment', id: weather } });
    const as = await caller();
    expect((await as.deployments.list({})).items.map((each) => each.name)).toEqual(['weather']);
    expect((await as.runs.list({})).items.map((run) => run.deployment?.name)).toEqual(['weather']);
    expect(await as.runs.create({ deployment: weather })).toMatchObject({ deployment: { name: 'weather' } });
    expect((await refusal(as.runs.create({ deployment: mail }))).code).toBe('NOT_FOUND');
    expect((await refusal(as.deployments.get({ deployment: mail }))).code).toBe('NOT_FOUND');
    expect((await refusal(as.deployments.pause({ deployment: weather }))).code).toBe('FORBIDDEN');
  });

  it('reaches no run of another, by whatever path', async () => {
    const { id, caller } = await person();
    await tenant.owner.access.grant({ subject: { kind: 'person', id }, role: 'developer', object: { kind: 'deployment', id: weather } });
    const [foreign] = (await tenant.owner.runs.list({ filter: { deployments: [mail] } })).items;
    const as = await caller();
    const run = foreign?.id as string;
    for (const call of [
      () => as.runs.get({ run }),
      () => as.runs.cancel({ run }),
      () => as.runs.delete({ run }),
      () => as.runs.explain({ run }),
      () => as.runs.retry({ run }),
    ])
      expect((await refusal(call())).code).toBe('NOT_FOUND');
    // All runs at once, or what a workspace has as a whole, is not for who may see some alone.
    for (const call of [
      () => as.bulk.cancel({ filter: {} }),
      () => as.deployments.deploy(deployOf({ name: 'new' })),
      () => as.workPools.list({}),
      () => as.members.list(),
    ])
      expect((await refusal(call())).code).toBe('FORBIDDEN');
  });

  it('ends with the deployment', async () => {
    const { deployment } = await tenant.owner.deployments.deploy(deployOf({ flow: 'short', name: 'short' }));
    const { id } = await person();
    const grant = await tenant.owner.access.grant({
      subject: { kind: 'person', id },
      role: 'viewer',
      object: { kind: 'deployment', id: deployment.id },
    });
    await tenant.owner.deployments.delete({ deployment: deployment.id });
    expect((await tenant.owner.access.grants({ limit: 200 })).items.map((each) => each.id)).not.toContain(grant.id);
  });
});

describe('a grant on one pool', () => {
  it('shows it with its queues and agents, and no other pool', async () => {
    const pool = await tenant.owner.workPools.create({ name: 'gpu' });
    const { id, caller } = await person();
    await tenant.owner.access.grant({ subject: { kind: 'person', id }, role: 'operator', object: { kind: 'work-pool', id: pool.id } });
    const as = await caller();
    expect((await as.workPools.list({})).items.map((each) => each.name)).toEqual(['gpu']);
    expect((await as.agents.createJoinCode({ pool: 'gpu' })).code).toBeTruthy();
    expect((await refusal(as.agents.createJoinCode({ pool: 'local' }))).code).toBe('NOT_FOUND');
    expect((await refusal(as.workPools.create({ name: 'more' }))).code).toBe('FORBIDDEN');
  });
});

describe('a grant on one block', () => {
  it('shows it and its type, and no other block; it changes that one, and makes none beside it', async () => {
    const { blocks } = tenant.owner;
    for (const name of ['postgres', 'mail']) {
      await blocks.setType({ name, schema: { type: 'object', properties: { host: { type: 'string' } } } });
    }
    const orders = await blocks.set({ type: 'postgres', name: 'orders', value: { host: 'a' } });
    await blocks.set({ type: 'postgres', name: 'users', value: {} });
    await blocks.set({ type: 'mail', name: 'orders', value: {} });
    const { id, caller } = await person();
    const object = { kind: 'block', id: orders.id } as const;
    const grant = await tenant.owner.access.grant({ subject: { kind: 'person', id }, role: 'developer', object });
    expect(grant.object).toEqual({ kind: 'block', id: orders.id, name: 'postgres/orders' });
    const as = await caller();
    expect((await as.blocks.list({})).items.map((each) => each.id)).toEqual([orders.id]);
    expect((await as.blocks.types()).map(({ name, blocks: count }) => [name, count])).toEqual([['postgres', 1]]);
    expect(await as.blocks.set({ type: 'postgres', name: 'orders', value: { host: 'b' } })).toMatchObject({
      id: orders.id,
      value: { host: 'b' },
    });
    for (const call of [
      () => as.blocks.get({ type: 'postgres', name: 'users' }),
      () => as.blocks.set({ type: 'postgres', name: 'users', value: {} }),
      () => as.blocks.set({ type: 'postgres', name: 'new', value: {} }),
      () => as.blocks.set({ type: 'mail', name: 'new', value: {} }),
      () => as.blocks.delete({ type: 'mail', name: 'orders' }),
    ])
      expect(await refusal(call())).toMatchObject({ code: 'NOT_FOUND' });
    expect((await refusal(as.blocks.setType({ name: 'postgres', schema: {} }))).code).toBe('FORBIDDEN');
    const told = await tenant.owner.access.explain({ subject: { kind: 'person', id }, object });
    expect(told).toMatchObject({ object: { name: 'postgres/orders' } });
    expect(told.scopes.map(({ scope, allowed, because }) => [scope, allowed, because])).toEqual([
      ['blocks:read', true, ['developer granted on this block directly']],
      ['blocks:write', true, ['developer granted on this block directly']],
    ]);
    // The grant goes with the block, and does not come back with one of the same name.
    expect(await as.blocks.delete({ type: 'postgres', name: 'orders' })).toEqual({ deleted: true });
    await blocks.set({ type: 'postgres', name: 'orders', value: {} });
    expect((await refusal((await caller()).blocks.list({}))).code).toBe('FORBIDDEN');
  });
});

describe('a team', () => {
  it('hands on what it was granted, for as long as one is in it', async () => {
    const { id, caller } = await person();
    const team = await tenant.owner.teams.create({ slug: 'data', name: 'Data' });
    await tenant.owner.access.grant({ subject: { kind: 'team', id: team.id }, role: 'runner' });
    await tenant.owner.teams.addMember({ team: team.id, member: { kind: 'person', id } });
    expect((await (await caller()).me.get()).workspace?.role).toBe('runner');
    await tenant.owner.teams.removeMember({ team: team.id, member: { kind: 'person', id } });
    expect((await (await caller()).me.get()).workspace).toBeNull();
  });
});

describe('a role made of scopes', () => {
  it('is what it says, and changes for all who have it at once', async () => {
    const { id, caller } = await person();
    const role = await tenant.owner.roles.create({ slug: 'caller', name: 'Caller', scopes: ['workspace:read', 'runs:read'] });
    await tenant.owner.access.grant({ subject: { kind: 'person', id }, role: role.id as string });
    expect((await (await caller()).me.get()).scopes).toEqual(['workspace:read', 'runs:read']);
    await tenant.owner.roles.update({ role: role.id as string, scopes: ['workspace:read', 'runs:read', 'runs:create'] });
    expect((await (await caller()).me.get()).scopes).toContain('runs:create');
    await tenant.owner.roles.delete({ role: role.id as string });
    expect((await (await caller()).me.get()).workspace).toBeNull();
  });

  it('is made of scopes there are, by who has them', async () => {
    const strange = refusal(tenant.owner.roles.create({ slug: 'x', name: 'X', scopes: ['runs:fly'] }));
    expect(await strange).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('runs:create') });
    const above = refusal(tenant.asOrganization('admin').roles.create({ slug: 'x', name: 'X', scopes: ['organization:delete'] }));
    expect((await above).code).toBe('FORBIDDEN');
  });
});

describe('a role in the organization', () => {
  it('of an admin is owner of every workspace, without being in it', async () => {
    const { id, caller } = await person();
    await tenant.owner.organizations.setMemberRole({ user: id, role: 'admin' });
    expect((await (await caller()).me.get()).workspace?.role).toBe('owner');
    await tenant.owner.organizations.removeMember({ user: id });
    expect(await (await caller()).me.get()).toMatchObject({ workspace: null, organization: null });
  });

  it('is never given above the giver, nor taken from the last owner', async () => {
    const { id } = await person();
    expect((await refusal(tenant.asOrganization('admin').organizations.setMemberRole({ user: id, role: 'owner' }))).code).toBe('FORBIDDEN');
    const owner = (await tenant.owner.organizations.members()).find((each) => each.role === 'owner');
    const demote = tenant.owner.organizations.setMemberRole({ user: owner?.id as string, role: 'member' });
    expect(await refusal(demote)).toMatchObject({
      code: 'PRECONDITION_FAILED',
      message: 'The last owner who can sign in stays: make somebody else owner first.',
    });
  });

  it('is not taken from the last owner who can come in: one whom a directory switched off counts for nothing', async () => {
    const own = await api.tenant();
    const email = `off-${people++}@example.com`;
    const { id } = await createUser(api.db.system, { email, password: 'correct horse battery', name: email });
    await api.db.system.organizationMember.create({ data: { organizationId: own.organizationId, userId: id, role: 'owner' } });
    await api.db.system.workspaceMember.create({ data: { workspaceId: own.workspaceId, userId: id, role: 'owner' } });
    await api.db.system.user.update({ where: { id }, data: { deactivatedAt: new Date() } });
    const user = (await own.owner.organizations.members()).find((each) => each.email === own.ownerEmail)?.id as string;
    const { organizations, members } = own.owner;
    expect((await refusal(organizations.removeMember({ user }))).code).toBe('PRECONDITION_FAILED');
    expect((await refusal(organizations.setMemberRole({ user, role: 'admin' }))).code).toBe('PRECONDITION_FAILED');
    expect((await refusal(members.remove({ user }))).code).toBe('PRECONDITION_FAILED');
    // Once they are on again they count.
    await api.db.system.user.update({ where: { id }, data: { deactivatedAt: null } });
    expect(await organizations.setMemberRole({ user, role: 'admin' })).toMatchObject({ role: 'admin' });
  });
});

describe('nobody hands out more than they have', () => {
  /** A plain member with a role of these scopes on the organization, and viewer in the workspace. */
  async function withRole(scopes: string[]) {
    const { id, email, caller } = await person();
    const { roles, organizations, members } = tenant.owner;
    const { id: role } = await roles.create({ slug: `some-${people++}`, name: 'Some', scopes });
    await organizations.grant({ subject: { kind: 'person', id }, role: role as string });
    await members.add({ user: id, role: 'viewer' });
    return { id, email, role: role as string, as: await caller() };
  }
  const refused = async (call: Promise<unknown>) => expect((await refusal(call)).code).toBe('FORBIDDEN');

  it('in a workspace: one who looks after its members makes nobody more than themselves, and touches nobody above', async () => {
    const { id, as } = await withRole(['members:write']);
    const { id: other } = await person();
    await refused(as.members.setRole({ user: id, role: 'owner' }));
    await refused(as.members.add({ user: other, role: 'runner' }));
    expect(await as.members.add({ user: other, role: 'viewer' })).toMatchObject({ role: 'viewer' });
    await tenant.owner.members.setRole({ user: other, role: 'owner' });
    await refused(as.members.setRole({ user: other, role: 'viewer' }));
    await refused(as.members.remove({ user: other }));
    await tenant.owner.members.remove({ user: other });
  });

  it('in all workspaces at once: not by a grant, nor by a role, also not by one’s own', async () => {
    const { id, role, as } = await withRole(['organization:grants', 'organization:roles', 'runs:read']);
    const subject = { kind: 'person', id } as const;
    await refused(as.organizations.grant({ subject, role: 'owner' }));
    await refused(as.roles.update({ role, scopes: ['organization:roles', 'runs:create'] }));
    await refused(as.roles.create({ slug: 'mine', name: 'Mine', scopes: ['grants:write'] }));
    await refused(as.roles.create({ slug: 'mine', name: 'Mine', baseRole: 'owner', scopes: [] }));
    // What is had in one workspace alone is not had in all of them.
    await refused(as.organizations.grant({ subject, role: 'viewer' }));
    const { id: less } = await as.roles.create({ slug: 'less', name: 'Less', scopes: ['runs:read'] });
    expect(await as.organizations.grant({ subject, role: less as string })).toMatchObject({ role: { name: 'Less' } });
  });

  it('by an invitation, made or sent again', async () => {
    const { as } = await withRole(['organization:members']);
    const workspace = toId('workspace', tenant.workspaceId);
    await refused(as.invitations.create({ email: 'friend@example.com', organizationRole: 'admin' }));
    await refused(as.invitations.create({ email: 'friend@example.com', workspace, workspaceRole: 'owner' }));
    await as.invitations.create({ email: 'friend@example.com', workspace, workspaceRole: 'viewer' });
    const { invitation } = await tenant.owner.invitations.create({ workspace, workspaceRole: 'owner' });
    await refused(as.invitations.resend({ invitation: invitation.id }));
  });

  it('by a team that was granted more, anywhere', async () => {
    const { id, as } = await withRole(['organization:teams']);
    const member = { kind: 'person', id } as const;
    const { id: team } = await tenant.owner.teams.create({ slug: `strong-${people}`, name: 'Strong' });
    expect((await as.teams.addMember({ team, member })).members).toHaveLength(1);
    await as.teams.removeMember({ team, member });
    const subject = { kind: 'team', id: team } as const;
    for (const give of [
      () => tenant.owner.access.grant({ subject, role: 'runner' }),
      () => tenant.owner.access.grant({ subject, role: 'runner', object: { kind: 'deployment', id: weather } }),
    ]) {
      const { id: grant } = await give();
      await refused(as.teams.addMember({ team, member }));
      await tenant.owner.access.revoke({ grant });
    }
    const { id: grant } = await tenant.owner.organizations.grant({ subject, role: 'viewer' });
    await refused(as.teams.addMember({ team, member }));
    await tenant.owner.organizations.revokeGrant({ grant });
    expect((await as.teams.addMember({ team, member })).members).toHaveLength(1);
  });

  it('by a key: it lifts nobody above what it was made for, whoever owns it', async () => {
    const organizationScopes = ['organization:members', 'organization:grants', 'organization:roles'];
    const { secret } = await tenant.owner.apiKeys.create({ name: 'narrow', role: 'viewer', organizationScopes });
    const { id } = await person();
    const post = async (path: string, body: object) => {
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
      return (await api.app.request(`/trpc/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    };
    expect(await post('organizations.setMemberRole', { user: id, role: 'owner' })).toBe(403);
    expect(await post('organizations.grant', { subject: { kind: 'person', id }, role: 'runner' })).toBe(403);
    expect(await post('roles.create', { slug: 'by-key', name: 'x', scopes: ['runs:cancel'] })).toBe(403);
    expect(await post('invitations.create', { organizationRole: 'admin' })).toBe(403);
    expect(await post('organizations.grant', { subject: { kind: 'person', id }, role: 'viewer' })).toBe(200);
  });
});

describe('how long the audit is kept', () => {
  it('is seen by who is in the organization and changed by its owners, within bounds, audited', async () => {
    const { organizations } = tenant.owner;
    const { auditDays: before } = await tenant.asOrganization('member').organizations.get();
    await organizations.update({ auditDays: 730 });
    expect(await organizations.get()).toMatchObject({ auditDays: 730, role: 'owner' });
    for (const auditDays of [29, 3_651, 1.5])
      expect(await refusal(organizations.update({ auditDays }))).toMatchObject({ code: 'INVALID_INPUT', issues: [{ field: 'auditDays' }] });
    expect((await refusal(tenant.asOrganization('admin').organizations.update({ auditDays: 30 }))).code).toBe('FORBIDDEN');
    expect((await tenant.audit('organization.update')).at(-1)).toMatchObject({ before: { auditDays: before }, after: { auditDays: 730 } });
  });
});

describe('a service account', () => {
  it('may what it was granted, by keys that it owns, until it is disabled', async () => {
    const account = await tenant.owner.serviceAccounts.create({ slug: 'ci', name: 'CI' });
    const { secret, key } = await tenant.owner.apiKeys.create({ name: 'ci', role: 'developer', serviceAccount: account.id });
    expect(key.owner).toEqual({ kind: 'service-account', id: account.id, name: 'CI' });
    const ask = bearer(secret);
    expect(await ask('runs.list?input={}')).toBe(403);
    const grant = await tenant.owner.access.grant({ subject: { kind: 'service-account', id: account.id }, role: 'viewer' });
    expect(await ask('runs.list?input={}')).toBe(200);
    await tenant.owner.serviceAccounts.update({ serviceAccount: account.id, disabled: true });
    expect(await ask('runs.list?input={}')).toBe(401);
    await tenant.owner.serviceAccounts.update({ serviceAccount: account.id, disabled: false });
    await tenant.owner.access.revoke({ grant: grant.id });
    expect(await ask('runs.list?input={}')).toBe(403);
  });
});

describe('explain', () => {
  it('says of each scope whether it is had, by every way it comes', async () => {
    const { id, caller } = await person();
    await tenant.owner.members.add({ user: id, role: 'viewer' });
    await tenant.owner.access.grant({ subject: { kind: 'person', id }, role: 'runner', object: { kind: 'deployment', id: weather } });
    const own = await (await caller()).access.explain({});
    expect(own.scopes.find(({ scope }) => scope === 'runs:read')).toMatchObject({
      allowed: true,
      because: ['member of the workspace as viewer'],
    });
    expect(own.scopes.find(({ scope }) => scope === 'runs:create')).toMatchObject({ allowed: false });
    const there = await tenant.owner.access.explain({ subject: { kind: 'person', id }, object: { kind: 'deployment', id: weather } });
    expect(there.scopes.find(({ scope }) => scope === 'runs:read')?.because).toEqual([
      'member of the workspace as viewer',
      'runner granted on this deployment directly',
    ]);
    expect(there.scopes.find(({ scope }) => scope === 'runs:create')?.allowed).toBe(true);
    expect(there.scopes.map(({ scope }) => scope)).not.toContain('pools:read');
  });

  it('is for oneself with whatever one has, and names no thing that one does not see', async () => {
    const { id, caller } = await person();
    await tenant.owner.access.grant({ subject: { kind: 'person', id }, role: 'runner', object: { kind: 'deployment', id: weather } });
    const as = await caller();
    const there = await as.access.explain({ object: { kind: 'deployment', id: weather } });
    expect(there.scopes.filter(({ allowed }) => allowed).map(({ scope }) => scope)).toContain('runs:create');
    expect((await as.access.explain({})).scopes.every(({ allowed }) => !allowed)).toBe(true);
    expect((await refusal(as.access.explain({ object: { kind: 'deployment', id: mail } }))).code).toBe('NOT_FOUND');
  });

  it('tells what others may do to those alone who say what others may do', async () => {
    const { id } = await person();
    expect((await refusal(tenant.as('operator').access.explain({ subject: { kind: 'person', id } }))).code).toBe('FORBIDDEN');
  });
});

describe('members', () => {
  it('come from the organization, change roles, and leave an owner behind', async () => {
    const { id } = await person();
    expect(await tenant.owner.members.add({ user: id, role: 'viewer' })).toMatchObject({ role: 'viewer' });
    expect((await refusal(tenant.owner.members.add({ user: id, role: 'viewer' }))).code).toBe('CONFLICT');
    expect(await tenant.owner.members.setRole({ user: id, role: 'operator' })).toMatchObject({ role: 'operator' });
    await tenant.owner.members.remove({ user: id });
    expect((await refusal(tenant.owner.members.remove({ user: id }))).code).toBe('NOT_FOUND');
    const [owner] = (await tenant.owner.members.list()).filter((each) => each.role === 'owner');
    expect((await refusal(tenant.owner.members.remove({ user: owner?.id as string }))).code).toBe('PRECONDITION_FAILED');
    const audit = await tenant.audit('member.set-role');
    expect(audit.at(-1)).toMatchObject({ before: { role: 'viewer' }, after: { role: 'operator' } });
  });
});
