import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';
import { createYard } from '../../../test/dispatch.ts';
import type { Ctx } from '../../platform/services.ts';
import { listSlots } from './service.ts';

let api: TestApi;
let tenant: Tenant;
let stranger: Tenant;

beforeAll(async () => {
  api = await openTestApi();
  [tenant, stranger] = await Promise.all([api.tenant(), api.tenant()]);
});
afterAll(() => api[Symbol.asyncDispose]());

const addAgent = (own: Tenant, fields: { leaseUntil?: Date; drain?: boolean; revokedAt?: Date } = {}) => {
  const id = uuidv7(Date.now());
  return api.db.system.agent.create({
    data: { id, workspaceId: own.workspaceId, poolId: own.poolId, name: id, publicKey: id, slots: 4, ...fields },
  });
};
const inAnHour = () => new Date(Date.now() + 3_600_000);

describe('create', () => {
  it('makes a pool with its default queue, which has no agent yet', async () => {
    const pool = await tenant.owner.workPools.create({ name: 'fresh', concurrencyLimit: 7 });
    expect(pool).toMatchObject({
      name: 'fresh',
      status: 'not-ready',
      concurrencyLimit: 7,
      queues: [{ name: 'default', priority: 1 }],
      agents: { online: 0, total: 0 },
      slotsHeld: 0,
      waiting: 0,
    });
    expect(await tenant.audit('work-pool.create')).toHaveLength(1);
  });

  it('of a name that is taken is a conflict, also for the loser of a race', async () => {
    const results = await Promise.allSettled([
      tenant.owner.workPools.create({ name: 'raced' }),
      tenant.owner.workPools.create({ name: 'raced' }),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await refusal(tenant.owner.workPools.create({ name: 'raced' }))).toEqual({
      code: 'CONFLICT',
      message: 'Work pool "raced" exists already.',
    });
  });

  it('of a bad name says what a name is', async () => {
    expect((await refusal(tenant.owner.workPools.create({ name: 'Not A Slug' }))).message).toBe(
      'name: expected lower-case letters, digits and single hyphens, got "Not A Slug"',
    );
  });
});

describe('status', () => {
  it('is what dispatch decides by: paused, an agent that accepts, or none', async () => {
    const own = await api.tenant();
    const status = async () => (await own.owner.workPools.get({ pool: 'local' })).status;
    const agents = async () => (await own.owner.workPools.get({ pool: 'local' })).agents;
    await addAgent(own, { leaseUntil: new Date(0) });
    expect([await status(), await agents()]).toEqual(['not-ready', { online: 0, total: 1 }]);
    await addAgent(own, { leaseUntil: inAnHour(), drain: true });
    await addAgent(own, { leaseUntil: inAnHour(), revokedAt: new Date() });
    expect([await status(), await agents()]).toEqual(['not-ready', { online: 1, total: 2 }]);
    await addAgent(own, { leaseUntil: inAnHour() });
    expect([await status(), await agents()]).toEqual(['ready', { online: 2, total: 3 }]);
    expect((await own.owner.workPools.pause({ pool: 'local' })).status).toBe('paused');
    expect((await own.owner.workPools.resume({ pool: 'local' })).status).toBe('ready');
  });

  it('counts the runs that wait, and not those that are not due', async () => {
    const own = await api.tenant();
    await own.owner.deployments.deploy(deployOf());
    await own.owner.runs.create({ deployment: 'weather/daily' });
    await own.owner.runs.create({ deployment: 'weather/daily', dueAt: '2099-01-01T00:00:00.000Z' });
    expect((await own.owner.workPools.list({})).items).toMatchObject([{ name: 'local', waiting: 1, slotsHeld: 0 }]);
  });
});

describe('change', () => {
  it('sets what is given, leaves the rest, nudges the pool, and is in the audit', async () => {
    const own = await api.tenant();
    await own.owner.workPools.update({ pool: 'local', description: 'ours', concurrencyLimit: 3 });
    const pool = await own.owner.workPools.update({ pool: 'local', concurrencyLimit: null });
    expect(pool).toMatchObject({ description: 'ours', concurrencyLimit: null });
    expect(api.sent.nudges).toContain(own.poolId);
    expect((await own.audit('work-pool.update')).at(-1)).toMatchObject({
      before: { concurrencyLimit: 3 },
      after: { concurrencyLimit: null },
    });
  });

  it('adds a queue and changes it', async () => {
    const own = await api.tenant();
    await own.owner.workPools.upsertQueue({ pool: 'local', name: 'urgent' });
    const pool = await own.owner.workPools.upsertQueue({ pool: 'local', name: 'urgent', priority: 1, paused: true });
    expect(pool.queues).toMatchObject([
      { name: 'urgent', priority: 1, paused: true, concurrencyLimit: null, status: 'paused' },
      { name: 'default', priority: 2, status: 'not-ready' },
    ]);
    expect(await own.audit('work-queue.upsert')).toHaveLength(2);
  });

  it('of a stranger finds no pool, and without the scope is refused', async () => {
    const { id } = await tenant.owner.workPools.get({ pool: 'local' });
    for (const verb of ['get', 'update', 'pause', 'resume', 'delete'] as const) {
      expect((await refusal(stranger.owner.workPools[verb]({ pool: id }))).code, verb).toBe('NOT_FOUND');
    }
    for (const verb of ['update', 'pause', 'resume', 'delete'] as const) {
      expect((await refusal(tenant.as('viewer').workPools[verb]({ pool: 'local' }))).code, verb).toBe('FORBIDDEN');
    }
    expect((await refusal(stranger.owner.workPools.upsertQueue({ pool: id, name: 'x' }))).code).toBe('NOT_FOUND');
    expect((await refusal(tenant.as('operator').workPools.upsertQueue({ pool: 'local', name: 'x' }))).code).toBe('FORBIDDEN');
    expect((await refusal(tenant.as('operator').workPools.create({ name: 'x' }))).code).toBe('FORBIDDEN');
  });
});

describe('queues', () => {
  const orderOf = (pool: { queues: { name: string; priority: number }[] }) =>
    pool.queues.map(({ name, priority }) => `${priority} ${name}`);

  it('have priorities without gaps, each once, wherever one is put', async () => {
    const own = await api.tenant();
    const { workPools } = own.owner;
    await workPools.upsertQueue({ pool: 'local', name: 'b' });
    expect(orderOf(await workPools.upsertQueue({ pool: 'local', name: 'c', priority: 900 }))).toEqual(['1 default', '2 b', '3 c']);
    expect(orderOf(await workPools.upsertQueue({ pool: 'local', name: 'a', priority: 1 }))).toEqual(['1 a', '2 default', '3 b', '4 c']);
    expect(orderOf(await workPools.moveQueue({ pool: 'local', name: 'c', to: 'up' }))).toEqual(['1 a', '2 default', '3 c', '4 b']);
    expect(orderOf(await workPools.moveQueue({ pool: 'local', name: 'a', to: 3 }))).toEqual(['1 default', '2 c', '3 a', '4 b']);
    expect(orderOf(await workPools.deleteQueue({ pool: 'local', name: 'c' }))).toEqual(['1 default', '2 a', '3 b']);
    expect((await own.audit('work-queue.move'))[0]).toMatchObject({ before: { priority: 4 }, after: { priority: 3 } });
  });

  it('stay whole when many are changed at once', async () => {
    const own = await api.tenant();
    const names = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(names.map((name) => own.owner.workPools.upsertQueue({ pool: 'local', name, priority: 1 })));
    await Promise.all(names.map((name) => own.owner.workPools.moveQueue({ pool: 'local', name, to: 'down' })));
    const { queues } = await own.owner.workPools.get({ pool: 'local' });
    expect(queues.map(({ priority }) => priority)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('are paused and resumed, which is in the audit', async () => {
    const own = await api.tenant();
    const paused = await own.owner.workPools.pauseQueue({ pool: 'local', name: 'default' });
    expect(paused.queues).toMatchObject([{ name: 'default', paused: true, status: 'paused' }]);
    expect((await own.as('operator').workPools.resumeQueue({ pool: 'local', name: 'default' })).queues[0]?.paused).toBe(false);
    expect(await own.audit('work-queue.pause')).toMatchObject([
      { targetKind: 'work-queue', before: { paused: false }, after: { paused: true } },
    ]);
    expect(api.sent.nudges).toContain(own.poolId);
  });

  it('that are deleted leave their deployments and waiting runs to the default queue', async () => {
    const own = await api.tenant();
    await own.owner.workPools.upsertQueue({ pool: 'local', name: 'extra' });
    await own.owner.deployments.deploy(deployOf({ queue: 'extra' }));
    const run = await own.owner.runs.create({ deployment: 'weather/daily' });
    await own.owner.workPools.deleteQueue({ pool: 'local', name: 'extra' });
    expect(await own.owner.runs.get({ run: run.id })).toMatchObject({
      queue: 'default',
      waitingFor: ['Work pool "local" has no agent yet.'],
    });
    expect((await own.owner.deployments.get({ deployment: 'weather/daily' })).queue).toBe('default');
    expect((await refusal(own.owner.workPools.deleteQueue({ pool: 'local', name: 'default' }))).message).toBe(
      'Queue "default" cannot be deleted: deployments that name no queue use it.',
    );
  });

  it('are made fair by a key, also for runs that wait, and unfair again', async () => {
    const own = await api.tenant();
    await own.owner.deployments.deploy(deployOf());
    const run = await own.owner.runs.create({ deployment: 'weather/daily' });
    const { queues } = await own.owner.workPools.upsertQueue({ pool: 'local', name: 'default', fairBy: '{{ parameters.city }}' });
    expect(queues).toMatchObject([{ fairBy: '{{ parameters.city }}' }]);
    const row = () => api.db.system.runDispatch.findUniqueOrThrow({ where: { runId: toUuid('run', run.id) } });
    expect((await row()).fairKey).not.toBeNull();
    expect((await own.audit('work-queue.upsert')).at(-1)).toMatchObject({
      before: { fairBy: null },
      after: { fairBy: '{{ parameters.city }}' },
    });
    await own.owner.workPools.upsertQueue({ pool: 'local', name: 'default', fairBy: null });
    expect(await row()).toMatchObject({ fairKey: null, fairRank: null });
    expect((await refusal(own.owner.workPools.upsertQueue({ pool: 'local', name: 'default', fairBy: 'city' }))).message).toContain(
      'fairBy: ',
    );
  });

  it('of a stranger are not found, and without the scope refused', async () => {
    const { id } = await tenant.owner.workPools.get({ pool: 'local' });
    const verbs = ['pauseQueue', 'resumeQueue', 'deleteQueue'] as const;
    for (const verb of verbs) {
      expect((await refusal(stranger.owner.workPools[verb]({ pool: id, name: 'default' }))).code, verb).toBe('NOT_FOUND');
      expect((await refusal(tenant.owner.workPools[verb]({ pool: 'local', name: 'none' }))).message, verb).toBe(
        'No work queue "local/none" in this workspace.',
      );
      expect((await refusal(tenant.as('viewer').workPools[verb]({ pool: 'local', name: 'default' }))).code, verb).toBe('FORBIDDEN');
    }
    expect((await refusal(stranger.owner.workPools.moveQueue({ pool: id, name: 'default', to: 'up' }))).code).toBe('NOT_FOUND');
    expect((await refusal(tenant.as('operator').workPools.moveQueue({ pool: 'local', name: 'default', to: 'up' }))).code).toBe('FORBIDDEN');
  });
});

describe('slots', () => {
  it('name who holds each: run, deployment, queue, agent, since when; by pages', async () => {
    const yard = await createYard(api.db);
    const agent = await yard.addAgent();
    const other = await yard.addQueue(2);
    const runs = [
      ...(await yard.addRuns(await yard.addDeployment(), 2, { name: 'in-default' })),
      ...(await yard.addRuns(await yard.addDeployment({ queueId: other }), 1, { name: 'in-other' })),
    ];
    await yard.claim(agent, 3);
    const list = (input: Parameters<typeof listSlots>[1]) =>
      api.db.inWorkspace(yard.workspaceId, (tx) => listSlots({ tx, workspace: { id: yard.workspaceId } } as Ctx, input));

    const first = await list({ pool: 'local', limit: 2 });
    const rest = await list({ pool: 'local', limit: 2, cursor: first.nextCursor as string });
    expect([...first.items, ...rest.items].map((item) => item.run.id).sort()).toEqual(runs.map((id) => toId('run', id)).sort());
    expect(rest.nextCursor).toBeNull();
    expect(first.items[0]).toMatchObject({
      run: { name: 'in-default', state: 'Pending' },
      deployment: { flow: 'weather' },
      queue: 'default',
      agent: { id: toId('agent', agent) },
      since: expect.any(String),
    });
    const inOther = await list({
      pool: 'local',
      queue: (await yard.q('SELECT name FROM work_queue WHERE id = $1', [other]))[0].name,
      limit: 5,
    });
    expect(inOther.items).toMatchObject([{ run: { name: 'in-other' } }]);
  });

  it('of a stranger or an unknown queue are not found', async () => {
    const { id } = await tenant.owner.workPools.get({ pool: 'local' });
    expect((await refusal(stranger.owner.workPools.slots({ pool: id }))).code).toBe('NOT_FOUND');
    expect((await refusal(tenant.owner.workPools.slots({ pool: 'local', queue: 'none' }))).code).toBe('NOT_FOUND');
    expect((await tenant.as('viewer').workPools.slots({ pool: 'local' })).items).toEqual([]);
  });
});

describe('delete', () => {
  it('revokes its agents and leaves its deployments without a pool', async () => {
    const own = await api.tenant();
    await own.owner.deployments.deploy(deployOf());
    const agent = await addAgent(own, { leaseUntil: inAnHour() });
    expect(await own.owner.workPools.delete({ pool: 'local' })).toEqual({ deleted: true });
    expect(api.sent.revoked).toContain(agent.publicKey);
    expect((await own.owner.deployments.get({ deployment: 'weather/daily' })).pool).toBeNull();
    expect(await own.audit('work-pool.delete')).toHaveLength(1);
  });

  it('is refused while a run is being executed', async () => {
    const own = await api.tenant();
    const agent = await addAgent(own);
    const queue = await api.db.system.workQueue.findFirstOrThrow({ where: { poolId: own.poolId } });
    const ids = { runId: uuidv7(Date.now()), deploymentId: uuidv7(Date.now()) };
    await api.db.system.holder.create({
      data: { ...ids, epoch: 1n, workspaceId: own.workspaceId, poolId: own.poolId, queueId: queue.id, agentId: agent.id },
    });
    expect(await refusal(own.owner.workPools.delete({ pool: 'local' }))).toEqual({
      code: 'PRECONDITION_FAILED',
      message: 'Work pool "local" still executes 1 run: wait or cancel first.',
    });
    expect((await own.owner.workPools.get({ pool: 'local' })).slotsHeld).toBe(1);
  });
});
