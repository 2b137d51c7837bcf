import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { chainKey, purgeDue, sealAll } from './index.ts';

let api: TestApi;
let tenant: Tenant;
let key: Buffer;

beforeAll(async () => {
  api = await openTestApi();
  key = chainKey(api.services.settings.secret);
});
afterAll(() => api[Symbol.asyncDispose]());

/** Seals all there is: first once no transaction of this cluster, of whatever test, is older. */
async function seal(withKey = key): Promise<void> {
  const { rows } = await sql('SELECT pg_current_xact_id()::text AS now');
  const { now } = rows[0] as { now: string };
  for (;;) {
    const behind = await sql('SELECT 1 WHERE pg_snapshot_xmin(pg_current_snapshot()) <= $1::xid8', now);
    if (behind.rowCount === 0) return sealAll(api.db, withKey);
  }
}

/** A tenant with three entries, sealed. */
async function sealed(): Promise<Tenant> {
  const made = await api.tenant();
  for (const name of ['a', 'b', 'c']) await made.owner.workPools.create({ name });
  await seal();
  return made;
}
const verify = (of: Tenant) => of.owner.audit.verify({});
const sql = (text: string, ...values: unknown[]) => api.db.systemSql.query(text, values);

describe('the chain', () => {
  it('covers what was written, link by link, and holds', async () => {
    tenant = await sealed();
    await tenant.owner.workPools.create({ name: 'd' });
    expect(await verify(tenant)).toMatchObject({ links: 1, entries: 3, unsealed: 1, problems: [] });
    await seal();
    expect(await verify(tenant)).toMatchObject({ links: 2, entries: 4, unsealed: 0, problems: [], next: null });
  });

  it('waits for a transaction that began before: its rows come into a later link, and none is left out', async () => {
    const own = await api.tenant();
    await inTransaction(api.db.systemSql, async (open) => {
      await open.query('SELECT pg_current_xact_id()');
      await own.owner.workPools.create({ name: 'younger' });
      await sealAll(api.db, key);
      expect(await verify(own)).toMatchObject({ links: 0, unsealed: 1 });
    });
    await seal();
    expect(await verify(own)).toMatchObject({ links: 1, unsealed: 0, problems: [] });
  });

  it.each([
    ['changed', `UPDATE audit_entry SET actor_name = 'somebody else' WHERE id = $1`, 'covers an entry that was changed'],
    ['taken away', 'DELETE FROM audit_entry WHERE id = $1', 'covers 3 entries, of which 2 are there'],
    [
      'added in between',
      `INSERT INTO audit_entry (id, organization_id, actor_kind, actor_name, action, target_kind, xid)
       SELECT gen_random_uuid(), organization_id, 'person', 'x', 'x.y', 'x', xid FROM audit_entry WHERE id = $1`,
      'covers 3 entries, of which 4 are there',
    ],
  ])('tells when an entry was %s', async (_, statement, what) => {
    const own = await sealed();
    const { rows } = await sql('SELECT id FROM audit_entry WHERE workspace_id = $1 ORDER BY id LIMIT 1', own.workspaceId);
    await sql(statement, (rows[0] as { id: string }).id);
    expect((await verify(own)).problems).toEqual([{ link: 1, what }]);
  });

  it('tells when a link was made to fit by who has the database and not the secret', async () => {
    const own = await sealed();
    await sql(`UPDATE audit_entry SET actor_name = 'somebody else' WHERE workspace_id = $1`, own.workspaceId);
    await sql('DELETE FROM audit_seal WHERE organization_id = $1', own.organizationId);
    await seal(chainKey('another secret of 32 characters!!'));
    expect((await verify(own)).problems).toEqual([{ link: 1, what: 'was changed, or does not follow from the one before' }]);
  });

  it('holds after retention has deleted old entries, and only those', async () => {
    const own = await sealed();
    // As if made 401 days ago: what they say of it counts, not what the link says.
    await sql('UPDATE audit_seal SET last_at = now() - $2::interval WHERE organization_id = $1', own.organizationId, '401 days');
    expect(await purgeDue(api.db.systemSql, key, 10)).toBe(0);
    await sql('DELETE FROM audit_seal WHERE organization_id = $1', own.organizationId);
    await sql('UPDATE audit_entry SET at = at - $2::interval WHERE organization_id = $1', own.organizationId, '401 days');
    await seal();
    await own.owner.workPools.create({ name: 'later' });
    await seal();
    expect(await purgeDue(api.db.systemSql, key, 10)).toBe(3);
    expect(await verify(own)).toMatchObject({ links: 2, purged: 1, entries: 1, problems: [] });
    expect((await own.owner.audit.list({})).items).toHaveLength(1);
  });

  it('tells when entries went and somebody calls it retention, and when its end was cut off since it was noted', async () => {
    const own = await sealed();
    const { head } = await verify(own);
    const noted = head ?? { link: 0, hash: '' };
    expect((await own.owner.audit.verify({ noted })).problems).toEqual([]);
    await sql('DELETE FROM audit_entry WHERE organization_id = $1', own.organizationId);
    await sql('UPDATE audit_seal SET purged_at = now() WHERE organization_id = $1', own.organizationId);
    expect((await verify(own)).problems).toEqual([{ link: 1, what: 'lost its entries, and not to retention' }]);
    await sql('DELETE FROM audit_seal WHERE organization_id = $1', own.organizationId);
    expect((await verify(own)).problems).toEqual([]);
    expect((await own.owner.audit.verify({ noted })).problems).toEqual([{ link: 1, what: 'was noted, and is missing' }]);
  });

  it('of one organization says nothing of another', async () => {
    const [mine, theirs] = [await sealed(), await sealed()];
    await sql('DELETE FROM audit_entry WHERE workspace_id = $1', theirs.workspaceId);
    expect((await verify(mine)).problems).toEqual([]);
  });
});

describe('the list', () => {
  it('is newest first, filtered by actor, action, outcome and time', async () => {
    const own = await api.tenant();
    await own.owner.workPools.create({ name: 'a' });
    await own.owner.workPools.pause({ pool: 'a' });
    await own.owner.limits.create({ name: 'l', slots: 1 });
    await refusal(own.as('viewer').workPools.create({ name: 'b' }));
    const actions = async (filter: object) => (await own.as('operator').audit.list(filter)).items.map((entry) => entry.action);
    expect(await actions({})).toEqual(['access.use', 'limit.create', 'work-pool.pause', 'work-pool.create']);
    expect(await actions({ action: 'work-pool' })).toEqual(['work-pool.pause', 'work-pool.create']);
    expect(await actions({ action: 'limit.create', actor: own.ownerEmail.toUpperCase() })).toEqual(['limit.create']);
    expect(await actions({ outcome: 'refused' })).toEqual(['access.use']);
    expect(await actions({ actorKind: 'service' })).toEqual([]);
    expect(await actions({ from: new Date(Date.now() + 60_000).toISOString() })).toEqual([]);
    const [first] = (await own.owner.audit.list({ limit: 1 })).items;
    expect(first).toMatchObject({
      actor: { kind: 'person', via: 'session' },
      outcome: 'refused',
      after: { procedure: 'workPools.create' },
    });
  });

  it('of the organization has its workspaces\u2019 entries and its own', async () => {
    const own = await api.tenant();
    await own.owner.workPools.create({ name: 'a' });
    await own.owner.teams.create({ slug: 't', name: 'T' });
    const all = (await own.asOrganization('admin').audit.listOrganization({})).items;
    expect(all.map((entry) => [entry.action, entry.workspace === null])).toEqual([
      ['team.create', true],
      ['work-pool.create', false],
    ]);
    expect((await own.owner.audit.list({})).items).toHaveLength(1);
  });
});

describe('the download', () => {
  it('is JSON lines of everything that fits, for who may read the audit', async () => {
    const own = await api.tenant();
    for (let i = 0; i < 3; i++) await own.owner.workPools.create({ name: `p${i}` });
    const { secret } = await own.owner.apiKeys.create({ name: 'auditor', role: 'operator' });
    const ask = (query: string, token = secret) =>
      Promise.resolve(api.app.request(`/api/audit/export${query}`, { headers: { authorization: `Bearer ${token}` } }));
    const response = await ask('?action=work-pool');
    expect(response.headers.get('content-type')).toContain('application/jsonl');
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { action: string });
    expect(lines.map((line) => line.action)).toEqual(['work-pool.create', 'work-pool.create', 'work-pool.create']);
    expect((await ask('?color=red')).status).toBe(400);
    expect((await ask(`?workspace=${(await api.tenant()).slug}`)).status).toBe(404);
    expect((await ask(`?organization=${own.slug}`)).status).toBe(403);
    const { secret: reader } = await own.owner.apiKeys.create({ name: 'reader', role: 'viewer' });
    expect((await ask('', reader)).status).toBe(403);
    expect((await Promise.resolve(api.app.request('/api/audit/export'))).status).toBe(401);
  });
});
