/** Limits through the API: what people may do, what is told of who holds and who waits, and what a running flow is answered. */
import { randomUUID } from 'node:crypto';
import { toId } from '@signalbox/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { createDispatchCtx, createYard, passServedTime, type Yard } from '../../../test/dispatch.ts';
import { positionAll } from '../../../test/events.ts';
import { createSlotYard, type RunAtWork } from '../../../test/slots.ts';
import { answerCall } from '../calls/serve-calls.ts';
import { sweepLines, tidyLimits } from './loop.ts';

let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(async () => {
  tenant = await api.tenant();
});
afterAll(() => api?.[Symbol.asyncDispose]());

describe('steering limits', () => {
  test('one is made, shown, changed and deleted, each with its audit row', async () => {
    const { owner } = tenant;
    const made = await owner.limits.create({ name: 'db', slots: 2, description: 'the warehouse' });
    expect(made).toMatchObject({ name: 'db', slots: 2, active: true, decayPerSecond: null, taken: 0, waiting: 0 });
    expect(await owner.limits.get({ limit: 'db' })).toEqual(made);
    expect(await owner.limits.get({ limit: made.id })).toEqual(made);
    expect((await owner.limits.list({})).items).toEqual([made]);
    expect(await owner.limits.update({ limit: 'db', slots: 5, active: false })).toMatchObject({
      slots: 5,
      active: false,
      description: 'the warehouse',
    });
    expect(await owner.limits.delete({ limit: 'db' })).toEqual({ deleted: true });
    expect(await refusal(owner.limits.get({ limit: 'db' }))).toEqual({ code: 'NOT_FOUND', message: 'No limit "db" in this workspace.' });
    expect(await tenant.audit('limit.update')).toMatchObject([{ before: { slots: 2, active: true }, after: { slots: 5, active: false } }]);
    expect(await tenant.audit('limit.create')).toMatchObject([{ targetKind: 'limit', before: null, after: { name: 'db', slots: 2 } }]);
    expect(await tenant.audit('limit.delete')).toMatchObject([{ before: { name: 'db', slots: 5 }, after: null }]);
  });

  test('a name that is taken, and values out of range, are refused by name', async () => {
    await tenant.owner.limits.create({ name: 'db', slots: 2 });
    expect(await refusal(tenant.owner.limits.create({ name: 'db', slots: 3 }))).toMatchObject({ code: 'CONFLICT' });
    await expect(tenant.owner.limits.create({ name: 'x', slots: -1 })).rejects.toThrow(/slots/);
    await expect(tenant.owner.limits.create({ name: ' x', slots: 1 })).rejects.toThrow(/spaces around/);
    await expect(tenant.owner.limits.create({ name: 'x', slots: 1, decayPerSecond: 0 })).rejects.toThrow(/decayPerSecond/);
    expect(await refusal(tenant.owner.limits.holders({ of: 'db', cursor: 'x' }))).toMatchObject({ code: 'INVALID_INPUT' });
  });

  test("a stranger's limit is not found, and a missing scope is refused", async () => {
    const stranger = await api.tenant();
    await stranger.owner.limits.create({ name: 'theirs', slots: 1 });
    const { limits } = tenant.owner;
    for (const call of [
      () => limits.get({ limit: 'theirs' }),
      () => limits.update({ limit: 'theirs', slots: 9 }),
      () => limits.delete({ limit: 'theirs' }),
      () => limits.holders({ of: 'theirs' }),
      () => limits.waiters({ of: 'theirs' }),
    ])
      expect(await refusal(call())).toMatchObject({ code: 'NOT_FOUND' });
    expect((await tenant.owner.limits.list({})).items).toEqual([]);
    await tenant.owner.limits.create({ name: 'ours', slots: 1 });
    expect(await refusal(tenant.as('viewer').limits.update({ limit: 'ours', slots: 2 }))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusal(tenant.as('operator').limits.create({ name: 'mine', slots: 2 }))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await tenant.as('operator').limits.update({ limit: 'ours', slots: 2 })).toMatchObject({ slots: 2 });
    expect((await tenant.as('viewer').limits.list({})).items).toHaveLength(1);
  });

  test('what code declares is made when missing, and left as people set it when there', async () => {
    await tenant.owner.limits.create({ name: 'db', slots: 7 });
    const declared = [
      { name: 'db', slots: 2 },
      { name: 'api', slots: 10, decayPerSecond: 2 },
    ];
    expect((await tenant.owner.limits.ensure({ limits: declared })).limits).toEqual([
      { name: 'db', created: false, differs: ['slots: 2 in code, 7 here, which stays'] },
      { name: 'api', created: true, differs: [] },
    ]);
    expect(await tenant.owner.limits.get({ limit: 'db' })).toMatchObject({ slots: 7 });
    expect(await tenant.owner.limits.get({ limit: 'api' })).toMatchObject({ slots: 10, decayPerSecond: 2 });
    expect((await tenant.owner.limits.ensure({ limits: declared })).limits[1]).toEqual({ name: 'api', created: false, differs: [] });
  });

  test('pages go on where they ended', async () => {
    for (let i = 0; i < 5; i++) await tenant.owner.limits.create({ name: `l${i}`, slots: 1 });
    const first = await tenant.owner.limits.list({ limit: 3 });
    const second = await tenant.owner.limits.list({ limit: 3, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['l4', 'l3', 'l2', 'l1', 'l0']);
    expect(second.nextCursor).toBeNull();
  });
});

describe('who holds and who waits', () => {
  let yard: Yard;
  let slots: ReturnType<typeof createSlotYard>;
  let runs: RunAtWork[];
  let ctx: ReturnType<typeof createDispatchCtx>;

  beforeEach(async () => {
    yard = await createYard(api.db, tenant.workspaceId);
    slots = createSlotYard(api.db, yard);
    runs = await slots.running(4, await yard.addAgent());
    ctx = createDispatchCtx(api.db);
    await tenant.owner.limits.create({ name: 'db', slots: 2 });
  });

  test('is listed by run and task, in order, in pages; the counts are the rows', async () => {
    const { owner } = tenant;
    const [a, b, c, d] = runs as [RunAtWork, RunAtWork, RunAtWork, RunAtWork];
    await slots.take(a, ['db'], { task: { ordinal: 3, name: 'load' } });
    await slots.take(b, ['db']);
    await slots.take(c, ['db'], { slots: 2 });
    await slots.take(d, ['db']);
    expect(await owner.limits.get({ limit: 'db' })).toMatchObject({ taken: 2, waiting: 2 });
    const first = await owner.limits.holders({ of: 'db', limit: 1 });
    expect(first.items).toMatchObject([{ run: { id: toId('run', a.runId), name: 'run-0' }, task: { ordinal: 3, name: 'load' }, slots: 1 }]);
    const second = await owner.limits.holders({ of: 'db', limit: 1, cursor: first.nextCursor ?? '' });
    expect(second).toMatchObject({ items: [{ run: { id: toId('run', b.runId) }, task: null }], nextCursor: null });
    const line = await owner.limits.waiters({ of: 'db', limit: 1 });
    expect(line.items).toMatchObject([{ run: { id: toId('run', c.runId) }, slots: 2, isSilent: false }]);
    await passServedTime(api.db, 31_000);
    expect((await owner.limits.waiters({ of: 'db', cursor: line.nextCursor ?? '' })).items).toMatchObject([
      { run: { id: toId('run', d.runId) }, isSilent: true },
    ]);
  });

  test('changes at once: room that a person makes wakes who is first, and a slot can be freed by hand', async () => {
    const [a, b, c] = runs as [RunAtWork, RunAtWork, RunAtWork];
    await slots.take(a, ['db'], { slots: 2 });
    const ask = randomUUID();
    await slots.take(b, ['db'], { requestId: ask });
    api.sent.commands.length = 0;
    await tenant.owner.limits.update({ limit: 'db', slots: 3 });
    expect(api.sent.commands).toMatchObject([{ agentId: b.agentId, verb: 'wake', body: { run: toId('run', b.runId) } }]);
    expect(await slots.take(b, ['db'], { requestId: ask })).toMatchObject({ granted: true });

    await slots.take(c, ['db']);
    const [holder] = (await tenant.owner.limits.holders({ of: 'db' })).items;
    const freed = { limit: 'db', run: toId('run', a.runId), request: holder?.request ?? '' };
    api.sent.commands.length = 0;
    expect(await tenant.as('operator').limits.freeSlots(freed)).toMatchObject({ taken: 1 });
    expect(api.sent.commands).toMatchObject([{ body: { run: toId('run', c.runId) } }]);
    expect(await refusal(tenant.owner.limits.freeSlots(freed))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await tenant.audit('limit.free-slots')).toMatchObject([{ before: { holder: { run: toId('run', a.runId) } }, after: null }]);
  });

  test('is explained of the run that waits: which task, since when, and behind whom', async () => {
    const [a, b, c] = runs as [RunAtWork, RunAtWork, RunAtWork];
    await slots.take(a, ['db'], { slots: 2, task: { ordinal: 1, name: 'load' } });
    await slots.take(b, ['db']);
    await slots.take(c, ['db'], { task: { ordinal: 2, name: 'copy' } });
    const { blockers } = await tenant.owner.runs.explain({ run: toId('run', c.runId) });
    expect(blockers).toMatchObject([
      {
        kind: 'limit-full',
        message: 'Task "copy" waits: 2 of the 2 slots of limit "db" are taken, held by run-0 (task "load"); 1 request stands before it.',
        holders: [{ run: toId('run', a.runId), name: 'run-0' }],
        holderCount: 1,
      },
    ]);
    expect((await tenant.owner.runs.explain({ run: toId('run', a.runId) })).blockers).toEqual([]);
    await tenant.owner.limits.update({ limit: 'db', slots: 4 });
    expect((await tenant.owner.runs.explain({ run: toId('run', c.runId) })).blockers).toEqual([]);
  });

  test('a limit that is deleted or switched off holds nobody back', async () => {
    const [a, b] = runs as [RunAtWork, RunAtWork];
    await slots.take(a, ['db'], { slots: 2 });
    const ask = randomUUID();
    await slots.take(b, ['db'], { requestId: ask });
    api.sent.commands.length = 0;
    await tenant.owner.limits.update({ limit: 'db', active: false });
    expect(api.sent.commands).toHaveLength(1);
    await tenant.owner.limits.update({ limit: 'db', active: true });
    await tenant.owner.limits.delete({ limit: 'db' });
    expect(api.sent.commands).toHaveLength(2);
    expect(await slots.take(b, ['db'], { requestId: ask })).toEqual({ granted: true, unknown: ['db'] });
  });

  test('a running flow is answered through its agent, and told what is wrong in words', async () => {
    const [a, b] = runs as [RunAtWork, RunAtWork];
    const call = (run: RunAtWork, op: object) =>
      answerCall(
        ctx,
        { workspaceId: yard.workspaceId, agentId: run.agentId },
        { v: 1, session: 1, run: toId('run', run.runId), epoch: run.epoch, op },
      );
    const acquire = (more: object = {}) => ({
      name: 'slots.acquire',
      requestId: randomUUID(),
      limits: ['db'],
      slots: 2,
      strict: false,
      rateOnly: false,
      wait: true,
      task: null,
      ...more,
    });
    const held = acquire();
    expect(await call(a, held)).toEqual({ granted: true, full: [], unknown: [] });
    expect(await call(b, acquire())).toEqual({ granted: false, full: ['db'], unknown: [] });
    expect(await call(a, { name: 'slots.release', requestId: held.requestId })).toEqual({ released: true, yours: false });
    await expect.poll(() => ctx.bus.told.filter(({ verb }) => verb === 'wake')).toHaveLength(1);
    await expect(call(a, acquire({ slots: 3 }))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: 'occupy: expected at most the 2 slots of limit "db", got 3',
    });
    await expect(call(a, acquire({ limits: ['nowhere'], strict: true }))).rejects.toMatchObject({
      message: 'No limit "nowhere" in this workspace. Make it with: signalbox limits create nowhere --slots 1',
      details: { unknown: ['nowhere'] },
    });
    await expect(call(a, acquire({ rateOnly: true }))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(call({ ...a, epoch: 1 }, acquire())).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'stale' } });
    await expect(call(a, acquire({ limits: Array(21).fill('db') }))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('a wake that was lost is made up for by the sweep', async () => {
    const [a, b] = runs as [RunAtWork, RunAtWork];
    const held = randomUUID();
    await slots.take(a, ['db'], { slots: 2, requestId: held });
    await slots.take(b, ['db']);
    // The sweep is everybody's: other tests' workspaces are not looked at.
    const told = () => ctx.bus.told.filter(({ workspaceId }) => workspaceId === yard.workspaceId);
    await sweepLines(ctx);
    expect(told()).toEqual([]);
    await slots.giveBack(a, held);
    await sweepLines(ctx);
    expect(told()).toMatchObject([{ kind: 'command', verb: 'wake', id: b.agentId }]);
  });

  test('that runs wait for is told when it has lasted, and that none does, once each', async () => {
    const [a, b] = runs as [RunAtWork, RunAtWork];
    const held = randomUUID();
    const told = async () => {
      await positionAll(ctx.db.systemSql);
      return (await tenant.owner.events.list({ names: ['limit.*'], after: 0 })).items;
    };
    await slots.take(a, ['db'], { slots: 2, requestId: held });
    await slots.take(b, ['db']);
    await sweepLines(ctx);
    await sweepLines(ctx);
    expect(await told()).toEqual([]);
    for (let turn = 0; turn < 3; turn++) await sweepLines(ctx, 0);
    const saturated = { name: 'limit.saturated', resource: { kind: 'limit', name: 'db' }, payload: { slots: 2, held: 2, waiting: 1 } };
    expect(await told()).toMatchObject([saturated]);
    await yard.q('DELETE FROM limit_waiter WHERE run_id = $1', [b.runId]);
    await sweepLines(ctx);
    // Somebody waits again before it was told: nothing was.
    await slots.take(b, ['db']);
    await sweepLines(ctx, 0);
    expect(await told()).toMatchObject([saturated]);
    await yard.q('DELETE FROM limit_waiter WHERE run_id = $1', [b.runId]);
    for (let turn = 0; turn < 3; turn++) await sweepLines(ctx, 0);
    expect(await told()).toMatchObject([saturated, { name: 'limit.available', payload: { waiting: 0 } }]);
  });

  test('tidying forgets old receipts and finds no slot without an owner; if there were one, it would be freed', async () => {
    const [a] = runs as [RunAtWork];
    await slots.take(a, ['db']);
    await slots.giveBack(a, randomUUID());
    await yard.q(`UPDATE limit_receipt SET made_at = made_at - interval '11 minutes'`);
    expect(await tidyLimits(ctx)).toBe(0);
    expect(await yard.q('SELECT 1 FROM limit_receipt WHERE run_id = $1', [a.runId])).toEqual([]);
    await yard.q('UPDATE limit_holder SET epoch = epoch - 1 WHERE run_id = $1', [a.runId]);
    expect(await tidyLimits(ctx)).toBe(1);
    expect(await tenant.owner.limits.get({ limit: 'db' })).toMatchObject({ taken: 0 });
  });
});
