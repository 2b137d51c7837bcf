/** Each row of the table of deadlines: who must act, until when, and what happens then. Time is set, never waited for. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createDispatchCtx, createYard, passServedTime, type Yard } from '../../../test/dispatch.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { transitionRun } from '../dispatch/index.ts';
import { reap } from './reaper.ts';
import { tickServedClock } from './served-clock.ts';

let database: TestDatabase;
let db: Db;
let yard: Yard;
let ctx: ReturnType<typeof createDispatchCtx>;
let agent: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 6 });
});
beforeEach(async () => {
  await db.systemSql.query('UPDATE served_clock SET served_at = now(), ticked_at = now()');
  yard = await createYard(db);
  ctx = createDispatchCtx(db);
  agent = await yard.addAgent();
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

/** Its agent renewed just now, and has not been away. */
const keepAgent = () =>
  yard.q(
    `UPDATE agent SET lease_until = served_now() + interval '1 minute', renewed_at = served_now(),
       contact_since = coalesce(contact_since, served_now() - interval '1 hour') WHERE id = $1`,
    [agent],
  );
const sql = () => sqlOfClient(db.systemSql);

async function claimed(options: Parameters<Yard['addDeployment']>[0] = {}) {
  const [runId = ''] = await yard.addRuns(await yard.addDeployment(options));
  const run = (await yard.claim(agent, 1)).runs[0];
  return { runId, owner: { agentId: agent, epoch: run?.epoch ?? 0 } };
}
async function granted(options: Parameters<Yard['addDeployment']>[0] = {}) {
  const held = await claimed(options);
  await yard.permit(agent, { runId: held.runId, epoch: held.owner.epoch });
  return held;
}
async function started(options: Parameters<Yard['addDeployment']>[0] = {}) {
  const held = await granted(options);
  await transitionRun(sql(), { runId: held.runId, intent: { kind: 'start', owner: held.owner } });
  return held;
}
/** So much served time passes while the agent renews, then the reaper looks. */
async function passWithAgent(ms: number) {
  await passServedTime(db, ms);
  await keepAgent();
  await reap(ctx);
}
async function passWithoutAgent(ms: number) {
  await passServedTime(db, ms);
  await reap(ctx);
}

describe('SCHEDULED', () => {
  test('expires at the end of its patience, and not before', async () => {
    const [runId = ''] = await yard.addRuns(await yard.addDeployment(), 1, { expireAfterMs: 60_000 });
    await passWithAgent(30_000);
    expect(await yard.dispatchRow(runId)).not.toBeNull();
    await passWithAgent(40_000);
    const record = await yard.record(runId);
    expect(record).toMatchObject({ state_type: 'CANCELLED' });
    expect(record.state_message).toMatch(/^expired: due at .* and not started in time$/);
  });
});

describe('PENDING', () => {
  test('goes back when its agent falls silent, and counts nothing', async () => {
    const { runId, owner } = await claimed();
    await passWithoutAgent(61_000);
    const row = await yard.dispatchRow(runId);
    expect(row).toMatchObject({ state_type: 'SCHEDULED', state_name: 'Scheduled', agent_id: null, start_failures: 0 });
    expect(Number(row.epoch)).toBeGreaterThan(owner.epoch);
    expect(row.state_message).toBe('its agent was not heard of for the length of the lease before it started; to be claimed again');
    expect(await yard.holders()).toEqual([]);
    expect(ctx.bus.told).toContainEqual(expect.objectContaining({ kind: 'nudge', id: yard.poolId }));
  });

  test('goes back when it did not start in time, as a failed start', async () => {
    const { runId } = await claimed({ startTimeoutMs: 20_000 });
    await passWithAgent(19_000);
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_type: 'PENDING' });
    await passWithAgent(2_000);
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_type: 'SCHEDULED', start_failures: 1, excluded_agents: [agent] });
  });

  test('goes back when its agent leaves it unnamed for 15 s', async () => {
    const { runId } = await claimed();
    await yard.q('UPDATE run_dispatch SET unnamed_since = served_now() WHERE run_id = $1', [runId]);
    await passWithAgent(14_000);
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_type: 'PENDING' });
    await passWithAgent(2_000);
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_type: 'SCHEDULED', start_failures: 0 });
  });
});

describe('RUNNING', () => {
  test('goes back uncounted when no start is reported within 15 s of the grant', async () => {
    const { runId } = await granted();
    await passWithAgent(16_000);
    const row = await yard.dispatchRow(runId);
    expect(row).toMatchObject({ state_type: 'SCHEDULED', start_failures: 0, attempt: 1, granted_at: null });
    expect(row.state_message).toBe('no start was reported within 15 s of the permit; to be claimed again');
  });

  test('stays for as long as its agent renews', async () => {
    const { runId } = await started();
    for (let i = 0; i < 5; i++) await passWithAgent(50_000);
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_type: 'RUNNING', state_name: 'Running' });
  });

  test('is Lost when its agent falls silent, and keeps its slots', async () => {
    const { runId } = await started();
    await passWithoutAgent(61_000);
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_type: 'RUNNING', state_name: 'Lost', agent_id: agent });
    expect(await yard.holders()).toHaveLength(1);
  });

  test('is Lost when its agent is there and does not name it', async () => {
    const { runId } = await started();
    await yard.q('UPDATE run_dispatch SET unnamed_since = served_now() WHERE run_id = $1', [runId]);
    await passWithAgent(16_000);
    expect(await yard.dispatchRow(runId)).toMatchObject({
      state_name: 'Lost',
      state_message: 'its agent is there but does not hold the run any more',
    });
  });
});

describe('RUNNING Lost, at its deadline', () => {
  test.each([
    ['crash', {}, { state_type: 'CRASHED', state_message: 'its agent was not heard of for 300 s after the lease ended' }],
    ['retry without retries left', { onLostAgent: 'retry' }, { state_type: 'CRASHED' }],
  ])('%s ends it', async (_policy, options, end) => {
    const { runId } = await started(options);
    await passWithoutAgent(61_000);
    await passWithoutAgent(299_000);
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_name: 'Lost' });
    await passWithoutAgent(2_000);
    expect(await yard.record(runId)).toMatchObject(end);
    expect((await yard.record(runId)).failure).toMatchObject({ kind: 'lost' });
    expect(await yard.holders()).toEqual([]);
  });

  test('retry uses up a flow retry', async () => {
    const { runId } = await started({ onLostAgent: 'retry', retry: { retries: 1, delaysMs: [0] } });
    await passWithoutAgent(61_000);
    await passWithoutAgent(301_000);
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_type: 'SCHEDULED', state_name: 'AwaitingRetry', retries: 1, attempt: 2 });
  });

  test('requeue puts it back three times at most', async () => {
    const { runId } = await started({ onLostAgent: 'requeue' });
    await passWithoutAgent(61_000);
    await passWithoutAgent(301_000);
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_type: 'SCHEDULED', infrastructure_attempts: 1, retries: 0 });
    await yard.q(
      `UPDATE run_dispatch SET infrastructure_attempts = 3, state_type = 'RUNNING', state_name = 'Lost', agent_id = $2, claimed_at = now(),
      deadline_at = served_now() - interval '1 second' WHERE run_id = $1`,
      [runId, agent],
    );
    await reap(ctx);
    expect(await yard.record(runId)).toMatchObject({ state_type: 'CRASHED' });
  });
});

describe('CANCELLING', () => {
  test('stays while its agent is in contact', async () => {
    const { runId } = await started();
    await transitionRun(sql(), { runId, intent: { kind: 'cancel', by: 'Ada' } });
    for (let i = 0; i < 4; i++) await passWithAgent(50_000);
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_type: 'CANCELLING' });
  });

  test('is CANCELLED once its agent was not heard of for the lease', async () => {
    const { runId } = await started();
    await transitionRun(sql(), { runId, intent: { kind: 'cancel', by: 'Ada' } });
    await passWithoutAgent(61_000);
    expect(await yard.record(runId)).toMatchObject({
      state_type: 'CANCELLED',
      state_message: 'cancelled; its agent was not heard of again',
    });
    expect(await yard.holders()).toEqual([]);
  });
});

describe('PAUSED', () => {
  test('Paused goes the way of a cancel at its deadline, and fails', async () => {
    const { runId, owner } = await started();
    await transitionRun(sql(), { runId, intent: { kind: 'pause', owner } });
    await passWithAgent(3_601_000);
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_type: 'CANCELLING', cancel_cause: 'pause-expired' });
    expect(ctx.bus.told).toContainEqual(expect.objectContaining({ kind: 'command', id: agent, verb: 'cancel' }));
    await transitionRun(sql(), { runId, intent: { kind: 'cancelled-observed', owner } });
    expect(await yard.record(runId)).toMatchObject({ state_type: 'FAILED', state_message: 'nobody ended its pause in time' });
  });

  test('Suspended holds nothing, and fails at the end of its patience', async () => {
    const { runId, owner } = await started();
    await transitionRun(sql(), { runId, intent: { kind: 'suspend', owner } });
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_name: 'Suspended', agent_id: null });
    expect(await yard.holders()).toEqual([]);
    await passWithAgent(31 * 86_400_000);
    expect(await yard.record(runId)).toMatchObject({ state_type: 'FAILED' });
  });
});

describe('served time', () => {
  const servedAt = async () => (await yard.q('SELECT served_at FROM served_clock'))[0].served_at as Date;

  test('advances by the elapsed time, and by two seconds at most', async () => {
    await yard.q(`UPDATE served_clock SET ticked_at = clock_timestamp() - interval '10 minutes'`);
    const before = await servedAt();
    expect(await tickServedClock(sql(), async () => {})).toBe(true);
    expect((await servedAt()).getTime() - before.getTime()).toBe(2_000);
  });

  test('stands still while the way through NATS is not proved', async () => {
    const before = await servedAt();
    await expect(tickServedClock(sql(), () => Promise.reject(new Error('NATS is away')))).rejects.toThrow('NATS is away');
    expect(await servedAt()).toEqual(before);
  });

  test('of two replicas that tick at once, one counts', async () => {
    await yard.q(`UPDATE served_clock SET ticked_at = clock_timestamp() - interval '1 second'`);
    let arrived = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const both = async () => {
      if (++arrived === 2) resolve();
      await promise;
    };
    expect((await Promise.all([tickServedClock(sql(), both), tickServedClock(sql(), both)])).filter(Boolean)).toHaveLength(1);
  });

  test('through an outage of ours no lease ends', async () => {
    const { runId } = await started();
    await yard.q(`UPDATE served_clock SET ticked_at = clock_timestamp() - interval '1 hour'`);
    await tickServedClock(sql(), async () => {});
    await reap(ctx);
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_name: 'Running' });
  });
});

test('many overdue runs are dealt with in pieces of 500', async () => {
  const fleet = await yard.addAgent();
  await yard.addRuns(await yard.addDeployment(), 600);
  for (let i = 0; i < 7; i++) await yard.claim(fleet, 100);
  await yard.q(`UPDATE agent SET lease_until = served_now() - interval '1 second' WHERE id = $1`, [fleet]);
  expect(await reap(ctx)).toBe(500);
  expect(await reap(ctx)).toBe(100);
  expect(await yard.holders()).toEqual([]);
});
