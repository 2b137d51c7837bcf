import { toId, uuidv7 } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { accessOfPerson } from '../../platform/access-rows.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { createUser } from '../identity/index.ts';

const PASSWORD = 'four words without relation';

let api: TestApi;
let tenant: Tenant;
let guest: Tenant;

beforeAll(async () => {
  api = await openTestApi();
  [tenant, guest] = [await api.tenant(), await api.tenant()];
});
afterAll(() => api[Symbol.asyncDispose]());

const tokenOf = (link: string) => new URL(link).searchParams.get('token') as string;
const rolesOf = async (email: string) => {
  const user = await api.db.system.user.findUniqueOrThrow({ where: { email } });
  const [organization, workspace] = [
    await api.db.system.organizationMember.findFirst({ where: { userId: user.id, organizationId: tenant.organizationId } }),
    await api.db.system.workspaceMember.findFirst({ where: { userId: user.id, workspaceId: tenant.workspaceId } }),
  ];
  return [organization?.role, workspace?.role];
};

describe('an invitation', () => {
  it('makes an account for the email that was invited, with the roles it names, once', async () => {
    const email = 'new.person@example.com';
    const workspace = toId('workspace', tenant.workspaceId);
    const { link, invitation } = await tenant.owner.invitations.create({
      email: 'New.Person@example.com',
      workspace,
      workspaceRole: 'runner',
    });
    const token = tokenOf(link);
    expect(await guest.acting(null).invitations.preview({ token })).toMatchObject({
      organization: tenant.slug,
      workspace: tenant.slug,
      email,
    });
    await guest.acting(null).invitations.join({ token, name: 'New Person', password: PASSWORD });
    expect(await rolesOf(email)).toEqual(['member', 'runner']);
    expect((await refusal(guest.acting(null).invitations.join({ token, name: 'Again', password: PASSWORD }))).code).toBe('NOT_FOUND');
    expect((await tenant.owner.invitations.list()).find((each) => each.id === invitation.id)?.status).toBe('accepted');
  });

  it('is accepted by who is signed in with that email, and by nobody else', async () => {
    const { link } = await tenant.owner.invitations.create({ email: guest.ownerEmail, organizationRole: 'admin' });
    const token = tokenOf(link);
    const stranger = await api.tenant();
    expect((await refusal(stranger.owner.invitations.accept({ token }))).code).toBe('FORBIDDEN');
    await guest.owner.invitations.accept({ token });
    expect(await rolesOf(guest.ownerEmail)).toEqual(['admin', undefined]);
    expect((await refusal(guest.owner.invitations.accept({ token }))).code).toBe('NOT_FOUND');
  });

  it('without an email is for who has an account, and makes none', async () => {
    const { link } = await tenant.owner.invitations.create({});
    const token = tokenOf(link);
    expect((await refusal(guest.acting(null).invitations.join({ token, name: 'X', password: PASSWORD }))).code).toBe('FORBIDDEN');
    const stranger = await api.tenant();
    await stranger.owner.invitations.accept({ token });
    expect(await rolesOf(stranger.ownerEmail)).toEqual(['member', undefined]);
  });

  it('lets nobody in whom its maker could not let in any more', async () => {
    const maker = await api.tenant();
    const joined = await tenant.owner.invitations.create({ email: maker.ownerEmail, organizationRole: 'admin' });
    await maker.owner.invitations.accept({ token: tokenOf(joined.link) });
    const userId = (await api.db.system.user.findUniqueOrThrow({ where: { email: maker.ownerEmail } })).id;
    const { workspaces, organizations } = await accessOfPerson(sqlOfClient(api.db.systemSql), userId);
    const as = tenant.acting(
      { actor: { kind: 'user', id: userId, name: 'Maker', email: maker.ownerEmail }, workspaces, organizations, expiresAt: null },
      { organizationRef: toId('organization', tenant.organizationId) },
    );
    const { link, invitation } = await as.invitations.create({ organizationRole: 'admin' });
    const user = toId('user', userId);
    const [preview, status] = [
      () => guest.acting(null).invitations.preview({ token: tokenOf(link) }),
      async () => (await tenant.owner.invitations.list()).find((each) => each.id === invitation.id)?.status,
    ];
    expect(await preview()).toMatchObject({ organizationRole: 'admin' });
    await tenant.owner.organizations.setMemberRole({ user, role: 'member' });
    expect((await refusal(preview())).code).toBe('NOT_FOUND');
    await tenant.owner.organizations.removeMember({ user });
    expect(await status()).toBe('revoked');
    expect((await refusal((await api.tenant()).owner.invitations.accept({ token: tokenOf(link) }))).code).toBe('NOT_FOUND');
  });

  it('makes no account in a domain that another organization proved, and none whose email counts as proved', async () => {
    const owner = await api.tenant();
    const domain = `${owner.slug}.example`;
    const data = { id: uuidv7(Date.now()), organizationId: owner.organizationId, domain, token: 'x', verifiedAt: new Date() };
    await api.db.system.organizationDomain.create({ data });
    const join = async (inviter: Tenant, email: string) => {
      const { link } = await inviter.owner.invitations.create({ email });
      return guest.acting(null).invitations.join({ token: tokenOf(link), name: 'Boss', password: PASSWORD });
    };
    expect((await refusal(join(tenant, `boss@${domain}`))).code).toBe('FORBIDDEN');
    await join(owner, `boss@${domain}`);
    expect(await api.db.system.user.findUniqueOrThrow({ where: { email: `boss@${domain}` } })).toMatchObject({ emailVerified: false });
  });

  it('of a service account is good as long as that could give it now', async () => {
    const own = await api.tenant();
    const { serviceAccounts, roles, organizations, apiKeys, invitations } = own.owner;
    const { id } = await serviceAccounts.create({ slug: 'inviter', name: 'Inviter' });
    const { id: role } = await roles.create({ slug: 'inviter', name: 'Inviter', scopes: ['organization:members'] });
    const { id: grant } = await organizations.grant({ subject: { kind: 'service-account', id }, role: role as string });
    const { secret } = await apiKeys.create({
      name: 'ci',
      role: 'viewer',
      serviceAccount: id,
      organizationScopes: ['organization:members'],
    });
    const invite = async (input: object) => {
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
      const reply = await api.app.request('/trpc/invitations.create', { method: 'POST', headers, body: JSON.stringify(input) });
      return ((await reply.json()) as { result?: { data: { link: string } } }).result?.data.link as string;
    };
    const look = (link: string) => guest.acting(null).invitations.preview({ token: tokenOf(link) });
    const link = await invite({ email: 'by.account@example.com' });
    expect(await look(link)).toMatchObject({ organizationRole: 'member' });
    await serviceAccounts.update({ serviceAccount: id, disabled: true });
    expect((await refusal(look(link))).code).toBe('NOT_FOUND');
    expect((await invitations.list())[0]?.status).toBe('revoked');
    await serviceAccounts.update({ serviceAccount: id, disabled: false });
    expect(await look(link)).toMatchObject({ organizationRole: 'member' });
    await organizations.revokeGrant({ grant });
    expect((await refusal(look(link))).code).toBe('NOT_FOUND');
  });

  it('taken back or too old is as one that never was', async () => {
    const messages = new Set<string>();
    const revoked = await tenant.owner.invitations.create({});
    await tenant.owner.invitations.revoke({ invitation: revoked.invitation.id });
    const old = await tenant.owner.invitations.create({});
    await api.db.systemSql.query(`UPDATE invitation SET expires_at = now() WHERE token_hash = sha256(convert_to($1, 'UTF8'))`, [
      tokenOf(old.link),
    ]);
    for (const token of [tokenOf(revoked.link), tokenOf(old.link), `sbi_${'0'.repeat(49)}`])
      messages.add((await refusal(guest.owner.invitations.accept({ token }))).message);
    expect(messages.size).toBe(1);
  });

  it('sent again has a new link, and the old one is good for nothing', async () => {
    const first = await tenant.owner.invitations.create({ email: 'again@example.com' });
    const again = await tenant.owner.invitations.resend({ invitation: first.invitation.id });
    const preview = (link: string) => guest.acting(null).invitations.preview({ token: tokenOf(link) });
    expect((await refusal(preview(first.link))).code).toBe('NOT_FOUND');
    expect((await preview(again.link)).email).toBe('again@example.com');
    await tenant.owner.invitations.revoke({ invitation: first.invitation.id });
    expect((await refusal(tenant.owner.invitations.resend({ invitation: first.invitation.id }))).code).toBe('CONFLICT');
    const above = await tenant.owner.invitations.create({ organizationRole: 'owner' });
    const byAdmin = tenant.asOrganization('admin').invitations.resend({ invitation: above.invitation.id });
    expect((await refusal(byAdmin)).code).toBe('FORBIDDEN');
  });

  it('never lifts above who invites, nor into a workspace of others', async () => {
    const above = tenant.asOrganization('admin').invitations.create({ organizationRole: 'owner' });
    expect((await refusal(above)).code).toBe('FORBIDDEN');
    const foreign = tenant.owner.invitations.create({ workspace: toId('workspace', guest.workspaceId) });
    expect((await refusal(foreign)).code).toBe('NOT_FOUND');
  });

  it('makes no second account for an email that has one', async () => {
    const email = 'known@example.com';
    await createUser(api.db.system, { email, password: PASSWORD, name: 'Known' });
    const { link } = await tenant.owner.invitations.create({ email });
    const again = guest.acting(null).invitations.join({ token: tokenOf(link), name: 'Known', password: PASSWORD });
    expect((await refusal(again)).code).toBe('CONFLICT');
  });

  it('is stored as a hash, and neither link nor token is in the audit', async () => {
    const { link } = await tenant.owner.invitations.create({ email: 'audited@example.com' });
    const rows = await api.db.systemSql.query("SELECT coalesce(string_agg(a::text, ''), '') AS all FROM audit_entry a");
    expect((rows.rows[0] as { all: string }).all).not.toContain(tokenOf(link));
  });
});
