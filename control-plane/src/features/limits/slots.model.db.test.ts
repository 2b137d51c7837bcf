/**
 * Random lives of runs that take and give back slots, against a model: the book that the SDK keeps for runs without an
 * agent. So both follow the same rules, and after every step each slot has a live owner.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeclaredLimit } from '../../../../sdk/src/engine/declared-limits.ts';
import { SlotBook } from '../../../../sdk/src/engine/slot-book.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createYard } from '../../../test/dispatch.ts';
import { createSlotYard, type RunAtWork } from '../../../test/slots.ts';
import type { Intent, Owner } from '../../domain/run-snapshot.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { transitionRun } from '../dispatch/index.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 4 });
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const RUNS = 4;
/** Kept or freed, by what happens to a run that holds them. */
const MOVES: Record<string, (owner: Owner) => Intent> = {
  complete: (owner) => ({ kind: 'complete', owner }),
  crash: (owner) => ({ kind: 'crash', owner, failure: { kind: 'crashed', message: 'x' } }),
  fail: (owner) => ({ kind: 'fail', owner, failure: { kind: 'application', message: 'x' } }),
  suspend: (owner) => ({ kind: 'suspend', owner }),
  pause: (owner) => ({ kind: 'pause', owner }),
  resume: () => ({ kind: 'resume', by: 'Ada' }),
  awaitChild: (owner) => ({ kind: 'await-child', owner }),
  childEnded: () => ({ kind: 'child-ended' }),
  cancel: () => ({ kind: 'cancel', by: 'Ada' }),
  lose: () => ({ kind: 'lose', why: 'silent' }),
  regain: () => ({ kind: 'regain' }),
  lostDeadline: () => ({ kind: 'lost-deadline' }),
  retryByHand: () => ({ kind: 'retry-by-hand', by: 'Ada' }),
};

const run = fc.nat({ max: RUNS - 1 });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('take' as const),
      run,
      limits: fc.uniqueArray(fc.nat({ max: 2 }), { minLength: 1 }),
      slots: fc.integer({ min: 1, max: 3 }),
      wait: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('again' as const), pick: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('give-back' as const), pick: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('move' as const), run, move: fc.constantFrom(...Object.keys(MOVES)) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('claim' as const) }) },
);

test('whatever runs do, slots are granted as the book says, never too many, and none is left without an owner', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const yard = await createYard(db);
      const slots = createSlotYard(db, yard);
      const agent = await yard.addAgent();
      const sizes = [1, 2, 4];
      const limits = await Promise.all(sizes.map((size, i) => slots.addLimit(size, { name: `l${i}` })));
      const declared = new Map(
        limits.map(({ name }, i): [string, DeclaredLimit] => [name, { name, slots: sizes[i] ?? 0, decayPerSecond: null, description: '' }]),
      );
      const book = new SlotBook(declared, () => 0);
      const runs = await slots.running(RUNS, agent, { retry: { retries: 2, delaysMs: [0] } });
      for (const one of runs) await move(one, { kind: 'start', owner: ownerOf(one) });
      const requests: { run: number; epoch: number; requestId: string; limits: string[]; slots: number; wait: boolean }[] = [];

      async function move(one: RunAtWork, intent: Intent) {
        return db.inWorkspace(yard.workspaceId, (tx) => transitionRun(sqlOfTx(tx), { runId: one.runId, intent }));
      }
      async function ask(request: (typeof requests)[number]) {
        const one = runs[request.run] as RunAtWork;
        const row = await yard.dispatchRow(one.runId);
        const answer = await slots.take({ ...one, epoch: request.epoch }, request.limits, request);
        const isHeld = row?.agent_id === agent && Number(row.epoch) === request.epoch;
        if (!isHeld && answer.refused !== 'too-many') {
          expect(answer).toEqual({ refused: 'stale' });
          return;
        }
        const said = book.acquire({ ...request, strict: false, rateOnly: false });
        if (said.refused) expect(answer.refused).toBe(said.refused);
        else
          expect(answer).toEqual(
            said.granted ? { granted: true, unknown: [] } : { granted: false, unknown: [], full: expect.arrayContaining(said.full) },
          );
      }

      for (const one of steps) {
        const picked = 'pick' in one ? requests[one.pick % Math.max(1, requests.length)] : undefined;
        if (one.kind === 'take') {
          const request = {
            run: one.run,
            epoch: runs[one.run]?.epoch ?? 0,
            requestId: randomUUID(),
            limits: one.limits.map((i) => `l${i}`),
            slots: one.slots,
            wait: one.wait,
          };
          requests.push(request);
          await ask(request);
        } else if (one.kind === 'again' && picked) await ask(picked);
        else if (one.kind === 'give-back' && picked) {
          await slots.giveBack({ ...(runs[picked.run] as RunAtWork), epoch: picked.epoch }, picked.requestId);
          book.release(picked.requestId);
        } else if (one.kind === 'move') {
          const which = runs[one.run] as RunAtWork;
          await move(which, MOVES[one.move]?.(ownerOf(which)) ?? { kind: 'regain' });
        } else if (one.kind === 'claim') {
          for (const { runId, epoch } of (await yard.claim(agent, RUNS, { warm: [{ digest: 'd1', count: RUNS }] })).runs) {
            const i = runs.findIndex((known) => known.runId === runId);
            runs[i] = { runId, agentId: agent, epoch };
            await move(runs[i] as RunAtWork, { kind: 'start', owner: { agentId: agent, epoch } });
          }
        }

        // What left its epoch holds nothing: neither here, nor in the book.
        for (const request of requests) {
          const row = await yard.dispatchRow((runs[request.run] as RunAtWork).runId);
          if (row?.agent_id !== agent || Number(row.epoch) !== request.epoch) book.release(request.requestId);
        }
        const orphans = await yard.q(
          `SELECT h.run_id FROM (SELECT run_id, epoch FROM limit_holder UNION ALL SELECT run_id, epoch FROM limit_waiter) h
           WHERE NOT EXISTS (SELECT 1 FROM run_dispatch d WHERE d.run_id = h.run_id AND d.epoch = h.epoch AND d.agent_id IS NOT NULL)`,
        );
        expect(orphans).toEqual([]);
        for (const [i, limit] of limits.entries()) {
          const held = await slots.slotsHeld(limit.id);
          expect(held).toBeLessThanOrEqual(sizes[i] ?? 0);
          expect(held).toBe(book.taken(limit.name));
        }
      }
    }),
    { numRuns: 15 },
  );
}, 120_000);

function ownerOf({ agentId, epoch }: RunAtWork): Owner {
  return { agentId, epoch };
}
