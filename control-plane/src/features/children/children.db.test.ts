/** Runs that runs start: one a step, read by their parent alone, ended with it; and slots while a parent waits. */
import { randomUUID } from 'node:crypto';
import { toId, toUuid } from '@signalbox/proto';
import type { CreateChildOp, CreateChildReply, ReadChildrenReply } from '@signalbox/proto/messages';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createDispatchCtx, createYard, type Yard } from '../../../test/dispatch.ts';
import type { Intent, Owner } from '../../domain/run-snapshot.ts';
import { type Db, openDb } from '../../platform/db.ts';
import type { SqlCtx } from '../../platform/services.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { answerCall } from '../calls/serve-calls.ts';
import { endChildren } from '../dispatch/end-children.ts';
import { type AfterCommit, resumeParents, transitionRun, transitionRuns } from '../dispatch/index.ts';
import { sweepFamilies } from '../dispatch/sweep-loop.ts';
import { explainRun } from '../runs/explain/explain-run.ts';
import { MAX_DEPTH } from './create-child.ts';

type Running = { readonly runId: string; readonly owner: Owner };

let database: TestDatabase;
let db: Db;
let yard: Yard;
let agent: string;
let etl: string;
let load: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 8 });
});
beforeEach(async () => {
  yard = await createYard(db);
  agent = await yard.addAgent();
  [etl, load] = [await yard.addDeployment(), await yard.addDeployment()];
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const claimed = new Map<string, { runId: string; epoch: number }>();
async function start(runId: string): Promise<Running> {
  // A limit whose waiters are woken at this instant is passed over, and the answer says that there is more.
  for (let isMore = true; isMore && !claimed.has(runId); ) {
    const answer = await yard.claim(agent);
    for (const each of answer.runs) claimed.set(each.runId, each);
    isMore = answer.more;
  }
  const run = claimed.get(runId);
  if (!run) throw new Error('the run was not given out');
  claimed.delete(runId);
  await yard.permit(agent, run);
  const owner = { agentId: agent, epoch: run.epoch };
  await move(runId, { kind: 'start', owner });
  return { runId, owner };
}
async function startParent(deploymentId = etl): Promise<Running> {
  const [runId = ''] = await yard.addRuns(deploymentId);
  return start(runId);
}
const move = (runId: string, intent: Intent) => db.inWorkspace(yard.workspaceId, (tx) => transitionRun(sqlOfTx(tx), { runId, intent }));
const complete = ({ runId, owner }: Running) => move(runId, { kind: 'complete', owner, result: { encoding: 'json', body: 42 } });
const failure = { kind: 'application', message: 'boom' } as const;
const fail = ({ runId, owner }: Running) => move(runId, { kind: 'fail', owner, failure });

const call = <Reply>({ runId, owner }: Running, op: object): Promise<Reply> =>
  answerCall(
    createDispatchCtx(db),
    { workspaceId: yard.workspaceId, agentId: owner.agentId },
    { v: 1, session: 1, run: toId('run', runId), epoch: owner.epoch, op },
  ) as Promise<Reply>;
const create = (parent: Running, more: Partial<CreateChildOp> = {}) =>
  call<CreateChildReply>(parent, {
    name: 'children.create',
    step: 'etl/load#1',
    ordinal: 1,
    deployment: toId('deployment', load),
    parameters: {},
    tags: [],
    onParentEnd: 'cancel',
    ...more,
  });
const childOf = async (parent: Running, more: Partial<CreateChildOp> = {}) => toUuid('run', (await create(parent, more)).run);
const read = (parent: Running, ...runIds: string[]) =>
  call<ReadChildrenReply>(parent, { name: 'children.read', runs: runIds.map((runId) => ({ run: toId('run', runId) })) });
const wait = (parent: Running, ...runIds: string[]) =>
  call<{ waiting: boolean }>(parent, { name: 'children.await', runs: runIds.map((runId) => toId('run', runId)) });
const resume = (parent: Running) => call<{ resumed: boolean }>(parent, { name: 'children.resume' });
const holderIds = async () => (await yard.holders()).map((row) => row.run_id);

describe('a step of a parent', () => {
  test('makes one run, however often it asks, at once or later', async () => {
    const parent = await startParent();
    const replies = await Promise.all([create(parent), create(parent), create(parent)]);
    expect(new Set(replies.map(({ run }) => run)).size).toBe(1);
    expect(replies.filter(({ isNew }) => isNew)).toHaveLength(1);
    const runId = toUuid('run', replies[0]?.run ?? '');
    expect(await yard.record(runId)).toMatchObject({
      parent_run_id: parent.runId,
      parent_epoch: String(parent.owner.epoch),
      parent_ordinal: 1,
      parent_step: 'etl/load#1',
      created_by: 'flow',
      depth: 1,
    });
    expect((await create(parent, { step: 'etl/load#2' })).run).not.toBe(replies[0]?.run);
  });

  test('goes on under the trace of the step, and under none when that is no trace context', async () => {
    const parent = await startParent();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const parametersOf = async (more: Partial<CreateChildOp>) => (await yard.record(await childOf(parent, more)))?.parameters;
    expect(await parametersOf({ traceparent })).toMatchObject({ traceparent });
    expect(await parametersOf({ step: 'etl/load#2', traceparent: 'x' })).not.toHaveProperty('traceparent');
  });

  test("finds its run again in the parent's next attempt: one that lives, one that completed", async () => {
    const retry = await yard.addDeployment({ retry: { retries: 2, delaysMs: [0] } });
    const first = await startParent(retry);
    const child = await childOf(first);
    await fail(first);
    const second = await start(first.runId);
    expect(second.owner.epoch).toBeGreaterThan(first.owner.epoch);
    expect(await childOf(second)).toBe(child);
    await complete(await start(child));
    await fail(second);
    const third = await start(first.runId);
    expect(await childOf(third)).toBe(child);
    expect((await read(third, child)).ended).toMatchObject([{ state: { type: 'COMPLETED' }, result: { body: 42 } }]);
  });

  test('makes another run when an earlier attempt’s failed, and shows the failed one to the attempt that made it', async () => {
    const retry = await yard.addDeployment({ retry: { retries: 1, delaysMs: [0] } });
    const first = await startParent(retry);
    const child = await childOf(first);
    await fail(await start(child));
    expect(await childOf(first)).toBe(child);
    const other = await childOf(first, { replaces: toId('run', child) });
    expect(other).not.toBe(child);
    expect(await childOf(first, { replaces: toId('run', child) })).toBe(other);
    await fail(await start(other));
    await fail(first);
    expect([child, other]).not.toContain(await childOf(await start(first.runId)));
  });

  test('makes another run when the parent is retried from the start, or asks for something else', async () => {
    const first = await startParent();
    const child = await childOf(first);
    await complete(await start(child));
    await fail(first);
    await move(first.runId, { kind: 'retry-by-hand', by: 'Ada', mode: 'from-failed' });
    const second = await start(first.runId);
    expect(await childOf(second)).toBe(child);
    expect(await childOf(second, { parameters: { n: 2 } })).not.toBe(child);
    await fail(second);
    await move(first.runId, { kind: 'retry-by-hand', by: 'Ada', mode: 'from-start' });
    expect(await childOf(await start(first.runId))).not.toBe(child);
  });

  test('with an idempotency key finds the run of that key, whoever made it, and may read it', async () => {
    const [one, other] = [await startParent(), await startParent()];
    const key = { idempotencyKey: `nightly-${randomUUID()}` };
    const child = await childOf(one, key);
    expect(await create(other, key)).toMatchObject({ run: toId('run', child), isNew: false });
    await expect(create(other, { ...key, step: 'etl/load#2', parameters: { n: 1 } })).rejects.toMatchObject({ code: 'CONFLICT' });
    const runs = [{ run: toId('run', child), key: key.idempotencyKey }];
    expect(await call(other, { name: 'children.read', runs })).toEqual({ ended: [], gone: [] });
  });

  test('is refused: unknown deployment, too deep, an epoch that is over, a run that is being cancelled', async () => {
    const parent = await startParent();
    await expect(create(parent, { deployment: 'etl/nothing' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await yard.q('UPDATE run SET depth = $2 WHERE id = $1', [parent.runId, MAX_DEPTH]);
    await expect(create(parent)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await expect(create({ ...parent, owner: { ...parent.owner, epoch: 1 } })).rejects.toMatchObject({ code: 'CONFLICT' });
    await move(parent.runId, { kind: 'cancel', by: 'Ada' });
    await expect(create(parent)).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'not-running' } });
  });

  test("another tenant's deployment is not found", async () => {
    const [parent, elsewhere] = [await startParent(), await createYard(db)];
    const theirs = await elsewhere.addDeployment();
    await expect(create(parent, { deployment: toId('deployment', theirs) })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('a claim says who started the run, and from which epoch on its history counts', async () => {
  const parent = await startParent();
  const child = await childOf(parent);
  const given = (await yard.claim(agent)).runs.find(({ runId }) => runId === child);
  expect(given).toMatchObject({ parent: parent.runId, replayFloor: 0 });
  await move(child, {
    kind: 'start-failed',
    owner: { agentId: agent, epoch: given?.epoch ?? 0 },
    failure: { ...failure, retryable: false },
  });
  await move(child, { kind: 'retry-by-hand', by: 'Ada', mode: 'from-start' });
  const floor = Number((await yard.dispatchRow(child)).epoch);
  const again = (await yard.claim(agent)).runs.find(({ runId }) => runId === child);
  expect(again?.replayFloor).toBe(floor);
  expect(again?.epoch).toBeGreaterThan(floor);
});

describe('reading', () => {
  test('tells of those that ended; what is not its own is gone', async () => {
    const [parent, stranger] = [await startParent(), await startParent()];
    const [done, live] = [await childOf(parent), await childOf(parent, { step: 's2' })];
    const theirs = await childOf(stranger);
    await fail(await start(done));
    expect(await read(parent, done, live, theirs)).toMatchObject({
      ended: [{ run: toId('run', done), state: { type: 'FAILED', message: 'boom' }, failure, result: null }],
      gone: [toId('run', theirs)],
    });
  });

  test('of many large results answers as many as fit, and the rest when asked again', async () => {
    const parent = await startParent();
    const children: string[] = [];
    for (let n = 1; n <= 4; n++) {
      const child = await childOf(parent, { step: `s${n}` });
      const { owner } = await start(child);
      await move(child, { kind: 'complete', owner, result: { encoding: 'json', body: 'x'.repeat(50_000) } });
      children.push(child);
    }
    const first = await read(parent, ...children);
    expect(first.ended).toHaveLength(2);
    const rest = children.filter((child) => !first.ended.some(({ run }) => run === toId('run', child)));
    expect((await read(parent, ...rest)).ended).toHaveLength(2);
  });
});

describe('a parent that waits', () => {
  const limitPool = (limit: number | null) => yard.q('UPDATE work_pool SET concurrency_limit = $2 WHERE id = $1', [yard.poolId, limit]);

  test('gives its slots up, and takes them again ahead of new claims', async () => {
    await limitPool(1);
    const parent = await startParent();
    const child = await childOf(parent);
    await yard.addRuns(etl);
    expect((await yard.claim(agent)).runs).toEqual([]);
    expect(await wait(parent, child)).toEqual({ waiting: true });
    expect(await wait(parent, child)).toEqual({ waiting: true });
    expect(await yard.dispatchRow(parent.runId)).toMatchObject({ state_name: 'AwaitingChild', agent_id: agent });
    expect(await holderIds()).toEqual([]);

    const running = await start(child);
    expect(await resume(parent)).toEqual({ resumed: false });
    await complete(running);
    expect((await yard.claim(agent)).runs).toEqual([]);
    expect(await resume(parent)).toEqual({ resumed: true });
    expect(await holderIds()).toEqual([parent.runId]);
    expect(await yard.dispatchRow(parent.runId)).toMatchObject({ state_name: 'Running', awaiting_since: null, resume_since: null });
    expect(await resume(parent)).toEqual({ resumed: true });
  });

  test('does not begin to wait for a child that has ended', async () => {
    const parent = await startParent();
    const child = await childOf(parent);
    await complete(await start(child));
    expect(await wait(parent, child)).toEqual({ waiting: false });
    expect(await holderIds()).toEqual([parent.runId]);
  });

  test('goes on when a slot is freed, those that wait longest first, and never above a limit', async () => {
    const limited = await yard.addDeployment({ limit: 1 });
    const parents: Running[] = [];
    for (let n = 0; n < 3; n++) {
      const parent = await startParent(limited);
      expect(await wait(parent, await childOf(parent))).toEqual({ waiting: true });
      parents.push(parent);
    }
    const resumed = [];
    for (const parent of parents) resumed.push((await resume(parent)).resumed);
    expect(resumed).toEqual([true, false, false]);
    const [first, second, third] = parents as [Running, Running, Running];
    const { effects } = await complete(first);
    expect(effects).toContainEqual({ kind: 'resume-parents', poolId: yard.poolId });
    expect(await resumeParents({ db }, yard.poolId)).toContainEqual({
      kind: 'wake-run',
      workspaceId: yard.workspaceId,
      runId: second.runId,
    });
    expect((await yard.holders()).filter((row) => row.deployment_id === limited).map((row) => row.run_id)).toEqual([second.runId]);
    // The hint was lost: the sweep makes up for it.
    await complete(second);
    await sweepFamilies(createDispatchCtx(db));
    expect((await resume(third)).resumed).toBe(true);
  });

  test('keeps waiting while its agent is lost and after it is back, without a slot', async () => {
    const parent = await startParent();
    await wait(parent, await childOf(parent));
    await move(parent.runId, { kind: 'lose', why: 'silent' });
    expect(await resume(parent)).toEqual({ resumed: false });
    await move(parent.runId, { kind: 'regain' });
    expect(await yard.dispatchRow(parent.runId)).toMatchObject({ state_name: 'AwaitingChild' });
    expect(await holderIds()).toEqual([]);
    expect(await resume(parent)).toEqual({ resumed: true });
  });

  test('that is cancelled, or given up, holds nothing and frees nobody twice', async () => {
    const [cancelled, crashed] = [await startParent(), await startParent()];
    for (const parent of [cancelled, crashed]) await wait(parent, await childOf(parent, { onParentEnd: 'leave' }));
    await move(cancelled.runId, { kind: 'cancel', by: 'Ada' });
    expect((await yard.dispatchRow(cancelled.runId)).awaiting_since).not.toBeNull();
    await expect(resume(cancelled)).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'cancelling' } });
    await move(cancelled.runId, { kind: 'cancelled-observed', owner: cancelled.owner });
    await move(crashed.runId, { kind: 'crash', owner: crashed.owner, failure: { kind: 'crashed', message: 'exit code 1' } });
    expect(await holderIds()).toEqual([]);
    await expect(resume(crashed)).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'stale' } });
  });

  test('is told of the end of a child, and nobody else is', async () => {
    const parent = await startParent();
    const child = await start(await childOf(parent));
    const { effects } = await complete(child);
    const wakes = effects.filter(({ kind }) => kind === 'wake-run');
    expect(wakes).toEqual([{ kind: 'wake-run', workspaceId: yard.workspaceId, runId: parent.runId }]);
  });
});

describe('a parent that does several things at once', () => {
  test('starts a child also while another branch of it waits for a person', async () => {
    const parent = await startParent();
    await move(parent.runId, { kind: 'pause', owner: parent.owner });
    const child = await childOf(parent);
    expect(await yard.dispatchRow(child)).toMatchObject({ parent_run_id: parent.runId });
    expect(await yard.dispatchRow(parent.runId)).toMatchObject({ state_name: 'Paused', has_children: true });
  });

  test('and waits for a child before its start was reported has started, also for whoever finds it again', async () => {
    const [runId = ''] = await yard.addRuns(etl);
    const [given] = (await yard.claim(agent)).runs;
    await yard.permit(agent, given as { runId: string; epoch: number });
    const parent = { runId, owner: { agentId: agent, epoch: given?.epoch ?? 0 } };
    await wait(parent, await childOf(parent));
    expect((await yard.dispatchRow(runId)).started_at).not.toBeNull();
    await move(runId, { kind: 'lose', why: 'silent' });
    await move(runId, { kind: 'regain' });
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_name: 'AwaitingChild', deadline_at: null });
  });

  test('and cannot go on for its own limit leaves the room of the pool to others', async () => {
    await yard.q('UPDATE work_pool SET concurrency_limit = 2 WHERE id = $1', [yard.poolId]);
    const one = await yard.addDeployment({ limit: 1 });
    const parent = await startParent(one);
    const child = await childOf(parent);
    await wait(parent, child);
    const holder = await startParent(one);
    await complete(await start(child));
    expect(await resume(parent)).toEqual({ resumed: false });
    // One slot of the pool is the holder's, the other would be the parent's: it may not take it, others may.
    const [other = ''] = await yard.addRuns(etl);
    await complete(await start(other));
    await complete(holder);
    expect(await resume(parent)).toEqual({ resumed: true });
    expect(await holderIds()).toEqual([parent.runId]);
  });

  test('and cannot go on for its queue or its key leaves the room of the pool to others, too', async () => {
    await yard.q('UPDATE work_pool SET concurrency_limit = 2 WHERE id = $1', [yard.poolId]);
    const narrow = await yard.addQueue(2, 1);
    for (const options of [{ queueId: narrow }, { key: { limit: 1, parts: ['same'] } }]) {
      const one = await yard.addDeployment(options);
      const parent = await startParent(one);
      const child = await childOf(parent);
      await wait(parent, child);
      const holder = await startParent(one);
      await complete(await start(child));
      expect(await resume(parent)).toEqual({ resumed: false });
      const [other = ''] = await yard.addRuns(etl);
      await complete(await start(other));
      await complete(holder);
      expect(await resume(parent)).toEqual({ resumed: true });
      await complete(parent);
    }
  });
});

describe('explain', () => {
  const explain = async (runId: string) => {
    const explained = await db.readWorkspaceSql(yard.workspaceId, (sql) =>
      explainRun({ sql, workspace: { id: yard.workspaceId } } as unknown as SqlCtx, { run: toId('run', runId) }),
    );
    return Object.fromEntries(explained.blockers.map((each) => [each.kind, each]));
  };

  test('of a parent names the children it waits for, and then its wait for slots', async () => {
    await yard.q('UPDATE work_pool SET concurrency_limit = 1 WHERE id = $1', [yard.poolId]);
    const parent = await startParent();
    const child = await childOf(parent, { runName: 'load-north' });
    await wait(parent, child);
    expect((await explain(parent.runId)).child).toMatchObject({
      message: 'It waits for load-north.',
      holders: [{ run: toId('run', child) }],
    });
    const running = await start(child);
    await resume(parent);
    expect(await explain(parent.runId)).toMatchObject({ resume: { frees: 'A slot of its pool, queue or deployment becomes free.' } });
    // The one slot is the child's, the next is its parent's: a run that has not begun sees a full pool either way.
    const [later = ''] = await yard.addRuns(etl);
    await complete(running);
    expect(Object.keys(await explain(later))).toContain('pool-full');
    await resume(parent);
    expect(await explain(parent.runId)).toEqual({});
  });

  test('names the circle of parents that keep all processes of a pool, and nothing once there is room', async () => {
    await yard.q('UPDATE agent SET max_processes = 2, slots = 2 WHERE id = $1', [agent]);
    const parents = [await startParent(), await startParent()];
    const children: string[] = [];
    for (const parent of parents) children.push(await childOf(parent));
    for (const [n, parent] of parents.entries()) await wait(parent, children[n] ?? '');
    const found = await explain(children[0] ?? '');
    expect(found['processes-full']?.message).toContain(
      'keep as many processes as they may (2), 2 of them for runs that wait for their children',
    );
    expect(found.deadlock?.message).toMatch(
      /^Deadlock: none of these can go on by itself\. .* waits for room for a process in work pool "local"/,
    );
    expect((await explain(parents[1]?.runId ?? '')).deadlock?.holderCount).toBe(2);
    await yard.q('UPDATE agent SET max_processes = 3 WHERE id = $1', [agent]);
    expect(await explain(children[0] ?? '')).toEqual({});
  });

  test('names a parent that holds the named limit its child waits for', async () => {
    const limitId = randomUUID();
    await yard.q(`INSERT INTO named_limit (id, workspace_id, name, slots) VALUES ($1, $2, 'db', 1)`, [limitId, yard.workspaceId]);
    const parent = await startParent();
    const acquire = { name: 'slots.acquire', limits: ['db'], slots: 1, strict: true, rateOnly: false, wait: true, task: null };
    await call(parent, { ...acquire, requestId: randomUUID() });
    const child = await start(await childOf(parent));
    expect(await call(child, { ...acquire, requestId: randomUUID() })).toMatchObject({ granted: false });
    expect((await explain(child.runId)).deadlock).toBeUndefined();
    await wait(parent, child.runId);
    // What it took by name it keeps while it waits.
    expect((await explain(child.runId)).deadlock?.message).toContain('waits for a slot of limit "db"');
    expect((await explain(parent.runId)).deadlock?.frees).toBe('A higher limit "db". Or cancel one of these runs.');
  });
});

describe('the end of a parent', () => {
  const nameOf = async (runId: string) => (await yard.dispatchRow(runId))?.state_name ?? (await yard.record(runId))?.state_name;
  const deal = async (effects: readonly AfterCommit[]) => {
    if (effects.some(({ kind }) => kind === 'end-children')) await deal(await endChildren({ db }));
  };

  test('that is cancelled: children, and children of children, are cancelled at once; those to be left are left', async () => {
    const parent = await startParent();
    const child = await start(await childOf(parent));
    const grandchild = await childOf(child);
    const left = await childOf(parent, { step: 's2', onParentEnd: 'leave' });
    await deal((await move(parent.runId, { kind: 'cancel', by: 'Ada' })).effects);
    expect(await yard.dispatchRow(child.runId)).toMatchObject({
      state_type: 'CANCELLING',
      state_message: `cancelled by the end of its parent ${toId('run', parent.runId)} (Cancelling)`,
    });
    expect(await nameOf(grandchild)).toBe('Cancelled');
    expect(await nameOf(left)).toBe('Scheduled');
    expect(await yard.q('SELECT * FROM parent_end WHERE workspace_id = $1', [yard.workspaceId])).toEqual([]);
  });

  test.each([
    ['fails', (run: Running) => fail(run), 'Cancelled'],
    [
      'crashes',
      ({ runId, owner }: Running) => move(runId, { kind: 'crash', owner, failure: { ...failure, kind: 'crashed' } }),
      'Cancelled',
    ],
    ['completes', (run: Running) => complete(run), 'Scheduled'],
  ] as const)('that %s', async (_how, end, expected) => {
    const parent = await startParent();
    const child = await childOf(parent);
    await deal((await end(parent)).effects);
    expect(await nameOf(child)).toBe(expected);
  });

  test('that will be tried again leaves its children to its next attempt', async () => {
    const parent = await startParent(await yard.addDeployment({ retry: { retries: 1, delaysMs: [60_000] } }));
    const child = await childOf(parent);
    const { effects } = await fail(parent);
    expect(effects.map(({ kind }) => kind)).not.toContain('end-children');
    await sweepFamilies(createDispatchCtx(db));
    expect(await nameOf(child)).toBe('Scheduled');
  });

  test('whose hint was lost is made good by the sweep, in turns when it has many', async () => {
    const parent = await startParent();
    await childOf(parent);
    const many = await yard.addRuns(load, 600);
    await yard.q(`UPDATE run_dispatch SET parent_run_id = $2, on_parent_end = 'cancel' WHERE run_id = ANY ($1::uuid[])`, [
      many,
      parent.runId,
    ]);
    await fail(parent);
    await sweepFamilies(createDispatchCtx(db));
    expect(await yard.q('SELECT 1 FROM run_dispatch WHERE workspace_id = $1', [yard.workspaceId])).toEqual([]);
    expect(await yard.q('SELECT * FROM parent_end WHERE workspace_id = $1', [yard.workspaceId])).toEqual([]);
  });

  test('that was retried before its children were told leaves them to its new attempt', async () => {
    const parent = await startParent();
    const child = await childOf(parent);
    await fail(parent);
    await move(parent.runId, { kind: 'retry-by-hand', by: 'Ada' });
    await sweepFamilies(createDispatchCtx(db));
    expect(await nameOf(child)).toBe('Scheduled');
    expect(await yard.q('SELECT * FROM parent_end WHERE workspace_id = $1', [yard.workspaceId])).toEqual([]);
    // It has them still: when this attempt ends, they end with it.
    const [given] = (await yard.claim(agent)).runs.filter(({ runId }) => runId === parent.runId);
    await move(parent.runId, { kind: 'cancel', by: 'Ada' });
    expect(given?.runId).toBe(parent.runId);
    await sweepFamilies(createDispatchCtx(db));
    expect(['Cancelled', 'Cancelling']).toContain(await nameOf(child));
  });

  test('locks no other run: a child that is held by another transaction does not hold it up', async () => {
    const parent = await startParent();
    const child = await childOf(parent);
    await inTransaction(db.systemSql, async (sql) => {
      await sql.query('SELECT 1 FROM run_dispatch WHERE run_id = $1::uuid FOR UPDATE', [child]);
      await fail(parent);
    });
    expect(await nameOf(parent.runId)).toBe('Failed');
    expect(await nameOf(child)).toBe('Scheduled');
  });

  test('and of its child in one batch neither lose nor repeat anything', async () => {
    const parent = await startParent();
    const child = await start(await childOf(parent));
    await inTransaction(db.systemSql, (sql) =>
      transitionRuns(sql, [
        { runId: child.runId, intent: { kind: 'complete', owner: child.owner } },
        { runId: parent.runId, intent: { kind: 'complete', owner: parent.owner } },
      ]),
    );
    expect([await nameOf(parent.runId), await nameOf(child.runId)]).toEqual(['Completed', 'Completed']);
    expect(await holderIds()).toEqual([]);
  });

  test('a child that a person retried by itself is its own from then on', async () => {
    const parent = await startParent();
    const child = await childOf(parent);
    await move(child, { kind: 'cancel', by: 'Ada' });
    await move(child, { kind: 'retry-by-hand', by: 'Ada' });
    await deal((await fail(parent)).effects);
    expect(await nameOf(child)).toBe('Scheduled');
  });
});
