/** Order within a queue: keys take turns where it is fair, and claims begin to read where runs still wait. */
import { openEnvelope } from '@signalbox/proto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createDispatchCtx, createYard, type Yard } from '../../../test/dispatch.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { sweepLate, sweepOrder } from './sweep-loop.ts';
import { transitionRun } from './transition.ts';

let database: TestDatabase;
let db: Db;
let yard: Yard;
let agent: string;
let deployment: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 6 });
});
beforeEach(async () => {
  yard = await createYard(db);
  agent = await yard.addAgent();
  deployment = await yard.addDeployment();
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const makeFair = () =>
  yard.q(`UPDATE work_queue SET fair_by = '{{ parameters.key }}', fair_parts = '[["key"]]' WHERE id = $1`, [yard.queueId]);
const add = (key: string, count: number, more: { dueAt?: Date } = {}) =>
  yard.addRuns(deployment, count, { name: key, parameters: openEnvelope({ key }), ...more });
const names = (answer: { runs: { name: string }[] }) => answer.runs.map((run) => run.name);
const mark = async () => (await yard.q('SELECT rank FROM queue_mark WHERE queue_id = $1', [yard.queueId]))[0]?.rank as Date | undefined;

describe('a queue that is fair by a key', () => {
  beforeEach(makeFair);

  test('lets a key with one run go next, whatever another has waiting', async () => {
    for (let i = 0; i < 5; i++) await add('big', 1_000);
    expect(names(await yard.claim(agent, 5))).toEqual(Array(5).fill('big'));
    await add('small', 1);
    expect(names(await yard.claim(agent, 2))).toContain('small');
  }, 60_000);

  test('lets keys take turns', async () => {
    await add('a', 5);
    await add('b', 3);
    await add('c', 1);
    const order: string[] = [];
    for (let i = 0; i < 9; i++) order.push(...names(await yard.claim(agent, 1)));
    expect(order.slice(0, 3).sort()).toEqual(['a', 'b', 'c']);
    expect(order.slice(3, 7).sort()).toEqual(['a', 'a', 'b', 'b']);
    expect(order.slice(7)).toEqual(['a', 'a']);
  });

  test('gives a key nothing for the time it had nothing waiting', async () => {
    await add('a', 20);
    await yard.claim(agent, 10);
    await add('late', 6);
    const order: string[] = [];
    for (let i = 0; i < 12; i++) order.push(...names(await yard.claim(agent, 1)));
    expect(order.filter((name) => name === 'late')).toHaveLength(6);
    expect(order.slice(0, 6).filter((name) => name === 'late').length).toBeLessThanOrEqual(4);
  });

  test('between keys that always have runs waiting, the share differs by one at most', { timeout: 60_000 }, async () => {
    const backlog = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(backlog, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 8, maxLength: 8 }), async (counts, slots) => {
        yard = await createYard(db);
        agent = await yard.addAgent();
        deployment = await yard.addDeployment();
        await makeFair();
        for (const [i, count] of counts.entries()) await add(`k${i}`, count);
        const served = counts.map(() => 0);
        for (const free of slots) {
          for (const name of names(await yard.claim(agent, free))) {
            const i = Number(name.slice(1));
            served[i] = (served[i] ?? 0) + 1;
            const waiting = counts.flatMap((count, k) => ((served[k] ?? 0) < count ? [served[k] ?? 0] : []));
            // The one just served is at most one ahead of any that waits.
            if (waiting.length > 0) expect((served[i] ?? 0) - Math.min(...waiting)).toBeLessThanOrEqual(1);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  test('ranks runs made ahead of their instant when they are due, and those that are tried again', async () => {
    const [run = ''] = await add('a', 1, { dueAt: new Date(Date.now() + 3_600_000) });
    expect((await yard.dispatchRow(run)).fair_rank).toBeNull();
    await add('b', 3);
    await yard.q(`UPDATE run_dispatch SET due_at = now() WHERE run_id = $1`, [run]);
    await sweepOrder(createDispatchCtx(db));
    expect((await yard.dispatchRow(run)).fair_rank).not.toBeNull();
    expect(names(await yard.claim(agent, 2))).toContain('a');
  });

  test('marks its late runs once', async () => {
    const [run = ''] = await add('a', 1);
    await yard.q(`UPDATE run_dispatch SET due_at = now() - interval '20 s', ranked_due_at = now() - interval '20 s' WHERE run_id = $1`, [
      run,
    ]);
    // Those of other tests are before it in line.
    for (let from: Date | null = null, i = 0; i < 30; i++) from = await sweepLate(createDispatchCtx(db), from);
    expect((await yard.dispatchRow(run)).late_at).not.toBeNull();
  });
});

describe('the mark of a queue', () => {
  const past = (seconds: number) => new Date(Date.now() - seconds * 1_000);
  const addPast = async (seconds: number, name: string) => {
    const [run = ''] = await yard.addRuns(deployment, 1, { name });
    await yard.q('UPDATE run_dispatch SET due_at = $2 WHERE run_id = $1', [run, past(seconds)]);
    return run;
  };

  test('follows the runs that are given out', async () => {
    await addPast(60, 'first');
    await yard.claim(agent, 1);
    const before = await mark();
    await addPast(30, 'second');
    await yard.claim(agent, 1);
    expect((await mark())?.getTime()).toBeGreaterThan(before?.getTime() ?? Number.POSITIVE_INFINITY);
  });

  test('stays at a run that one agent may not have, so that another finds it', async () => {
    const kept = await addPast(60, 'kept');
    await yard.q('UPDATE run_dispatch SET excluded_agents = ARRAY[$2::uuid] WHERE run_id = $1', [kept, agent]);
    await addPast(10, 'other');
    const second = await yard.addAgent();
    expect(names(await yard.claim(agent, 5))).toEqual(['other']);
    expect(names(await yard.claim(second, 5))).toEqual(['kept']);
  });

  test('goes down with a run that is given back, at once', async () => {
    await addPast(60, 'old');
    const { runs } = await yard.claim(agent, 1);
    await addPast(1, 'new');
    await yard.claim(agent, 1);
    const { runId = '', epoch = 0 } = runs[0] ?? {};
    const intent = { kind: 'give-back' as const, owner: { agentId: agent, epoch }, reason: 'a drain' };
    await transitionRun(sqlOfClient(db.systemSql), { runId, intent });
    expect(names(await yard.claim(agent, 1))).toEqual(['old']);
  });

  test('is repaired by the sweep for a run that came to lie below by another way', async () => {
    await addPast(1, 'new');
    await yard.claim(agent, 1);
    await addPast(3_600, 'below');
    expect(names(await yard.claim(agent, 1))).toEqual([]);
    await sweepOrder(createDispatchCtx(db));
    expect(names(await yard.claim(agent, 1))).toEqual(['below']);
  });

  test('spares a claim the index entries of runs that went, however long a reader keeps them', { timeout: 60_000 }, async () => {
    const reader = await db.systemSql.connect();
    const client = await db.reportSql.connect();
    try {
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await reader.query('SELECT 1');
      // Their first entries lie beyond what is read.
      for (let i = 0; i < 3; i++) await yard.addRuns(deployment, 1_000, { dueAt: new Date(Date.now() + 3_600_000) });
      await yard.q(`UPDATE run_dispatch SET due_at = now() - interval '1 minute' WHERE workspace_id = $1`, [yard.workspaceId]);
      await yard.q(`UPDATE run_dispatch SET state_type = 'RUNNING' WHERE workspace_id = $1`, [yard.workspaceId]);
      const blocks = async () => {
        await client.query('BEGIN');
        const hits = async () =>
          Number((await client.query(`SELECT pg_stat_get_xact_blocks_fetched('run_dispatch'::regclass) AS n`)).rows[0].n);
        const before = await hits();
        await client.query(`SELECT give_runs($1, $2, 1, gen_random_uuid(), 5, '{}', '{}', 2000, 15000, 60000)`, [yard.workspaceId, agent]);
        const read = (await hits()) - before;
        await client.query('ROLLBACK');
        return read;
      };
      const walked = await blocks();
      await yard.addRuns(deployment, 1);
      await yard.claim(agent, 1);
      expect(await mark()).toBeDefined();
      const spared = await blocks();
      expect(walked).toBeGreaterThan(100);
      expect(spared).toBeLessThan(walked / 10);
    } finally {
      await reader.query('ROLLBACK');
      reader.release();
      client.release();
    }
  });
});
