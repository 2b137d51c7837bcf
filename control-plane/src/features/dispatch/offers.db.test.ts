/** Offers and sweeps: who is told that there is work, when, and how often; and what each second repairs. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createDispatchCtx, createYard, type Yard } from '../../../test/dispatch.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { openClaimGate } from './claim-gate.ts';
import { openOffers } from './offer-loop.ts';
import { findIdleClaims } from './store/idle-claims.ts';
import { sweepLate, sweepWaiters } from './sweep-loop.ts';

let database: TestDatabase;
let db: Db;
let yard: Yard;
let ctx: ReturnType<typeof createDispatchCtx>;
let clock: number;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 6 });
});
beforeEach(async () => {
  yard = await createYard(db);
  ctx = createDispatchCtx(db);
  clock = 1_000_000;
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const offersTo = (poolId: string) => ctx.bus.told.filter(({ kind, id }) => kind === 'offer' && id === poolId);
async function openHolding() {
  await db.systemSql.query('DELETE FROM shard_lease');
  const offering = openOffers(ctx, () => clock);
  await offering.holdShards();
  return offering;
}

describe('offers', () => {
  test('go out as many as runs are ready, 50 at most, each under its own message id', async () => {
    await yard.addAgent();
    await yard.addRuns(await yard.addDeployment(), 60);
    await (await openHolding()).round();
    expect(offersTo(yard.poolId)).toHaveLength(50);
    expect(new Set(offersTo(yard.poolId).map(({ messageId }) => messageId)).size).toBe(50);
  });

  test('go out at once on a nudge, and the next round adds what is missing', async () => {
    await yard.addAgent();
    const offering = await openHolding();
    await offering.round();
    await yard.addRuns(await yard.addDeployment(), 3);
    offering.nudged({ workspaceId: yard.workspaceId, poolId: yard.poolId });
    expect(offersTo(yard.poolId)).toHaveLength(1);
    await offering.round();
    expect(offersTo(yard.poolId)).toHaveLength(3);
    await offering.round();
    expect(offersTo(yard.poolId)).toHaveLength(3);
  });

  test('are repeated every 5 s while ready work remains', async () => {
    await yard.addAgent();
    await yard.addRuns(await yard.addDeployment(), 1);
    const offering = await openHolding();
    for (const [passed, expected] of [
      [0, 1],
      [4_900, 1],
      [200, 2],
      [4_000, 2],
      [1_000, 3],
    ] as const) {
      clock += passed;
      await offering.round();
      expect(offersTo(yard.poolId)).toHaveLength(expected);
    }
  });

  test('go out ahead of the due instant by the prefetch', async () => {
    await yard.addAgent();
    const deployment = await yard.addDeployment();
    await yard.addRuns(deployment, 1, { dueAt: new Date(Date.now() + 60_000) });
    const offering = await openHolding();
    await offering.round();
    expect(offersTo(yard.poolId)).toHaveLength(0);
    await yard.addRuns(deployment, 1, { dueAt: new Date(Date.now() + 1_000) });
    await offering.round();
    expect(offersTo(yard.poolId)).toHaveLength(1);
  });

  test.each([
    ['no agent is there', async () => {}],
    [
      'its agent drains',
      async () => {
        await yard.q('UPDATE agent SET drain = true WHERE id = $1', [await yard.addAgent()]);
      },
    ],
    [
      'the pool is paused',
      async () => {
        await yard.addAgent();
        await yard.q('UPDATE work_pool SET paused = true WHERE id = $1', [yard.poolId]);
      },
    ],
    [
      'the queue is paused',
      async () => {
        await yard.addAgent();
        await yard.q('UPDATE work_queue SET paused = true WHERE id = $1', [yard.queueId]);
      },
    ],
    [
      'the pool is full',
      async () => {
        await yard.q('UPDATE work_pool SET concurrency_limit = 1 WHERE id = $1', [yard.poolId]);
        await yard.addRuns(await yard.addDeployment(), 1);
        await yard.claim(await yard.addAgent(), 1);
      },
    ],
  ])('do not go out while %s', async (_why, arrange) => {
    await arrange();
    await yard.addRuns(await yard.addDeployment(), 2);
    await (await openHolding()).round();
    expect(offersTo(yard.poolId)).toHaveLength(0);
  });

  test('come from the replica that holds the shard alone', async () => {
    await yard.addAgent();
    await yard.addRuns(await yard.addDeployment(), 1);
    await openHolding();
    const other = createDispatchCtx(db);
    const second = openOffers(other, () => clock);
    await second.holdShards();
    await second.round();
    second.nudged({ workspaceId: yard.workspaceId, poolId: yard.poolId });
    expect(other.bus.told).toEqual([]);
  });
});

describe('late', () => {
  test('is marked once, for queued and for parked runs, and pages are told', async () => {
    const [free, full] = [await yard.addDeployment(), await yard.addDeployment({ limit: 1 })];
    const runs = [...(await yard.addRuns(free)), ...(await yard.addRuns(full))];
    await yard.q(`UPDATE run_dispatch SET due_at = now() - interval '20 seconds' WHERE run_id = ANY ($1)`, [runs]);
    await yard.q('UPDATE run_dispatch SET parked_on = $2 WHERE run_id = $1', [runs[1], full]);
    const next = await sweepLate(ctx, null);
    const live = () => ctx.bus.told.filter(({ kind, workspaceId }) => kind === 'live' && workspaceId === yard.workspaceId);
    expect(live()).toHaveLength(2);
    await sweepLate(ctx, next);
    await sweepLate(ctx, null);
    expect(live()).toHaveLength(2);
  });

  test('is not what is due for less than 15 s', async () => {
    const [run = ''] = await yard.addRuns(await yard.addDeployment());
    await sweepLate(ctx, null);
    expect((await yard.dispatchRow(run)).late_at).toBeNull();
  });
});

describe('the sweep of waiters', () => {
  test('repairs a wake-up that was lost', async () => {
    const deployment = await yard.addDeployment({ limit: 2 });
    const [run = ''] = await yard.addRuns(deployment);
    await yard.q('UPDATE run_dispatch SET parked_on = $2 WHERE run_id = $1', [run, deployment]);
    await sweepWaiters(ctx);
    expect((await yard.dispatchRow(run)).parked_on).toBeNull();
    expect(ctx.bus.told).toContainEqual(expect.objectContaining({ kind: 'nudge', id: yard.poolId }));
  });

  test('a run parked while its slot is being freed is not forgotten', async () => {
    const deployment = await yard.addDeployment({ limit: 1 });
    const agents = await Promise.all([yard.addAgent(), yard.addAgent(), yard.addAgent()]);
    await yard.addRuns(deployment, 30);
    const done = new Set<string>();
    // Three agents take, end and wake as fast as they can; nothing else ever wakes anybody.
    const work = async (agent: string) => {
      for (let empty = 0; done.size < 30 && empty < 200; ) {
        const { runs } = await yard.claim(agent, 1);
        empty = runs.length === 0 ? empty + 1 : 0;
        for (const { runId } of runs) {
          await yard.q('DELETE FROM holder WHERE run_id = $1', [runId]);
          await yard.q('DELETE FROM run_dispatch WHERE run_id = $1', [runId]);
          done.add(runId);
          await yard.q('SELECT * FROM wake_waiters($1, $1)', [deployment]);
        }
      }
    };
    await Promise.all(agents.map(work));
    expect(done.size).toBe(30);
  });
});

describe('claims of idle agents', () => {
  test('are read together: those without work are idle, those with work or an answer pass', async () => {
    const [idle, busy] = [yard, await createYard(db)];
    await busy.addRuns(await busy.addDeployment());
    const [idleAgent, busyAgent] = [await idle.addAgent(), await busy.addAgent()];
    const ask = (of: Yard, agentId: string) => ({ workspaceId: of.workspaceId, agentId, claimId: crypto.randomUUID() });
    const [nothing, work, repeated] = [ask(idle, idleAgent), ask(busy, busyAgent), ask(idle, idleAgent)];
    await idle.claim(idleAgent, 1, { claimId: repeated.claimId });
    const answer = await findIdleClaims(sqlOfClient(db.systemSql), [nothing, work, repeated], 2_000);
    expect([...answer.idle]).toEqual([nothing.claimId]);
    expect(answer.timeline).toBeGreaterThan(0);
  });

  test('pass unread while few come, and after a nudge', async () => {
    const gate = openClaimGate(ctx, () => clock);
    const asker = { workspaceId: yard.workspaceId, agentId: await yard.addAgent(), claimId: crypto.randomUUID() };
    expect(await gate.nothingFor(asker)).toBeNull();
    const many = await Promise.all(Array.from({ length: 40 }, () => gate.nothingFor({ ...asker, claimId: crypto.randomUUID() })));
    expect(many.filter((idle) => idle !== null).length).toBeGreaterThan(20);
  });
});
