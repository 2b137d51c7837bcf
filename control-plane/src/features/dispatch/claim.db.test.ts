/** The claim: which runs an agent is given, in what order, and never more than the limits let through. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createYard, type Yard } from '../../../test/dispatch.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { wakeWaiters } from './store/waiters.ts';
import { transitionRun } from './transition.ts';

let database: TestDatabase;
let db: Db;
let yard: Yard;
let agent: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 18 });
});
beforeEach(async () => {
  yard = await createYard(db);
  agent = await yard.addAgent();
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const ids = (answer: { runs: { runId: string }[] }) => answer.runs.map((run) => run.runId);

describe('order', () => {
  test('queue priority goes first, then the due instant, then the id', async () => {
    const [urgent, later] = [await yard.addQueue(1), await yard.addQueue(2)];
    const normal = await yard.addDeployment({ queueId: later });
    const first = await yard.addDeployment({ queueId: urgent });
    const [early] = await yard.addRuns(normal, 1, { dueAt: new Date(Date.now() - 60_000) });
    const [next] = await yard.addRuns(normal, 1);
    const hurried = await yard.addRuns(first, 2);
    expect(ids(await yard.claim(agent))).toEqual([...hurried.sort(), early, next]);
  });

  test('a run that is not due yet takes only room that no due run wants', async () => {
    const deployment = await yard.addDeployment();
    const [soon] = await yard.addRuns(deployment, 1, { dueAt: new Date(Date.now() + 1_500) });
    const [due] = await yard.addRuns(deployment, 1);
    expect(ids(await yard.claim(agent, 1))).toEqual([due]);
    const answer = await yard.claim(agent, 1);
    expect(ids(answer)).toEqual([soon]);
    expect(answer.runs[0]?.dueInMs).toBeGreaterThan(0);
  });

  test('a run further ahead than the prefetch waits', async () => {
    await yard.addRuns(await yard.addDeployment(), 1, { dueAt: new Date(Date.now() + 60_000) });
    expect(ids(await yard.claim(agent))).toEqual([]);
  });
});

describe('what a claim does', () => {
  test('it makes the run PENDING under a new epoch, with an owner, a deadline and a holder', async () => {
    const [run = ''] = await yard.addRuns(await yard.addDeployment());
    const { runs } = await yard.claim(agent);
    const row = await yard.dispatchRow(run);
    expect(row).toMatchObject({ state_type: 'PENDING', state_name: 'Pending', agent_id: agent, attempt: 1 });
    expect(Number(row.epoch)).toBe(runs[0]?.epoch);
    expect(row.deadline_at).not.toBeNull();
    expect(row.states.map((state: { name: string }) => state.name)).toEqual(['Scheduled', 'Pending']);
    expect(await yard.holders()).toMatchObject([{ run_id: run, agent_id: agent, pool_id: yard.poolId }]);
  });

  test('a repeat of a claim id reads the same answer', async () => {
    await yard.addRuns(await yard.addDeployment(), 3);
    const claimId = randomUUID();
    const [one, two] = await Promise.all([yard.claim(agent, 2, { claimId }), yard.claim(agent, 2, { claimId })]);
    expect(ids(one)).toHaveLength(2);
    expect(ids(two)).toEqual(ids(one));
    expect(ids(await yard.claim(agent, 2, { claimId }))).toEqual(ids(one));
    expect(await yard.holders()).toHaveLength(2);
  });

  test('a warm child that stands ready is granted with the claim, as many as there are', async () => {
    await yard.addRuns(await yard.addDeployment({ digest: 'warm' }), 2);
    await yard.addRuns(await yard.addDeployment({ digest: 'cold' }), 1);
    const { runs } = await yard.claim(agent, 5, { warm: [{ digest: 'warm', count: 1 }] });
    expect(runs.map((run) => [run.digest, run.granted]).sort()).toEqual([
      ['cold', false],
      ['warm', false],
      ['warm', true],
    ]);
    const granted = runs.find((run) => run.granted);
    expect(await yard.dispatchRow(granted?.runId ?? '')).toMatchObject({ state_type: 'RUNNING', state_name: 'Running' });
  });

  test('a warm child is not granted a run that is not due', async () => {
    await yard.addRuns(await yard.addDeployment(), 1, { dueAt: new Date(Date.now() + 1_800) });
    expect((await yard.claim(agent, 1, { warm: [{ digest: 'd1', count: 1 }] })).runs).toMatchObject([{ granted: false }]);
  });

  test('replies stay under 192 KB and say that there is more', async () => {
    await yard.addRuns(await yard.addDeployment(), 6, { parameters: { encoding: 'json', body: 'x'.repeat(60_000) } });
    const answer = await yard.claim(agent, 6);
    expect(answer.more).toBe(true);
    expect(answer.runs).toHaveLength(2);
    expect(JSON.stringify(answer).length).toBeLessThan(192 * 1024);
  });

  test('parameters above 64 KiB are left to be fetched', async () => {
    await yard.addRuns(await yard.addDeployment(), 1, { parameters: { encoding: 'json', body: 'x'.repeat(70_000) } });
    expect((await yard.claim(agent)).runs[0]?.parameters).toBeNull();
  });
});

describe('who is given nothing', () => {
  test.each([
    ['a paused pool', 'UPDATE work_pool SET paused = true WHERE id = $1', () => yard.poolId],
    ['a paused queue', 'UPDATE work_queue SET paused = true WHERE id = $1', () => yard.queueId],
    ['an agent asked to drain', 'UPDATE agent SET drain = true WHERE id = $1', () => agent],
    ['an agent on back-off', `UPDATE agent SET backoff_until = now() + interval '1 minute' WHERE id = $1`, () => agent],
  ])('%s', async (_who, sql, id) => {
    await yard.addRuns(await yard.addDeployment());
    await yard.q(sql, [id()]);
    expect(ids(await yard.claim(agent))).toEqual([]);
  });

  test('an older session and a revoked agent are refused', async () => {
    await expect(yard.claim(agent, 1, { session: 9 })).rejects.toThrow('refused: session');
    await yard.q('UPDATE agent SET revoked_at = now() WHERE id = $1', [agent]);
    await expect(yard.claim(agent)).rejects.toThrow('refused: revoked');
  });

  test('an agent on which the run failed to start, while another is there to try', async () => {
    const [run] = await yard.addRuns(await yard.addDeployment());
    await yard.q('UPDATE run_dispatch SET excluded_agents = ARRAY[$2::uuid] WHERE run_id = $1', [run, agent]);
    const other = await yard.addAgent();
    expect(ids(await yard.claim(agent))).toEqual([]);
    await yard.q(`UPDATE agent SET lease_until = served_now() - interval '1 second' WHERE id = $1`, [other]);
    expect(ids(await yard.claim(agent))).toEqual([run]);
  });

  test('a stranger: an agent of another workspace finds no pool here', async () => {
    await yard.addRuns(await yard.addDeployment());
    const elsewhere = await createYard(db);
    await expect(elsewhere.claim(agent)).rejects.toThrow('refused: revoked');
  });
});

describe('limits', () => {
  test.each(['pool', 'queue', 'deployment'] as const)('of a %s are never exceeded by 16 claimers at once', async (kind) => {
    const deployment = await yard.addDeployment({ limit: kind === 'deployment' ? 5 : null });
    if (kind === 'pool') await yard.q('UPDATE work_pool SET concurrency_limit = 5 WHERE id = $1', [yard.poolId]);
    if (kind === 'queue') await yard.q('UPDATE work_queue SET concurrency_limit = 5 WHERE id = $1', [yard.queueId]);
    await yard.addRuns(deployment, 60);
    const agents = await Promise.all(Array.from({ length: 16 }, () => yard.addAgent()));
    const answers = await Promise.all(agents.map((id) => yard.claim(id, 3)));
    expect(answers.flatMap(ids)).toHaveLength(5);
    expect(new Set(answers.flatMap(ids)).size).toBe(5);
    expect(await yard.holders()).toHaveLength(5);
  });

  test('a run that meets a full deployment is parked on it, and others behind it are given', async () => {
    const full = await yard.addDeployment({ limit: 1 });
    const [first, second = ''] = (await yard.addRuns(full, 2)).sort();
    const [other] = await yard.addRuns(await yard.addDeployment());
    expect(ids(await yard.claim(agent)).sort()).toEqual([first, other].sort());
    expect((await yard.dispatchRow(second)).parked_on).toBe(full);
  });

  test('freeing a slot wakes as many as there is room, earliest first', async () => {
    const full = await yard.addDeployment({ limit: 1 });
    await yard.addRuns(full, 3);
    const { runs } = await yard.claim(agent);
    const held = runs[0] ?? { runId: '', epoch: 0 };
    expect(await wakeWaiters(sqlOfClient(db.systemSql), full)).toEqual([]);
    const owner = { agentId: agent, epoch: held.epoch };
    await transitionRun(sqlOfClient(db.systemSql), { runId: held.runId, intent: { kind: 'give-back', owner, reason: 'a drain' } });
    expect(await wakeWaiters(sqlOfClient(db.systemSql), full)).toEqual([{ workspaceId: yard.workspaceId, poolId: yard.poolId }]);
    const parked = await yard.q('SELECT run_id FROM run_dispatch WHERE parked_on = $1', [full]);
    expect(parked).toHaveLength(1);
  });

  test('runs of a paused deployment wait parked until it is resumed', async () => {
    const deployment = await yard.addDeployment();
    await yard.q('UPDATE deployment SET paused = true WHERE id = $1', [deployment]);
    await yard.addRuns(deployment, 3);
    expect(ids(await yard.claim(agent))).toEqual([]);
    expect(await wakeWaiters(sqlOfClient(db.systemSql), deployment)).toEqual([]);
    await yard.q('UPDATE deployment SET paused = false WHERE id = $1', [deployment]);
    await wakeWaiters(sqlOfClient(db.systemSql), deployment);
    expect(ids(await yard.claim(agent))).toHaveLength(3);
  });

  test('a claim parks at most 200 runs', async () => {
    const deployment = await yard.addDeployment({ limit: 1 });
    await yard.addRuns(deployment, 260);
    await yard.claim(agent, 5);
    const [{ count }] = await yard.q('SELECT count(*)::int FROM run_dispatch WHERE parked_on = $1', [deployment]);
    expect(count).toBe(200);
  });
});
