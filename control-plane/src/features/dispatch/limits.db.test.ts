/** Limits by key, several at once, and deployments that cancel instead of letting runs wait. */
import { openEnvelope } from '@signalbox/proto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createDispatchCtx, createYard, type Yard } from '../../../test/dispatch.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { afterCommit } from './after-commit.ts';
import { resolveCollision } from './collisions.ts';
import { sweepCollisions, sweepSaturation, sweepWaiters } from './sweep-loop.ts';
import { transitionRun } from './transition.ts';

let database: TestDatabase;
let db: Db;
let yard: Yard;
let agent: string;
let ctx: ReturnType<typeof createDispatchCtx>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 18 });
});
beforeEach(async () => {
  yard = await createYard(db);
  agent = await yard.addAgent();
  ctx = createDispatchCtx(db);
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const byCustomer = (limit: number) => ({ limit, parts: [['customer']] });
const addFor = async (deployment: string, customer: unknown, name = 'run') =>
  (await yard.addRuns(deployment, 1, { name, parameters: openEnvelope(customer === undefined ? {} : { customer }) }))[0] as string;
type Given = { runId: string; epoch: number };
const ids = (answer: { runs: Given[] }) => answer.runs.map((run) => run.runId);

/** Ends a run as its agent would report, and what follows the commit. */
async function end({ runId, epoch }: Given, agentId = agent): Promise<void> {
  const owner = { agentId, epoch };
  const sql = sqlOfClient(db.systemSql);
  await transitionRun(sql, { runId, intent: { kind: 'grant', owner, requestId: runId } });
  await transitionRun(sql, { runId, intent: { kind: 'start', owner } });
  const { effects } = await transitionRun(sql, { runId, intent: { kind: 'complete', owner } });
  await afterCommit(ctx, effects);
}

describe('a limit by key', () => {
  test('lets so many of each value run, and parks the others on their own key', async () => {
    const deployment = await yard.addDeployment({ key: byCustomer(1) });
    const [a1, a2, b1] = [await addFor(deployment, 'a'), await addFor(deployment, 'a'), await addFor(deployment, 'b')];
    expect(ids(await yard.claim(agent)).sort()).toEqual([a1, b1].sort());
    const row = await yard.dispatchRow(a2);
    expect(row).toMatchObject({ limit_key: 'a' });
    expect(row.parked_on).toBe(row.key_limit_id);
    expect((await yard.dispatchRow(b1)).key_limit_id).not.toBe(row.key_limit_id);
  });

  test('wakes the next of that key at once when one ends, and nobody else', async () => {
    const deployment = await yard.addDeployment({ key: byCustomer(1) });
    for (const customer of ['a', 'a', 'a', 'b', 'b']) await addFor(deployment, customer);
    const { runs } = await yard.claim(agent);
    const ofA = runs.find(({ parameters }) => JSON.stringify(parameters).includes('"a"')) as Given;
    await end(ofA);
    expect(ctx.bus.told).toContainEqual({ kind: 'nudge', workspaceId: yard.workspaceId, id: yard.poolId });
    const [next, ...others] = (await yard.claim(agent)).runs;
    expect(JSON.stringify(next?.parameters)).toContain('"a"');
    expect(others).toEqual([]);
  });

  test('counts runs without the parameter as one key, so that none slips past', async () => {
    const deployment = await yard.addDeployment({ key: byCustomer(1) });
    for (const customer of [undefined, undefined, null]) await addFor(deployment, customer);
    expect(ids(await yard.claim(agent))).toHaveLength(1);
  });

  test('keeps long values as their digest, and tells equal from different ones', async () => {
    const deployment = await yard.addDeployment({ key: byCustomer(1) });
    const long = 'x'.repeat(5_000);
    const [one, same, other] = [await addFor(deployment, long), await addFor(deployment, long), await addFor(deployment, `${long}y`)];
    expect((await yard.dispatchRow(one)).limit_key).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(ids(await yard.claim(agent)).sort()).toEqual([one, other].sort());
    expect((await yard.dispatchRow(same)).parked_on).not.toBeNull();
  });

  test('is never exceeded by 12 claimers at once, together with the limits of deployment, queue and pool', async () => {
    const deployment = await yard.addDeployment({ limit: 9, key: byCustomer(2) });
    await yard.q('UPDATE work_pool SET concurrency_limit = 8 WHERE id = $1', [yard.poolId]);
    await yard.q('UPDATE work_queue SET concurrency_limit = 7 WHERE id = $1', [yard.queueId]);
    for (const customer of ['a', 'b', 'c', 'd', 'e']) await yard.addRuns(deployment, 8, { parameters: openEnvelope({ customer }) });
    const agents = await Promise.all(Array.from({ length: 12 }, () => yard.addAgent()));
    const answers = await Promise.all(agents.map((id) => yard.claim(id, 3)));
    // One that met a locked deployment was told to claim again.
    for (const id of agents) answers.push(await yard.claim(id, 3));
    expect(answers.flatMap(ids)).toHaveLength(7);
    const counts = await yard.q('SELECT count(*)::int AS n FROM holder WHERE workspace_id = $1 GROUP BY key_limit_id', [yard.workspaceId]);
    expect(Math.max(...counts.map(({ n }) => n))).toBe(2);
  });

  test('takes all slots or none: what waits for one limit holds no other', async () => {
    const deployment = await yard.addDeployment({ limit: 2, key: byCustomer(1) });
    for (const customer of ['a', 'a', 'a', 'b']) await addFor(deployment, customer);
    expect(ids(await yard.claim(agent))).toHaveLength(2);
    const holders = await yard.holders();
    expect(holders).toHaveLength(2);
    const waiting = await yard.q(`SELECT run_id FROM run_dispatch WHERE workspace_id = $1 AND state_type = 'SCHEDULED'`, [
      yard.workspaceId,
    ]);
    expect(waiting.filter(({ run_id }) => holders.some((holder) => holder.run_id === run_id))).toEqual([]);
  });

  test('a longer grace than the start timeout holds the slot that long', async () => {
    const [run] = await yard.addRuns(await yard.addDeployment({ limit: 1, startTimeoutMs: 60_000, graceMs: 3_600_000 }));
    expect((await yard.claim(agent)).runs[0]?.startTimeoutMs).toBe(3_600_000);
    const [{ ms }] = await yard.q(
      `SELECT extract(epoch FROM deadline_at - served_now()) * 1000 AS ms FROM run_dispatch WHERE run_id = $1`,
      [run],
    );
    expect(Number(ms)).toBeGreaterThan(3_500_000);
  });
});

describe('a freed slot', () => {
  test('is given on at the same cost, however many wait', async () => {
    const deployment = await yard.addDeployment({ limit: 1 });
    const session = await db.reportSql.connect();
    try {
      const pagesToWake = async () => {
        await session.query(`BEGIN; SET LOCAL signalbox.workspaces = '${yard.workspaceId}'`);
        await session.query('DELETE FROM holder WHERE deployment_id = $1', [deployment]);
        const { rows } = await session.query(
          `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM wake_waiters('${deployment}', '${deployment}')`,
        );
        await session.query('ROLLBACK');
        const [{ Plan: plan }] = rows[0]['QUERY PLAN'];
        return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
      };
      const wait = async (runs: number) => {
        await yard.addRuns(deployment, runs);
        for (let parked = 1; parked > 0; ) parked = (await yard.claim(agent)).parked ?? 0;
        // Planned anew: plans that are made while many wait must not fetch them all.
        await session.query('DISCARD PLANS');
        await pagesToWake();
        return pagesToWake();
      };
      const few = await wait(20);
      expect(await wait(2_000)).toBeLessThan(few * 2);
    } finally {
      session.release();
    }
  });

  test.each(['pool', 'queue', 'deployment', 'key'] as const)(
    'of a %s starts the next waiter in one step: end, wake, claim',
    async (kind) => {
      const deployment = await yard.addDeployment({
        limit: kind === 'deployment' ? 2 : null,
        ...(kind === 'key' ? { key: byCustomer(2) } : {}),
      });
      if (kind === 'pool') await yard.q('UPDATE work_pool SET concurrency_limit = 2 WHERE id = $1', [yard.poolId]);
      if (kind === 'queue') await yard.q('UPDATE work_queue SET concurrency_limit = 2 WHERE id = $1', [yard.queueId]);
      await yard.addRuns(deployment, 12, { parameters: openEnvelope({ customer: 'a' }) });
      let running = (await yard.claim(agent)).runs as Given[];
      expect(running).toHaveLength(2);
      // No sweep runs here: every hand-off is done by what follows the commit.
      for (let done = 0; done < 12; done++) {
        const [first, ...others] = running as [Given, ...Given[]];
        ctx.bus.told.length = 0;
        await end(first);
        const isMore = done < 10;
        if (isMore) expect(ctx.bus.told.filter(({ kind: what }) => what === 'nudge')).not.toEqual([]);
        const { runs } = await yard.claim(agent);
        expect(runs).toHaveLength(isMore ? 1 : 0);
        running = [...others, ...runs];
      }
      expect(await yard.holders()).toEqual([]);
    },
  );
});

describe('a deployment that cancels the new run', () => {
  test('ends who finds no slot, and names who holds it', async () => {
    const deployment = await yard.addDeployment({ limit: 1, collision: 'CANCEL_NEW' });
    const [first] = await yard.addRuns(deployment, 1, { name: 'brave-otter' });
    await yard.claim(agent);
    const [second = ''] = await yard.addRuns(deployment, 1, { name: 'late-comer' });
    const answer = await yard.claim(agent);
    expect(answer.collisions).toEqual([{ deploymentId: deployment, limitId: deployment }]);
    await resolveCollision(ctx, { deploymentId: deployment, limitId: deployment });
    expect(await yard.record(second)).toMatchObject({
      state_type: 'CANCELLED',
      state_message: expect.stringMatching(/^cancelled by the limit of 1 at once of deployment "weather\/dep-.*": held by "brave-otter"$/),
    });
    expect((await yard.dispatchRow(first as string)).state_type).toBe('PENDING');
  });

  test('by key names the key', async () => {
    const deployment = await yard.addDeployment({ key: byCustomer(1), collision: 'CANCEL_NEW' });
    await addFor(deployment, 'acme', 'first');
    await addFor(deployment, 'other', 'free');
    const second = await addFor(deployment, 'acme', 'second');
    const { collisions } = await yard.claim(agent);
    for (const limit of collisions ?? []) await resolveCollision(ctx, limit);
    expect((await yard.record(second)).state_message).toMatch(/for "acme": held by "first"$/);
    expect(await yard.holders()).toHaveLength(2);
  });

  test('cancels nobody while it is paused or has room again, and the sweep does what a lost replica did not', async () => {
    const deployment = await yard.addDeployment({ limit: 1, collision: 'CANCEL_NEW' });
    await yard.addRuns(deployment, 3);
    await yard.claim(agent);
    await yard.q('UPDATE deployment SET paused = true WHERE id = $1', [deployment]);
    await sweepWaiters(ctx);
    const live = () => yard.q('SELECT run_id FROM run_dispatch WHERE workspace_id = $1', [yard.workspaceId]);
    expect(await live()).toHaveLength(3);
    await yard.q('UPDATE deployment SET paused = false, concurrency_limit = 2 WHERE id = $1', [deployment]);
    await sweepWaiters(ctx);
    expect((await yard.claim(agent)).runs).toHaveLength(1);
    await sweepWaiters(ctx);
    expect(await live()).toHaveLength(2);
    expect(await yard.holders()).toHaveLength(2);
  });
});

describe('a deployment that cancels, while every agent is busy', () => {
  /** Nobody claims: the one agent has no free slot. */
  const newcomer = async (options: Parameters<Yard['addDeployment']>[0]) => {
    const deployment = await yard.addDeployment(options);
    const [first = ''] = await yard.addRuns(deployment, 1, { name: 'first' });
    await yard.claim(agent);
    const [second = ''] = await yard.addRuns(deployment, 1, { name: 'second' });
    await sweepCollisions(ctx);
    await sweepWaiters(ctx);
    const states = await yard.q('SELECT run_id, state_type FROM run_dispatch WHERE workspace_id = $1', [yard.workspaceId]);
    const stateOf = (runId: string) => states.find(({ run_id }) => run_id === runId)?.state_type ?? 'ended';
    return [stateOf(first), stateOf(second)];
  };

  test.each([
    ['the new one goes', { limit: 1, collision: 'CANCEL_NEW' }, ['PENDING', 'ended']],
    ['the old one goes, whose slot the new one needs', { limit: 1, collision: 'CANCEL_OLD' }, ['CANCELLING', 'SCHEDULED']],
    ['where there is room, nobody goes', { limit: 2, collision: 'CANCEL_OLD' }, ['PENDING', 'SCHEDULED']],
    ['without a limit, nobody goes', { collision: 'CANCEL_NEW' }, ['PENDING', 'SCHEDULED']],
    ['where runs wait, nobody goes', { limit: 1 }, ['PENDING', 'SCHEDULED']],
  ] as const)('%s', async (_title, options, expected) => expect(await newcomer(options)).toEqual(expected));

  test('a key counts by itself', async () => {
    const deployment = await yard.addDeployment({ key: byCustomer(1), collision: 'CANCEL_NEW' });
    await addFor(deployment, 'acme', 'first');
    await yard.claim(agent);
    const [other, second] = [await addFor(deployment, 'other', 'free'), await addFor(deployment, 'acme', 'second')];
    await sweepCollisions(ctx);
    await sweepWaiters(ctx);
    expect((await yard.record(second)).state_message).toMatch(/for "acme": held by "first"$/);
    expect((await yard.dispatchRow(other)).state_type).toBe('SCHEDULED');
  });
});

describe('that runs wait', () => {
  const told = async () =>
    (await yard.q('SELECT name, resource, payload FROM event_inbox WHERE workspace_id = $1 AND name LIKE $2 ORDER BY n', [
      yard.workspaceId,
      'limit.%',
    ])) as { name: string; resource: { kind: string }; payload: object }[];
  const look = async (times = 3) => {
    for (let turn = 0; turn < times; turn++) await sweepSaturation(ctx, 0);
  };

  test('for a deployment, a queue or a pool is told when it has lasted, and that none does, once each', async () => {
    const deployment = await yard.addDeployment({ limit: 1 });
    await yard.addRuns(deployment, 3);
    const { runs } = await yard.claim(agent);
    await sweepSaturation(ctx);
    await sweepSaturation(ctx);
    expect(await told()).toEqual([]);
    await look();
    const ofDeployment = { name: 'limit.saturated', resource: { kind: 'deployment' }, payload: { slots: 1, held: 1, waiting: 2 } };
    expect(await told()).toMatchObject([ofDeployment]);

    // With room in the deployment its runs wait for the pool, and for the queue.
    await yard.q('UPDATE deployment SET concurrency_limit = NULL WHERE id = $1', [deployment]);
    await yard.q('UPDATE work_pool SET concurrency_limit = 1 WHERE workspace_id = $1', [yard.workspaceId]);
    await yard.q('UPDATE work_queue SET concurrency_limit = 1 WHERE workspace_id = $1', [yard.workspaceId]);
    await yard.q('UPDATE run_dispatch SET parked_on = NULL WHERE workspace_id = $1', [yard.workspaceId]);
    await look();
    const kinds = async () => (await told()).map(({ name, resource }) => `${resource.kind} ${name}`).sort();
    const full = ['deployment limit.available', 'deployment limit.saturated', 'work-pool limit.saturated', 'work-queue limit.saturated'];
    expect(await kinds()).toEqual(full);
    expect((await told()).find(({ resource }) => resource.kind === 'work-pool')).toMatchObject({
      payload: { slots: 1, held: 1, waiting: 2 },
    });
    for (const run of runs as Given[]) await end(run);
    await look();
    expect(await kinds()).toEqual([...full, 'work-pool limit.available', 'work-queue limit.available'].sort());
  });

  test('for a key of a deployment is told of that key alone, and nothing is kept of it afterwards', async () => {
    const deployment = await yard.addDeployment({ key: byCustomer(1) });
    for (const customer of ['a', 'a', 'a', 'b']) await addFor(deployment, customer);
    const { runs } = await yard.claim(agent);
    await look(2);
    await sweepSaturation(ctx);
    const ofKey = { resource: { kind: 'deployment', key: 'a' }, payload: { slots: 1, held: 1, waiting: 2 } };
    expect(await told()).toMatchObject([{ name: 'limit.saturated', ...ofKey }]);
    // Nobody waits for a moment: it is not told, and forgotten when somebody waits again.
    const parked = await yard.q(
      'UPDATE run_dispatch d SET parked_on = NULL WHERE workspace_id = $1 AND parked_on IS NOT NULL RETURNING run_id',
      [yard.workspaceId],
    );
    await sweepSaturation(ctx);
    await yard.q('UPDATE run_dispatch SET parked_on = key_limit_id WHERE run_id = ANY ($1::uuid[])', [parked.map(({ run_id }) => run_id)]);
    await look();
    expect(await told()).toHaveLength(1);
    await yard.q('UPDATE run_dispatch SET parked_on = NULL WHERE workspace_id = $1', [yard.workspaceId]);
    for (const run of runs as Given[]) await end(run);
    await look();
    expect(await told()).toMatchObject([
      { name: 'limit.saturated' },
      { name: 'limit.available', resource: { key: 'a' }, payload: { waiting: 0 } },
    ]);
    expect(await yard.q('SELECT 1 FROM key_saturation WHERE workspace_id = $1', [yard.workspaceId])).toEqual([]);
  });

  test('for a pool that is paused is no wait for its limit', async () => {
    const deployment = await yard.addDeployment();
    await yard.q('UPDATE work_pool SET concurrency_limit = 1 WHERE workspace_id = $1', [yard.workspaceId]);
    await yard.addRuns(deployment, 2);
    await yard.claim(agent);
    await yard.q('UPDATE work_pool SET paused = true WHERE workspace_id = $1', [yard.workspaceId]);
    await look();
    expect(await told()).toEqual([]);
  });
});

describe('a deployment that cancels the old run', () => {
  test('asks the holder to end, and the new one has its slot when it did', async () => {
    const deployment = await yard.addDeployment({ limit: 1, collision: 'CANCEL_OLD' });
    await yard.addRuns(deployment, 1, { name: 'old' });
    const old = (await yard.claim(agent)).runs[0] as Given;
    const [fresh = ''] = await yard.addRuns(deployment, 1, { name: 'fresh' });
    for (const limit of (await yard.claim(agent)).collisions ?? []) await resolveCollision(ctx, limit);
    expect(await yard.dispatchRow(old.runId)).toMatchObject({
      state_type: 'CANCELLING',
      state_message: expect.stringMatching(/"fresh" took its place$/),
    });
    expect(ctx.bus.told).toContainEqual({ kind: 'command', workspaceId: yard.workspaceId, id: agent, verb: 'cancel' });
    expect(ids(await yard.claim(agent))).toEqual([]);
    const owner = { agentId: agent, epoch: old.epoch };
    const { effects } = await transitionRun(sqlOfClient(db.systemSql), { runId: old.runId, intent: { kind: 'cancelled-observed', owner } });
    await afterCommit(ctx, effects);
    expect(ids(await yard.claim(agent))).toEqual([fresh]);
    expect((await yard.record(old.runId)).state_type).toBe('CANCELLED');
  });

  test('cancels one holder once, however often it is looked at', async () => {
    const deployment = await yard.addDeployment({ limit: 2, collision: 'CANCEL_OLD' });
    await yard.addRuns(deployment, 2);
    await yard.claim(agent);
    await yard.addRuns(deployment, 1);
    await yard.claim(agent);
    for (let i = 0; i < 3; i++) await sweepWaiters(ctx);
    const states = await yard.q('SELECT state_type FROM run_dispatch WHERE workspace_id = $1 ORDER BY state_type', [yard.workspaceId]);
    expect(states.map(({ state_type }) => state_type)).toEqual(['CANCELLING', 'PENDING', 'SCHEDULED']);
  });
});

describe('a run that tries again', () => {
  test('does not take the place of a newer one: it is the older, and goes', async () => {
    const deployment = await yard.addDeployment({ limit: 1, collision: 'CANCEL_OLD', retry: { retries: 1, delaysMs: [0] } });
    const [older = ''] = await yard.addRuns(deployment, 1, { name: 'older' });
    const given = (await yard.claim(agent)).runs[0] as Given;
    await yard.permit(agent, given);
    const [newer = ''] = await yard.addRuns(deployment, 1, { name: 'newer' });
    // The newer one is parked, and the older one's attempt ends before anybody is asked to leave.
    await yard.claim(agent);
    const owner = { agentId: agent, epoch: given.epoch };
    const failure = { kind: 'application', message: 'boom' } as const;
    const { effects } = await transitionRun(sqlOfClient(db.systemSql), { runId: older, intent: { kind: 'fail', owner, failure } });
    await afterCommit(ctx, effects);
    await yard.q("UPDATE run_dispatch SET due_at = now() + interval '1 hour' WHERE run_id = $1", [older]);
    expect(ids(await yard.claim(agent))).toEqual([newer]);
    await yard.q('UPDATE run_dispatch SET due_at = now() WHERE run_id = $1', [older]);
    for (const limit of (await yard.claim(agent)).collisions ?? []) await resolveCollision(ctx, limit);
    expect(await yard.record(older)).toMatchObject({
      state_type: 'CANCELLED',
      state_message: expect.stringContaining('newer runs took its place'),
    });
    expect((await yard.dispatchRow(newer)).state_type).toBe('PENDING');
  });
});

test('100,000 runs parked on one full limit cost a claim nothing', { timeout: 60_000 }, async () => {
  const full = await yard.addDeployment({ limit: 1 });
  await yard.addRuns(full, 2);
  await yard.claim(agent, 1);
  await yard.claim(agent, 1);
  const [parked] = await yard.q('SELECT * FROM run_dispatch WHERE parked_on = $1', [full]);
  await yard.q(
    `INSERT INTO run_dispatch (run_id, workspace_id, retention_class, deployment_id, version_id, pool_id, queue_id, state_type, state_name,
       state_at, due_at, expires_at, parked_on)
     SELECT gen_random_uuid(), workspace_id, retention_class, deployment_id, version_id, pool_id, queue_id, state_type, state_name,
       state_at, due_at, expires_at, parked_on FROM run_dispatch, generate_series(1, 100000) WHERE run_id = $1`,
    [parked.run_id],
  );
  const other = await yard.addDeployment();
  await yard.addRuns(other, 1);
  // Rows of the live runs' table that a claim reads, as Postgres counts them.
  const client = await db.reportSql.connect();
  const rowsRead = async () =>
    Number((await client.query(`SELECT pg_stat_get_xact_tuples_fetched('run_dispatch'::regclass) AS n`)).rows[0].n);
  try {
    await client.query('BEGIN');
    const before = await rowsRead();
    const claim = await client.query(`SELECT give_runs($1, $2, 1, gen_random_uuid(), 5, '{}', '{}', 2000, 15000, 60000) AS answer`, [
      yard.workspaceId,
      agent,
    ]);
    const after = await rowsRead();
    expect(claim.rows[0].answer.runs).toHaveLength(1);
    expect(after - before).toBeLessThan(20);
    await client.query('ROLLBACK');
  } finally {
    client.release();
  }
});

test('whatever limits there are: none is exceeded, nobody is left behind, and all ends', { timeout: 120_000 }, async () => {
  const limit = fc.option(fc.integer({ min: 1, max: 3 }), { nil: null });
  const spec = fc.record({
    pool: limit,
    queue: limit,
    deployment: limit,
    key: limit,
    runs: fc.array(fc.nat(3), { minLength: 1, maxLength: 14 }),
  });
  await fc.assert(
    fc.asyncProperty(spec, async (of) => {
      yard = await createYard(db);
      agent = await yard.addAgent();
      const deployment = await yard.addDeployment({ limit: of.deployment, ...(of.key ? { key: byCustomer(of.key) } : {}) });
      await yard.q('UPDATE work_pool SET concurrency_limit = $2 WHERE id = $1', [yard.poolId, of.pool]);
      await yard.q('UPDATE work_queue SET concurrency_limit = $2 WHERE id = $1', [yard.queueId, of.queue]);
      for (const customer of of.runs) await addFor(deployment, customer);
      let running: Given[] = [];
      for (let ended = 0; ended < of.runs.length; ended++) {
        running.push(...((await yard.claim(agent)).runs as Given[]));
        const held = await yard.q('SELECT key_limit_id AS key, count(*)::int AS n FROM holder WHERE workspace_id = $1 GROUP BY 1', [
          yard.workspaceId,
        ]);
        const total = held.reduce((sum, { n }) => sum + n, 0);
        expect(total).toBe(running.length);
        expect(total).toBeLessThanOrEqual(Math.min(...[of.pool, of.queue, of.deployment].map((most) => most ?? 99)));
        if (of.key) expect(Math.max(...held.map(({ n }) => n))).toBeLessThanOrEqual(of.key);
        // Without a sweep: whoever ends lets the next in.
        const [first, ...rest] = running;
        expect(first).toBeDefined();
        await end(first as Given);
        running = rest;
      }
      expect(await yard.q('SELECT run_id FROM run_dispatch WHERE workspace_id = $1', [yard.workspaceId])).toEqual([]);
    }),
    { numRuns: 25 },
  );
});
