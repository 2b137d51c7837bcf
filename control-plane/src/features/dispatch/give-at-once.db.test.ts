/** A run that is due now goes to an agent whose claim stands in the very transaction that makes it. */
import { randomUUID } from 'node:crypto';
import { toId } from '@signalbox/proto';
import { type ClaimReply, claimReplySchema } from '@signalbox/proto/messages';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';
import { createDispatchCtx, createQuietBus } from '../../../test/dispatch.ts';
import type { Db } from '../../platform/db.ts';
import type { Services } from '../../platform/services.ts';
import { type Dispatch, serveDispatch } from './handler.ts';
import type { DispatchCtx } from './settings.ts';

const DEPLOYMENT = 'weather/daily';

let api: TestApi;
let bus: ReturnType<typeof createQuietBus>;
let dispatch: Dispatch;
/** Lets a claim stand, as an agent's message does. */
let stand: (from: { workspaceId: string; agentId: string }, body: unknown) => Promise<unknown>;
let services: Services;
let tenant: Tenant;
let agentId: string;

beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(async () => {
  bus = createQuietBus();
  const serve: DispatchCtx['bus']['serve'] = (verb, handler) => {
    if (verb === 'stand') stand = (from, body) => handler({ ...from, account: 'A' }, body, 0);
  };
  dispatch = serveDispatch({ ...createDispatchCtx(api.db), bus: { ...bus, serve } }, async () => false);
  services = { ...api.services, giveAtOnce: dispatch.giveAtOnce };
  tenant = await api.tenant(services);
  await tenant.owner.deployments.deploy(deployOf());
  agentId = randomUUID();
  await api.db.systemSql.query(
    `INSERT INTO agent (id, workspace_id, pool_id, name, public_key, session, lease_until, last_seen_at)
     VALUES ($1, $2, $3, 'one', $4, 1, served_now() + interval '1 minute', now())`,
    [agentId, tenant.workspaceId, tenant.poolId, `U${agentId}`],
  );
  api.sent.nudges.length = 0;
});

function letStand(free = 4, claimId: string = randomUUID()): Promise<ClaimReply> {
  const claim = { v: 1, session: 1, claimId, free, warm: [{ digest: 'sha256:one', count: free }], waitMs: 60_000 };
  return stand({ workspaceId: tenant.workspaceId, agentId }, { ...claim, pool: toId('workPool', tenant.poolId) }).then((answer) =>
    claimReplySchema.parse(answer),
  );
}

const liveRuns = () =>
  api.db.systemSql
    .query('SELECT state_type, agent_id FROM run_dispatch WHERE workspace_id = $1 ORDER BY run_id', [tenant.workspaceId])
    .then(({ rows }) => rows);
const actingWith = (db: Partial<Db>) => api.tenant({ ...services, db: { ...api.db, ...db } });

describe('a run that is made while a claim stands', () => {
  it('is given when its creation is committed: running where its code is warm, and nobody is nudged', async () => {
    const answered = letStand();
    const made = await tenant.owner.runs.create({ deployment: DEPLOYMENT });
    expect(await liveRuns()).toEqual([{ state_type: 'RUNNING', agent_id: agentId }]);
    expect(await answered).toMatchObject({ more: false, runs: [{ run: made.id, granted: true, token: expect.any(String), dueInMs: 0 }] });
    expect((await tenant.owner.runs.get({ run: made.id })).states.map(({ name }) => name)).toEqual(['Scheduled', 'Running']);
    expect(api.sent.nudges).toEqual([]);
    expect(await tenant.audit('run.create')).toHaveLength(1);
  });

  it('waits its turn behind what a claim gives first', async () => {
    const [before] = await Promise.all([tenant.owner.runs.create({ deployment: DEPLOYMENT })]);
    const answered = letStand(1);
    const made = await tenant.owner.runs.create({ deployment: DEPLOYMENT });
    expect((await answered).runs.map(({ run }) => run)).toEqual([before.id]);
    expect((await tenant.owner.runs.get({ run: made.id })).state.type).toBe('SCHEDULED');
    // All that was asked for was given: there may be more.
    await expect.poll(() => bus.told.filter(({ kind }) => kind === 'nudge')).toMatchObject([{ id: tenant.poolId }]);
  });

  it('that is due later leaves the claim standing', async () => {
    const answered = letStand();
    await tenant.owner.runs.create({ deployment: DEPLOYMENT, dueAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await liveRuns()).toEqual([{ state_type: 'SCHEDULED', agent_id: null }]);
    const made = await tenant.owner.runs.create({ deployment: DEPLOYMENT });
    expect((await answered).runs.map(({ run }) => run)).toEqual([made.id]);
  });

  it('is not given to an older session, and is made all the same', async () => {
    const answered = letStand().catch(() => 'no answer');
    await api.db.systemSql.query('UPDATE agent SET session = 2 WHERE id = $1', [agentId]);
    await tenant.owner.runs.create({ deployment: DEPLOYMENT });
    expect(await liveRuns()).toEqual([{ state_type: 'SCHEDULED', agent_id: null }]);
    expect(await answered).toBe('no answer');
    await expect.poll(() => bus.told.filter(({ kind }) => kind === 'nudge')).toMatchObject([{ id: tenant.poolId }]);
  });

  it('does not wait for another claim of its pool: it is made, and given when that is over', async () => {
    const other = new pg.Client({ connectionString: api.databaseUrl, options: '-c role=signalbox_system' });
    await other.connect();
    try {
      await other.query('BEGIN');
      await other.query('SELECT 1 FROM work_pool WHERE id = $1 FOR UPDATE', [tenant.poolId]);
      const answered = letStand();
      const made = await tenant.owner.runs.create({ deployment: DEPLOYMENT });
      expect(await liveRuns()).toEqual([{ state_type: 'SCHEDULED', agent_id: null }]);
      await other.query('COMMIT');
      expect((await answered).runs.map(({ run }) => run)).toEqual([made.id]);
    } finally {
      await other.end();
    }
  });

  it('does not wait for its claim in another message, which may wait for the pool', async () => {
    const claimId = randomUUID();
    const other = new pg.Client({ connectionString: api.databaseUrl, options: '-c role=signalbox_system' });
    await other.connect();
    try {
      await other.query('BEGIN');
      await other.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [claimId]);
      await other.query('INSERT INTO claim (id, workspace_id, agent_id) VALUES ($1, $2, $3)', [claimId, tenant.workspaceId, agentId]);
      const answered = letStand(4, claimId);
      await tenant.owner.runs.create({ deployment: DEPLOYMENT });
      expect(await liveRuns()).toEqual([{ state_type: 'SCHEDULED', agent_id: null }]);
      await other.query('COMMIT');
      // It was carried out for the other message: this one says what that was given.
      expect(await answered).toEqual({ runs: [], more: false, timeline: expect.any(Number) });
    } finally {
      await other.end();
    }
  });

  it('is for nobody when its creation fails: the claim is carried out beside', async () => {
    const inWorkspaceSql: Db['inWorkspaceSql'] = (workspaceId, work, narrowing, last) =>
      api.db.inWorkspaceSql(workspaceId, work, narrowing, (sql, result) => Promise.all([last?.(sql, result), sql.query('SELECT 1/0')]));
    const broken = await actingWith({ inWorkspaceSql });
    await broken.owner.deployments.deploy(deployOf());
    await api.db.systemSql.query('UPDATE agent SET workspace_id = $1, pool_id = $2 WHERE id = $3', [
      broken.workspaceId,
      broken.poolId,
      agentId,
    ]);
    tenant = broken;
    const answered = letStand();
    await expect(broken.owner.runs.create({ deployment: DEPLOYMENT })).rejects.toThrow();
    expect(await answered).toMatchObject({ runs: [], more: false });
    expect(await liveRuns()).toEqual([]);
  });

  it('is made all the same when what the agent was given cannot be told, and the pool goes on', async () => {
    const runTokens = {
      sign() {
        throw new Error('no key');
      },
    };
    const serve: DispatchCtx['bus']['serve'] = (verb, handler) => {
      if (verb === 'stand') stand = (from, body) => handler({ ...from, account: 'A' }, body, 0);
    };
    const mute = serveDispatch({ ...createDispatchCtx(api.db), runTokens, bus: { ...bus, serve } }, async () => false);
    const caller = await api.tenant({ ...services, giveAtOnce: mute.giveAtOnce });
    await caller.owner.deployments.deploy(deployOf());
    await api.db.systemSql.query('UPDATE agent SET workspace_id = $1, pool_id = $2 WHERE id = $3', [
      caller.workspaceId,
      caller.poolId,
      agentId,
    ]);
    tenant = caller;
    const answered = letStand().catch(() => 'no answer');
    await caller.owner.runs.create({ deployment: DEPLOYMENT });
    expect(await liveRuns()).toMatchObject([{ state_type: 'RUNNING' }]);
    expect(await answered).toBe('no answer');
    await expect.poll(() => bus.told.filter(({ kind }) => kind === 'nudge')).toMatchObject([{ id: caller.poolId }]);
  });

  it('is given once when its transaction is run again', async () => {
    let tries = 0;
    const inWorkspaceSql: Db['inWorkspaceSql'] = (workspaceId, work, narrowing, last) =>
      api.db.inWorkspaceSql(workspaceId, work, narrowing, (sql, result) => {
        const said = last?.(sql, result);
        const again = `DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END $$`;
        return tries++ === 0 ? Promise.all([said, sql.query(again)]) : Promise.resolve(said);
      });
    const shaky = await actingWith({ inWorkspaceSql });
    tenant = shaky;
    await shaky.owner.deployments.deploy(deployOf());
    await api.db.systemSql.query('UPDATE agent SET workspace_id = $1, pool_id = $2 WHERE id = $3', [
      shaky.workspaceId,
      shaky.poolId,
      agentId,
    ]);
    const answered = letStand();
    const made = await shaky.owner.runs.create({ deployment: DEPLOYMENT });
    expect(tries).toBe(2);
    expect(await liveRuns()).toHaveLength(1);
    // Carried out beside, the claim came before the second try or after it.
    const given = (await answered).runs.map(({ run }) => run);
    expect(given.length === 0 || given[0] === made.id).toBe(true);
    expect(await refusal(shaky.owner.runs.create({ deployment: 'weather/none' }))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
