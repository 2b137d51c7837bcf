/** Slots of named limits in Postgres: who gets them, who waits, and when they are free again. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createDispatchCtx, createYard, passServedTime, type Yard } from '../../../test/dispatch.ts';
import { createSlotYard, type RunAtWork } from '../../../test/slots.ts';
import type { Intent, Owner } from '../../domain/run-snapshot.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { afterCommit, transitionRun } from '../dispatch/index.ts';

let database: TestDatabase;
let db: Db;
let yard: Yard;
let agent: string;
let slots: ReturnType<typeof createSlotYard>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 12 });
});
beforeEach(async () => {
  yard = await createYard(db);
  agent = await yard.addAgent();
  slots = createSlotYard(db, yard);
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const GRANTED = { granted: true, unknown: [] };
const ownerOf = ({ agentId, epoch }: RunAtWork): Owner => ({ agentId, epoch });
const move = (run: RunAtWork, intent: Intent) =>
  db.inWorkspace(yard.workspaceId, (tx) => transitionRun(sqlOfTx(tx), { runId: run.runId, intent }));

describe('taking slots', () => {
  test('takes of all limits or of none', async () => {
    const [db1, api] = [await slots.addLimit(2), await slots.addLimit(1)];
    const [a, b] = (await slots.running(2, agent)) as [RunAtWork, RunAtWork];
    expect(await slots.take(a, [api.name])).toEqual(GRANTED);
    expect(await slots.take(b, [db1.name, api.name])).toEqual({ granted: false, full: [api.name], unknown: [] });
    expect(await slots.slotsHeld(db1.id)).toBe(0);
    expect(await slots.line(db1.id)).toHaveLength(1);
  });

  test('several at once count each', async () => {
    const limit = await slots.addLimit(5);
    const [a] = (await slots.running(1, agent)) as [RunAtWork];
    expect(await slots.take(a, [limit.name], { slots: 3 })).toEqual(GRANTED);
    expect(await slots.take(a, [limit.name], { slots: 3, wait: false })).toMatchObject({ granted: false });
    expect(await slots.take(a, [limit.name], { slots: 2 })).toEqual(GRANTED);
    expect(await slots.take(a, [limit.name], { slots: 6 })).toEqual({ refused: 'too-many', limit: limit.name, slots: 5 });
  });

  test('a repeat of the same request takes nothing more', async () => {
    const limit = await slots.addLimit(2);
    const [a] = (await slots.running(1, agent)) as [RunAtWork];
    const requestId = randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => slots.take(a, [limit.name], { requestId })));
    expect(answers).toEqual(Array(8).fill(GRANTED));
    expect(await slots.slotsHeld(limit.id)).toBe(1);
  });

  test('a late copy of a request that was given back takes nothing', async () => {
    const limit = await slots.addLimit(1);
    const [a] = (await slots.running(1, agent)) as [RunAtWork];
    const [before, after] = [randomUUID(), randomUUID()];
    await slots.take(a, [limit.name], { requestId: after });
    await slots.giveBack(a, after);
    expect(await slots.take(a, [limit.name], { requestId: after })).toEqual({ refused: 'given-back' });
    await slots.giveBack(a, before);
    expect(await slots.take(a, [limit.name], { requestId: before })).toEqual({ refused: 'given-back' });
    expect(await slots.slotsHeld(limit.id)).toBe(0);
  });

  test('a taking and its giving back at the same instant leave nothing behind', async () => {
    const limit = await slots.addLimit(100);
    const [a] = (await slots.running(1, agent)) as [RunAtWork];
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        const requestId = randomUUID();
        await Promise.all([slots.take(a, [limit.name], { requestId }), slots.giveBack(a, requestId)]);
        await slots.giveBack(a, requestId);
      }),
    );
    expect(await slots.slotsHeld(limit.id)).toBe(0);
  });

  test('a limit that nobody made limits nobody, unless asked to be strict', async () => {
    const [a] = (await slots.running(1, agent)) as [RunAtWork];
    expect(await slots.take(a, ['nowhere'])).toEqual({ granted: true, unknown: ['nowhere'] });
    expect(await slots.take(a, ['nowhere'], { strict: true })).toEqual({ refused: 'unknown', unknown: ['nowhere'] });
  });

  test('a limit that is off limits nobody, and one of no slots everybody', async () => {
    const [off, closed] = [await slots.addLimit(1, { active: false }), await slots.addLimit(0)];
    const [a] = (await slots.running(1, agent)) as [RunAtWork];
    expect(await slots.take(a, [off.name], { slots: 7 })).toEqual(GRANTED);
    expect(await slots.take(a, [closed.name])).toMatchObject({ granted: false, full: [closed.name] });
  });

  test("an older epoch, another agent and another workspace take nothing, and another's limit is unknown", async () => {
    const limit = await slots.addLimit(1);
    const [a] = (await slots.running(1, agent)) as [RunAtWork];
    expect(await slots.take({ ...a, epoch: a.epoch - 1 }, [limit.name])).toEqual({ refused: 'stale' });
    expect(await slots.take({ ...a, agentId: await yard.addAgent() }, [limit.name])).toEqual({ refused: 'stale' });
    const strangers = await createYard(db);
    const theirs = createSlotYard(db, strangers);
    expect(await theirs.take(a, [limit.name])).toEqual({ refused: 'stale' });
    const [b] = (await theirs.running(1, await strangers.addAgent())) as [RunAtWork];
    expect(await theirs.take(b, [limit.name])).toEqual({ granted: true, unknown: [limit.name] });
    expect(await slots.slotsHeld(limit.id)).toBe(0);
  });

  test('never gives more than there are, however many ask at once', async () => {
    const [one, two] = [await slots.addLimit(3), await slots.addLimit(5)];
    const runs = await slots.running(20, agent);
    const answers = await Promise.all(runs.map((run, i) => slots.take(run, i % 2 ? [one.name, two.name] : [two.name, one.name])));
    expect(answers.filter((answer) => !answer.refused && answer.granted)).toHaveLength(3);
    expect(await slots.slotsHeld(one.id)).toBe(3);
    expect(await slots.slotsHeld(two.id)).toBe(3);
  });
});

describe('the line', () => {
  async function threeInLine() {
    const limit = await slots.addLimit(1);
    const [holder, first, second] = (await slots.running(3, agent)) as [RunAtWork, RunAtWork, RunAtWork];
    const ids = { holder: randomUUID(), first: randomUUID(), second: randomUUID() };
    await slots.take(holder, [limit.name], { requestId: ids.holder });
    await slots.take(first, [limit.name], { requestId: ids.first });
    await slots.take(second, [limit.name], { requestId: ids.second });
    return { limit, holder, first, second, ids };
  }

  test('goes in order of arrival: the first is woken, and nobody passes it', async () => {
    const { limit, holder, first, second, ids } = await threeInLine();
    expect(await slots.giveBack(holder, ids.holder)).toEqual([{ workspaceId: yard.workspaceId, runId: first.runId }]);
    expect(await slots.take(second, [limit.name], { requestId: ids.second })).toMatchObject({ granted: false });
    expect(await slots.take(holder, [limit.name])).toMatchObject({ granted: false });
    expect(await slots.take(first, [limit.name], { requestId: ids.first })).toEqual(GRANTED);
    expect((await slots.line(limit.id)).map((waiter) => waiter.run_id)).toEqual([second.runId, holder.runId]);
  });

  test('closes up when one leaves it', async () => {
    const { limit, holder, first, second, ids } = await threeInLine();
    expect(await slots.giveBack(first, ids.first)).toEqual([]);
    expect(await slots.giveBack(holder, ids.holder)).toEqual([{ workspaceId: yard.workspaceId, runId: second.runId }]);
    expect(await slots.take(second, [limit.name], { requestId: ids.second })).toEqual(GRANTED);
  });

  test('passes over who does not ask any more, and gives the place back when it asks again', async () => {
    const { limit, holder, first, second, ids } = await threeInLine();
    await passServedTime(db, 31_000);
    await slots.take(second, [limit.name], { requestId: ids.second });
    expect(await slots.giveBack(holder, ids.holder)).toEqual([{ workspaceId: yard.workspaceId, runId: second.runId }]);
    await slots.take(first, [limit.name], { requestId: ids.first });
    expect(await slots.take(second, [limit.name], { requestId: ids.second })).toMatchObject({ granted: false });
    expect(await slots.take(first, [limit.name], { requestId: ids.first })).toEqual(GRANTED);
  });

  test('does not starve who wants many, and does not stop at one limit for who waits at another', async () => {
    const limit = await slots.addLimit(2);
    const [a, big, small] = (await slots.running(3, agent)) as [RunAtWork, RunAtWork, RunAtWork];
    const requestId = randomUUID();
    await slots.take(a, [limit.name]);
    expect(await slots.take(big, [limit.name], { slots: 2, requestId })).toMatchObject({ granted: false });
    expect(await slots.take(small, [limit.name])).toMatchObject({ granted: false });
    await move(a, { kind: 'complete', owner: ownerOf(a) });
    expect(await slots.take(big, [limit.name], { slots: 2, requestId })).toEqual(GRANTED);
  });

  test('of two that want the same two limits one always goes', async () => {
    const [x, y] = [await slots.addLimit(1), await slots.addLimit(1)];
    const runs = await slots.running(8, agent);
    const requests = runs.map((run, i) => ({ run, requestId: randomUUID(), limits: i % 2 ? [x.name, y.name] : [y.name, x.name] }));
    const left = new Set(requests);
    for (let turn = 0; turn < 20 && left.size > 0; turn++) {
      const answers = await Promise.all(
        [...left].map(async (request) => ({ request, answer: await slots.take(request.run, request.limits, request) })),
      );
      const granted = answers.filter(({ answer }) => !answer.refused && answer.granted);
      expect(granted).toHaveLength(1);
      for (const { request } of granted) {
        left.delete(request);
        await slots.giveBack(request.run, request.requestId);
      }
    }
    expect(left.size).toBe(0);
  });

  test('who asks for more than the limit has by now is told so and leaves', async () => {
    const limit = await slots.addLimit(2);
    const [a, b] = (await slots.running(2, agent)) as [RunAtWork, RunAtWork];
    const requestId = randomUUID();
    await slots.take(a, [limit.name]);
    await slots.take(b, [limit.name], { slots: 2, requestId });
    await yard.q('UPDATE named_limit SET slots = 1 WHERE id = $1', [limit.id]);
    expect(await slots.take(b, [limit.name], { slots: 2, requestId })).toMatchObject({ refused: 'too-many', slots: 1 });
    expect(await slots.line(limit.id)).toEqual([]);
  });
});

describe('a rate', () => {
  test('lets as many pass at once as it has slots, then so many a second, and says when', async () => {
    const limit = await slots.addLimit(3, { decay: 2 });
    const [a] = (await slots.running(1, agent)) as [RunAtWork];
    for (let i = 0; i < 3; i++) expect(await slots.take(a, [limit.name])).toEqual(GRANTED);
    const first = (await slots.take(a, [limit.name])) as { retryInMs: number };
    const second = (await slots.take(a, [limit.name])) as { retryInMs: number };
    expect(first.retryInMs).toBeGreaterThan(300);
    expect(first.retryInMs).toBeLessThanOrEqual(500);
    expect(second.retryInMs - first.retryInMs).toBeGreaterThan(400);
    await yard.q(`UPDATE named_limit SET bucket_at = bucket_at - interval '1 second' WHERE id = $1`, [limit.id]);
    const requestId = randomUUID();
    // Two came back, and two wait: whoever comes now is third.
    expect(await slots.take(a, [limit.name], { requestId, wait: false })).toMatchObject({ granted: false });
  });

  test('is not taken twice by a repeat', async () => {
    const limit = await slots.addLimit(2, { decay: 0.001 });
    const [a] = (await slots.running(1, agent)) as [RunAtWork];
    const requestId = randomUUID();
    for (let i = 0; i < 5; i++) expect(await slots.take(a, [limit.name], { requestId })).toEqual(GRANTED);
    expect(await slots.take(a, [limit.name], { wait: false })).toEqual(GRANTED);
    expect(await slots.take(a, [limit.name], { wait: false })).toMatchObject({ granted: false });
  });

  test('and slots are taken together or not at all', async () => {
    const [rate, limit] = [await slots.addLimit(1, { decay: 0.001 }), await slots.addLimit(5)];
    const [a] = (await slots.running(1, agent)) as [RunAtWork];
    expect(await slots.take(a, [rate.name, limit.name])).toEqual(GRANTED);
    expect(await slots.take(a, [rate.name, limit.name], { wait: false })).toMatchObject({ granted: false, full: [rate.name] });
    expect(await slots.slotsHeld(limit.id)).toBe(1);
  });

  test('is refused by name when the limit is none', async () => {
    const limit = await slots.addLimit(1);
    const [a] = (await slots.running(1, agent)) as [RunAtWork];
    expect(await slots.take(a, [limit.name], { rateOnly: true })).toEqual({ refused: 'no-rate', limit: limit.name });
  });
});

describe('slots end with the epoch', () => {
  const retry = { retry: { retries: 1, delaysMs: [0] } };
  test.each<[title: string, intents: (owner: Owner) => Intent[], isFreed: boolean, deployment?: object]>([
    ['it completes', (owner) => [{ kind: 'complete', owner }], true],
    ['it crashes', (owner) => [{ kind: 'crash', owner, failure: { kind: 'crashed', message: 'SIGKILL' } }], true],
    ['it is tried again', (owner) => [{ kind: 'fail', owner, failure: { kind: 'application', message: 'boom' } }], true, retry],
    ['it is given back', (owner) => [{ kind: 'give-back', owner, reason: 'a drain' }], true],
    ['it is suspended', (owner) => [{ kind: 'suspend', owner }], true],
    ['its agent is lost for good', () => [{ kind: 'lose', why: 'silent' }, { kind: 'lost-deadline' }], true],
    ['its agent is lost for now', () => [{ kind: 'lose', why: 'silent' }], false],
    ['it waits for a child', (owner) => [{ kind: 'await-child', owner }], false],
    ['it is paused', (owner) => [{ kind: 'pause', owner }], false],
    ['it is being cancelled', () => [{ kind: 'cancel', by: 'Ada' }], false],
  ])('%s', async (_title, intents, isFreed, deployment) => {
    const limit = await slots.addLimit(1);
    const [a, b] = (await slots.running(2, agent, deployment)) as [RunAtWork, RunAtWork];
    if (_title !== 'it is given back') await move(a, { kind: 'start', owner: ownerOf(a) });
    const waiting = randomUUID();
    await slots.take(a, [limit.name]);
    await slots.take(b, [limit.name], { requestId: waiting });
    await slots.take(a, [limit.name]);
    const ctx = createDispatchCtx(db);
    for (const intent of intents(ownerOf(a))) {
      const { verdict, effects } = await move(a, intent);
      expect(verdict).toMatchObject({ kind: 'accept' });
      await afterCommit(ctx, effects);
    }
    expect(await slots.slotsHeld(limit.id)).toBe(isFreed ? 0 : 1);
    expect(await slots.line(limit.id)).toHaveLength(isFreed ? 1 : 2);
    const wakes = ctx.bus.told.filter(({ kind, verb }) => kind === 'command' && verb === 'wake');
    expect(wakes).toHaveLength(isFreed ? 1 : 0);
    if (isFreed) expect(await slots.take(b, [limit.name], { requestId: waiting })).toEqual(GRANTED);
  });

  test('a run that ends while it takes has nothing in the end', async () => {
    const limit = await slots.addLimit(1_000);
    const runs = await slots.running(20, agent);
    await Promise.all(
      runs.map(async (run) => {
        await move(run, { kind: 'start', owner: ownerOf(run) });
        await Promise.all([
          ...Array.from({ length: 5 }, () => slots.take(run, [limit.name])),
          move(run, { kind: 'complete', owner: ownerOf(run) }),
        ]);
      }),
    );
    expect(await slots.slotsHeld(limit.id)).toBe(0);
  });

  test('a waiter that comes while the holder ends is woken or sees the room', async () => {
    const limit = await slots.addLimit(1);
    const ctx = createDispatchCtx(db);
    const [b, ...holders] = (await slots.running(15, agent)) as [RunAtWork, ...RunAtWork[]];
    for (const holder of holders) {
      expect(await slots.take(holder, [limit.name])).toEqual(GRANTED);
      const requestId = randomUUID();
      ctx.bus.told.length = 0;
      const [asked] = await Promise.all([
        slots.take(b, [limit.name], { requestId }),
        move(holder, { kind: 'complete', owner: ownerOf(holder) }).then(({ effects }) => afterCommit(ctx, effects)),
      ]);
      const isWoken = ctx.bus.told.some(({ verb }) => verb === 'wake');
      expect(isWoken || (!asked.refused && asked.granted)).toBe(true);
      expect(await slots.take(b, [limit.name], { requestId })).toEqual(GRANTED);
      await slots.giveBack(b, requestId);
    }
  });
});
