/** Explain and the claim agree: what is not explained is given out within one tick, what is explained is not. */
import { toId } from '@signalbox/proto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, type TestApi } from '../../../../test/api.ts';
import { createTestDatabase, type TestDatabase } from '../../../../test/database.ts';
import { deployOf } from '../../../../test/deploy-input.ts';
import { createDispatchCtx, createYard, type Yard } from '../../../../test/dispatch.ts';
import { type Db, openDb } from '../../../platform/db.ts';
import type { SqlCtx } from '../../../platform/services.ts';
import { sweepWaiters } from '../../dispatch/sweep-loop.ts';
import { explainRun } from './explain-run.ts';

let database: TestDatabase;
let db: Db;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 6 });
  api = await openTestApi();
});
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const explain = (yard: Yard, runId: string) =>
  db.readWorkspaceSql(yard.workspaceId, (sql) =>
    explainRun({ sql, workspace: { id: yard.workspaceId } } as unknown as SqlCtx, { run: toId('run', runId) }),
  );

const limit = fc.option(fc.integer({ min: 1, max: 4 }), { nil: null, freq: 2 });
const rarely = fc.integer({ min: 0, max: 7 }).map((n) => n === 0);
const world = fc.record({
  slots: fc.integer({ min: 1, max: 6 }),
  isAgentThere: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  startsFailedOnIt: rarely,
  pool: fc.record({ limit, paused: rarely }),
  queues: fc.array(fc.record({ limit, paused: rarely }), { minLength: 1, maxLength: 3 }),
  deployments: fc.array(
    fc.record({ queue: fc.nat(2), limit, ofEach: limit, paused: rarely, first: fc.nat(2), later: fc.nat(3), tomorrow: fc.nat(1) }),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
  claimedFirst: fc.integer({ min: 0, max: 4 }),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

/** Some runs are under way, more have come, things were paused in between. */
async function build(spec: World) {
  const yard = await createYard(db);
  const agent = await yard.addAgent();
  const queues: string[] = [yard.queueId];
  for (let i = 1; i < spec.queues.length; i++) queues.push(await yard.addQueue(i + 1));
  const deployments: string[] = [];
  for (const { queue, limit: most, ofEach } of spec.deployments) {
    const key = ofEach === null ? {} : { key: { limit: ofEach, parts: [['n']] } };
    deployments.push(await yard.addDeployment({ queueId: queues[queue % queues.length] as string, limit: most, ...key }));
  }
  await yard.q('UPDATE agent SET slots = $2 WHERE id = $1', [agent, spec.slots]);
  await yard.q('UPDATE work_pool SET concurrency_limit = $2 WHERE id = $1', [yard.poolId, spec.pool.limit]);
  for (const [i, { limit: most }] of spec.queues.entries())
    await yard.q('UPDATE work_queue SET concurrency_limit = $2 WHERE id = $1', [queues[i], most]);

  for (const [i, { first }] of spec.deployments.entries()) await yard.addRuns(deployments[i] as string, first);
  const early = Math.min(spec.claimedFirst, spec.slots);
  if (early > 0) await yard.claim(agent, early);
  for (const [i, { later, tomorrow }] of spec.deployments.entries()) {
    await yard.addRuns(deployments[i] as string, later);
    await yard.addRuns(deployments[i] as string, tomorrow, { dueAt: new Date(Date.now() + 3_600_000) });
  }
  await yard.q('UPDATE work_pool SET paused = $2 WHERE id = $1', [yard.poolId, spec.pool.paused]);
  for (const [i, { paused }] of spec.queues.entries()) await yard.q('UPDATE work_queue SET paused = $2 WHERE id = $1', [queues[i], paused]);
  for (const [i, { paused }] of spec.deployments.entries())
    await yard.q('UPDATE deployment SET paused = $2 WHERE id = $1', [deployments[i], paused]);
  if (!spec.isAgentThere) await yard.q(`UPDATE agent SET lease_until = served_now() - interval '1 s' WHERE id = $1`, [agent]);
  if (spec.startsFailedOnIt)
    await yard.q('UPDATE run_dispatch SET excluded_agents = ARRAY[$2::uuid] WHERE workspace_id = $1', [yard.workspaceId, agent]);
  return { yard, agent };
}

/** One tick: waiters are swept, and every live agent claims for all its free slots. */
async function tick(yard: Yard, agent: string, spec: World): Promise<void> {
  await sweepWaiters(createDispatchCtx(db));
  if (!spec.isAgentThere) return;
  for (let more = true; more; ) {
    const [{ held }] = await yard.q('SELECT count(*)::int AS held FROM run_dispatch WHERE agent_id = $1', [agent]);
    if (held >= spec.slots) return;
    const answer = await yard.claim(agent, spec.slots - held);
    more = answer.more || answer.runs.length > 0;
  }
}

test('nothing explains it: dispatched within one tick; something does: it is not', { timeout: 120_000 }, async () => {
  let [explained, unexplained] = [0, 0];
  await fc.assert(
    fc.asyncProperty(world, async (spec) => {
      const { yard, agent } = await build(spec);
      const scheduled = await yard.q(`SELECT run_id FROM run_dispatch WHERE workspace_id = $1 AND state_type = 'SCHEDULED'`, [
        yard.workspaceId,
      ]);
      const said = new Map<string, string[]>();
      for (const { run_id } of scheduled)
        said.set(
          run_id,
          (await explain(yard, run_id)).blockers.map(({ message }) => message),
        );
      await tick(yard, agent, spec);
      for (const [runId, why] of said) {
        const isDispatched = (await yard.dispatchRow(runId)).state_type !== 'SCHEDULED';
        expect({ why, isDispatched }).toEqual({ why, isDispatched: why.length === 0 });
        if (why.length > 0) explained++;
        else unexplained++;
      }
    }),
    { numRuns: 40 },
  );
  expect(explained).toBeGreaterThan(30);
  expect(unexplained).toBeGreaterThan(10);
});

test('a run that is lost, being cancelled or paused says what it waits for', async () => {
  const yard = await createYard(db);
  const agent = await yard.addAgent();
  const [runId = ''] = await yard.addRuns(await yard.addDeployment(), 1);
  await yard.claim(agent, 1);
  const states = [
    ['RUNNING', 'Lost', 'lost'],
    ['CANCELLING', 'Cancelling', 'cancelling'],
    ['PAUSED', 'Paused', 'paused'],
  ] as const;
  for (const [type, name, kind] of states) {
    await yard.q(
      `UPDATE run_dispatch SET state_type = $2, state_name = $3, deadline_at = served_now() + interval '5 min' WHERE run_id = $1`,
      [runId, type, name],
    );
    const { blockers } = await explain(yard, runId);
    expect(blockers.map((blocker) => blocker.kind)).toEqual([kind]);
    expect(`${blockers[0]?.message} ${blockers[0]?.frees}`).toMatch(
      kind === 'cancelling' ? /sends TERM, and KILL after 30 s/ : /At 2\d{3}-.*Z it (is given up|counts as Crashed)/,
    );
  }
});

describe('runs.explain', () => {
  test('says who paused it, since when, and how to resume it', async () => {
    const { owner, ownerEmail } = await api.tenant();
    await owner.deployments.deploy(deployOf());
    const run = await owner.runs.create({ deployment: 'weather/daily' });
    await owner.workPools.pauseQueue({ pool: 'local', name: 'default' });
    await owner.deployments.pause({ deployment: 'weather/daily' });
    const { blockers, state } = await owner.runs.explain({ run: run.id });
    expect(state).toEqual({ type: 'SCHEDULED', name: 'Scheduled' });
    expect(blockers).toMatchObject([
      { kind: 'deployment-paused', message: `Deployment "weather/daily" is paused by ${ownerEmail}.`, since: expect.any(String) },
      {
        kind: 'queue-paused',
        message: `Queue "default" is paused by ${ownerEmail}.`,
        frees: 'Resume it: signalbox queues resume local default',
      },
      { kind: 'no-agent' },
    ]);
  });

  test('of an ended run finds nothing, and of a stranger no run', async () => {
    const [{ owner }, stranger] = [await api.tenant(), await api.tenant()];
    await owner.deployments.deploy(deployOf());
    const run = await owner.runs.create({ deployment: 'weather/daily' });
    await owner.runs.cancel({ run: run.id });
    expect(await owner.runs.explain({ run: run.id })).toMatchObject({ state: { type: 'CANCELLED' }, blockers: [] });
    await expect(stranger.owner.runs.explain({ run: run.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
