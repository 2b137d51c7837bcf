/** Hello, renew and bye: sessions fence, and both sides learn which runs are whose. */
import { createHash, randomUUID } from 'node:crypto';
import { toId, toUuid } from '@signalbox/proto';
import { holdingText, type RunEpoch } from '@signalbox/proto/messages';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createDispatchCtx, createYard, passServedTime, type Yard } from '../../../test/dispatch.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { answerBye, answerHello, openIdleRenewals, openRenewals } from './handler.ts';
import { reap } from './reaper.ts';

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
  yard = await createYard(db);
  ctx = createDispatchCtx(db);
  agent = await yard.addAgent();
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const from = () => ({ workspaceId: yard.workspaceId, agentId: agent });
const hello = (more: object = {}) => ({
  v: 1,
  protocol: { min: 1, max: 1 },
  agentVersion: '0.1.0',
  slots: 4,
  maxProcesses: 8,
  launchers: ['process'],
  spoolId: randomUUID(),
  host: { hostname: 'h', os: 'linux', arch: 'x64', cpus: 2, memoryBytes: 1, nodeVersion: '24' },
  clock: new Date().toISOString(),
  holding: [],
  ...more,
});
const renewal = (session: number, named: RunEpoch[], more: object = {}) => ({
  v: 1 as const,
  session,
  count: named.length,
  hash: createHash('sha256')
    .update(holdingText(named, (run) => toUuid('run', run)))
    .digest('hex'),
  clock: new Date().toISOString(),
  status: { free: 3, warm: 1, spoolBytes: 0, draining: false, rssBytes: 1 },
  ...more,
});
const renew = (session: number, named: RunEpoch[], more: object = {}) => openRenewals(ctx)(from(), renewal(session, named, more));

async function claimedRun(): Promise<RunEpoch & { runId: string }> {
  await yard.addRuns(await yard.addDeployment());
  const { runs } = await yard.claim(agent, 1);
  const { runId = '', epoch = 0 } = runs[0] ?? {};
  return { runId, run: toId('run', runId), epoch };
}
async function runningRun() {
  const held = await claimedRun();
  await yard.permit(agent, held);
  return held;
}
const agentRow = async () => (await yard.q('SELECT *, lease_until - served_now() AS lease FROM agent WHERE id = $1', [agent]))[0];

describe('hello', () => {
  test('it begins a new session, which fences the older ones', async () => {
    const first = await answerHello(ctx, from(), hello());
    const second = await answerHello(ctx, from(), hello());
    expect(second.session).toBe(first.session + 1);
    expect(second).toMatchObject({
      protocol: 1,
      leaseMs: 60_000,
      pool: { name: 'local' },
      notYours: [],
      watermarks: { state: 0, bulk: 0 },
    });
    await expect(renew(first.session, [])).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: { reason: 'session', current: second.session },
    });
    expect(await renew(second.session, [])).toMatchObject({ sendFull: false });
  });

  test('an agent of an unknown protocol is told both versions and what to do', async () => {
    const attempt = answerHello(ctx, from(), { ...hello({ protocol: { min: 7, max: 9 } }), v: 7 });
    await expect(attempt).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
      message:
        'This agent (version 0.1.0) speaks protocol 7 to 9; this control plane speaks 1. Upgrade the control plane, or use an older agent.',
    });
  });

  test('what it holds and may not hold any more is named to it', async () => {
    const held = await claimedRun();
    const stale = { run: held.run, epoch: held.epoch - 1 };
    const foreign = { run: toId('run', randomUUID()), epoch: 1 };
    expect((await answerHello(ctx, from(), hello({ holding: [held, stale, foreign] }))).notYours).toEqual(
      [stale, foreign].map(({ run, epoch }) => ({ run, epoch })),
    );
  });

  test("its clock's offset is kept, and may be hours", async () => {
    await answerHello(ctx, from(), hello({ clock: new Date(Date.now() + 7_200_000).toISOString() }));
    expect(Math.abs(Number((await agentRow()).clock_offset_ms) - 7_200_000)).toBeLessThan(5_000);
  });

  test('a revoked agent and a stranger are refused', async () => {
    await expect(answerHello(ctx, { workspaceId: (await createYard(db)).workspaceId, agentId: agent }, hello())).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    await yard.q('UPDATE agent SET revoked_at = now() WHERE id = $1', [agent]);
    await expect(answerHello(ctx, from(), hello())).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('renew', () => {
  test('an equal set is known by count and hash, and only the agent is written', async () => {
    const held = await runningRun();
    const before = await yard.dispatchRow(held.runId);
    await yard.q(`UPDATE agent SET lease_until = served_now() + interval '1 second' WHERE id = $1`, [agent]);
    expect(await renew(1, [held])).toMatchObject({ sendFull: false, notYours: [], cancel: [], drain: false });
    expect(await yard.dispatchRow(held.runId)).toEqual(before);
    expect((await agentRow()).lease).toEqual(expect.objectContaining({ minutes: 1 }));
  });

  test('of an agent whose clock is wrong by hours: its runs stay its own, and the offset is shown', async () => {
    const wrong = (hours: number) => ({ clock: new Date(Date.now() + hours * 3_600_000).toISOString() });
    await answerHello(ctx, from(), hello(wrong(9)));
    await yard.addRuns(await yard.addDeployment());
    const { session } = await agentRow();
    const { runs } = await yard.claim(agent, 1, { session });
    const { runId = '', epoch = 0 } = runs[0] ?? {};
    const held = { runId, run: toId('run', runId), epoch };
    for (const hours of [9, -9]) {
      await renew(session, [held], wrong(hours));
      expect(Math.abs(Number((await agentRow()).clock_offset_ms) - hours * 3_600_000)).toBeLessThan(5_000);
      await passServedTime(db, 10_000);
      await reap(ctx);
      expect(await yard.dispatchRow(runId)).toMatchObject({ state_type: 'PENDING', agent_id: agent });
    }
  });

  test('another set is asked for in full; the full list tells both sides what is whose', async () => {
    const [held, forgotten] = [await runningRun(), await runningRun()];
    const foreign = { run: toId('run', randomUUID()), epoch: 3 };
    expect(await renew(1, [held, foreign])).toMatchObject({ sendFull: true });
    expect(await renew(1, [held, foreign], { holding: [held, foreign] })).toMatchObject({ sendFull: false, notYours: [foreign] });
    expect((await yard.dispatchRow(forgotten.runId)).unnamed_since).not.toBeNull();
    expect(await renew(1, [held, forgotten])).toMatchObject({ sendFull: false });
    expect((await yard.dispatchRow(forgotten.runId)).unnamed_since).toBeNull();
  });

  test('runs to be cancelled are named until they have ended', async () => {
    const held = await runningRun();
    await yard.q(`UPDATE run_dispatch SET state_type = 'CANCELLING', state_name = 'Cancelling' WHERE run_id = $1`, [held.runId]);
    expect((await renew(1, [held])).cancel).toEqual([{ run: held.run, epoch: held.epoch }]);
  });

  test('a Lost run that its agent still names is RUNNING again', async () => {
    const held = await runningRun();
    await passServedTime(db, 61_000);
    await reap(ctx);
    expect(await yard.dispatchRow(held.runId)).toMatchObject({ state_type: 'RUNNING', state_name: 'Lost' });
    await renew(1, [held]);
    expect(await yard.dispatchRow(held.runId)).toMatchObject({
      state_type: 'RUNNING',
      state_name: 'Running',
      state_message: 'its agent is back',
    });
  });

  test('many agents renew in one transaction, and one that is refused stops no other', async () => {
    const other = await yard.addAgent();
    const renewAgent = openRenewals(ctx);
    const all = await Promise.allSettled([
      renewAgent(from(), renewal(1, [])),
      renewAgent({ ...from(), agentId: other }, renewal(5, [])),
      ...Array.from({ length: 30 }, () => renewAgent(from(), renewal(1, []))),
    ]);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', ...Array.from({ length: 30 }, () => 'fulfilled')]);
  });

  test('one that cannot be stored stops no other of its transaction', async () => {
    const renewAgent = openRenewals(ctx, { tickMs: 0, freePerSecond: 0, maxItems: 500 });
    const all = ['now', 'no instant', 'now', 'now'].map((clock) => renewAgent(from(), renewal(1, [], { clock })));
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  });

  test('one in quarantine stays connected, is not asked to end, and keeps its quarantine over a new session', async () => {
    await yard.q('UPDATE agent SET quarantined_at = now(), drain = true WHERE id = $1', [agent]);
    expect((await renew(1, [])).drain).toBe(false);
    await hello();
    expect(await yard.q('SELECT drain FROM agent WHERE id = $1', [agent])).toMatchObject([{ drain: true }]);
  });

  test('its status is shown, its drain is asked', async () => {
    await yard.q('UPDATE agent SET drain = true WHERE id = $1', [agent]);
    expect((await renew(1, [])).drain).toBe(true);
    expect(await agentRow()).toMatchObject({ free: 3, warm: 1 });
  });
});

describe('the renewal of an agent that holds nothing', () => {
  const { clock, status } = renewal(1, []);
  const renewIdle = async (session = 1, timeline = 1) =>
    openIdleRenewals(ctx, { tickMs: 0, freePerSecond: 0, maxItems: 500 })(from(), session, { timeline, clock, status });

  test('keeps its lease, and says nothing', async () => {
    await yard.q(`UPDATE agent SET lease_until = served_now() WHERE id = $1`, [agent]);
    expect(await renewIdle()).toBe(false);
    expect(
      await yard.q('SELECT lease_until > served_now() + $2::int * interval $$0.9 ms$$ AS ok FROM agent WHERE id = $1', [
        agent,
        ctx.settings.leaseMs,
      ]),
    ).toEqual([{ ok: true }]);
  });

  test.each([
    ['its session is over', () => renewIdle(9)],
    ['the database went to another timeline', () => renewIdle(1, 2)],
    ['it is to drain', () => yard.q('UPDATE agent SET drain = true WHERE id = $1', [agent]).then(() => renewIdle())],
    ['it was given a run of which it knows nothing', () => claimedRun().then(() => renewIdle())],
  ])('has it ask for one when %s', async (_why, told) => {
    expect(await told()).toBe(true);
  });

  test('costs a transaction for many of them', async () => {
    const crowd = await Promise.all(Array.from({ length: 40 }, () => yard.addAgent()));
    const together = openIdleRenewals(ctx, { tickMs: 50, freePerSecond: 1, maxItems: 500 });
    const told = await Promise.all(crowd.map((agentId) => together({ ...from(), agentId }, 1, { timeline: 1, clock, status })));
    const transactions = await yard.q('SELECT count(DISTINCT xmin::text)::int AS n FROM agent WHERE id = ANY ($1)', [crowd]);
    expect([new Set(told), transactions]).toEqual([new Set([false]), [{ n: 2 }]]);
  });
});

describe('bye', () => {
  test('the lease ends at once', async () => {
    const held = await claimedRun();
    await answerBye(ctx, from(), { v: 1, session: 1, reason: 'SIGTERM' });
    await passServedTime(db, 1);
    await reap(ctx);
    expect(await yard.dispatchRow(held.runId)).toMatchObject({ state_type: 'SCHEDULED', agent_id: null });
  });
});

describe('a cut right after the grant', () => {
  const stateOf = async (runId: string) => (await yard.dispatchRow(runId))?.state_name;
  /** As many renewals as come in so much served time. */
  async function inContact(session: number, named: RunEpoch[], ms: number, more: object = {}) {
    for (let passed = 0; passed < ms; passed += 10_000) {
      await passServedTime(db, 10_000);
      await renew(session, named, more);
      await reap(ctx);
    }
  }

  test('of 15 to 60 s sends no run back whose code runs: the first renewal after it says so', async () => {
    const session = 1;
    await renew(session, []);
    const { runId, ...held } = await runningRun();
    await passServedTime(db, 40_000);
    await reap(ctx);
    expect(await stateOf(runId)).toBe('Running');
    // What was sent before the cut arrives first, and knows of no start.
    await renew(session, [held], { started: [] });
    await reap(ctx);
    expect(await stateOf(runId)).toBe('Running');
    await renew(session, [held], { started: [held] });
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_name: 'Running', started_at: expect.any(Date), deadline_at: null });
    await inContact(session, [held], 60_000, { started: [] });
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_name: 'Running', epoch: String(held.epoch) });
  });

  test('and a run whose code was never called goes back once its agent was there for a while and did not say so', async () => {
    const session = 1;
    await inContact(session, [], 20_000);
    const { runId, ...held } = await runningRun();
    await inContact(session, [held], 10_000, { started: [] });
    expect(await stateOf(runId)).toBe('Running');
    await inContact(session, [held], 10_000, { started: [] });
    expect(await stateOf(runId)).toBe('Scheduled');
  });

  test('a start is believed of the holder alone', async () => {
    const session = 1;
    const { runId, ...held } = await runningRun();
    await renew(session, [held], { started: [{ ...held, epoch: held.epoch + 1 }] });
    expect((await yard.dispatchRow(runId))?.started_at).toBeNull();
  });
});

describe('what a person wants of a run', () => {
  test('is in every answer until it is so', async () => {
    const session = 1;
    const { runId, ...held } = await runningRun();
    await yard.q(`UPDATE run_dispatch SET wanted = '{"how":"suspend","key":"k","timeoutMs":null,"message":null}' WHERE run_id = $1`, [
      runId,
    ]);
    for (let i = 0; i < 2; i++) expect((await renew(session, [held])).hold).toEqual([{ ...held, how: 'suspend', key: 'k' }]);
    await yard.q('UPDATE run_dispatch SET wanted = NULL WHERE run_id = $1', [runId]);
    expect((await renew(session, [held])).hold).toBeUndefined();
  });
});

describe('more runs than one message lists', () => {
  test('are told in stretches of ids: nothing is said of runs outside', async () => {
    const [one, two, three] = [await claimedRun(), await claimedRun(), await claimedRun()];
    const unnamed = async () =>
      (await yard.q('SELECT run_id FROM run_dispatch WHERE agent_id = $1 AND unnamed_since IS NOT NULL', [agent])).map((row) => row.run_id);
    const session = (await answerHello(ctx, from(), hello({ holding: [named(one)], stretch: { after: null, upTo: one.run } }))).session;
    expect(await unnamed()).toEqual([]);

    const all = [one, three].map(named);
    expect((await renew(session, all)).sendFull).toBe(true);
    await renew(session, all, { holding: [named(one)], stretch: { after: null, upTo: one.run } });
    expect(await unnamed()).toEqual([]);
    const strange = { ...named(three), epoch: three.epoch + 1 };
    const last = await renew(session, all, { holding: [named(three), strange], stretch: { after: one.run, upTo: null } });
    expect(last).toMatchObject({ sendFull: false, notYours: [strange] });
    expect(await unnamed()).toEqual([two.runId]);
  });
  const named = ({ run, epoch }: RunEpoch): RunEpoch => ({ run, epoch });
});
