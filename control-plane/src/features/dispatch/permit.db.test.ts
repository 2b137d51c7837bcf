/** The permit: once per epoch, to the owner alone; and the hot path's SQL decides as the machine does. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createYard, type Yard } from '../../../test/dispatch.ts';
import { decide, stateKey } from '../../domain/run-machine.ts';
import { DEFAULT_TIMINGS, type Intent, STATE_KEYS, type Verdict } from '../../domain/run-snapshot.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { inTransaction, inWorkspaces } from '../../platform/transaction.ts';
import { lockLiveRuns } from './store/load-runs.ts';

let database: TestDatabase;
let db: Db;
let yard: Yard;
let agent: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 10 });
});
beforeEach(async () => {
  yard = await createYard(db);
  agent = await yard.addAgent();
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

async function pendingRun(more: { dueAt?: Date; parameters?: { encoding: 'json'; body: unknown } } = {}) {
  const [runId = ''] = await yard.addRuns(await yard.addDeployment(), 1, more);
  const { runs } = await yard.claim(agent, 1);
  return { runId, epoch: runs[0]?.epoch ?? 0 };
}

describe('granting', () => {
  test('is the transition to RUNNING, with 15 s to report the start', async () => {
    const run = await pendingRun();
    expect(await yard.permit(agent, run)).toEqual({ answer: 'granted', changed: true, inMs: 0 });
    const [row] = await yard.q(`SELECT *, deadline_at - served_now() AS left FROM run_dispatch WHERE run_id = $1`, [run.runId]);
    expect(row).toMatchObject({ state_type: 'RUNNING', state_name: 'Running' });
    expect(row.left.seconds).toBeLessThanOrEqual(15);
    expect(row.states.map((state: { name: string }) => state.name)).toEqual(['Scheduled', 'Pending', 'Running']);
  });

  test('happens once per epoch, however many ask at once', async () => {
    const run = await pendingRun();
    const answers = await Promise.all(Array.from({ length: 8 }, () => yard.permit(agent, run)));
    expect(answers.filter(({ answer }) => answer === 'granted')).toHaveLength(1);
  });

  test('is repeated for the same request within 10 s, and void after', async () => {
    const [run, requestId] = [await pendingRun(), randomUUID()];
    expect(await yard.permit(agent, run, { requestId })).toMatchObject({ answer: 'granted' });
    expect(await yard.permit(agent, run, { requestId })).toEqual({ answer: 'granted', inMs: 0 });
    await yard.q(`UPDATE run_dispatch SET granted_at = granted_at - interval '11 seconds' WHERE run_id = $1`, [run.runId]);
    expect(await yard.permit(agent, run, { requestId })).toEqual({
      answer: 'refused',
      reason: 'the permit was given 11 s ago and is void after 10 s',
    });
  });

  test('waits for the due instant', async () => {
    const run = await pendingRun({ dueAt: new Date(Date.now() + 1_500) });
    const answer = await yard.permit(agent, run);
    expect(answer.answer).toBe('wait');
    expect(answer.answer === 'wait' && answer.ms).toBeGreaterThan(0);
  });

  test('may come a little ahead of it, to who holds it until then: the run counts as running from its instant on', async () => {
    const dueAt = new Date(Date.now() + 60_000);
    const run = await pendingRun({ dueAt: new Date(Date.now() + 1_500) });
    await yard.q('UPDATE run_dispatch SET due_at = $2 WHERE run_id = $1', [run.runId, dueAt]);
    expect(await yard.permit(agent, run, { aheadMs: 60_000 })).toMatchObject({ answer: 'wait' });
    await yard.q(`UPDATE run_dispatch SET due_at = clock_timestamp() + interval '900 ms' WHERE run_id = $1`, [run.runId]);
    const answer = await yard.permit(agent, run, { aheadMs: 1_000 });
    expect(answer).toMatchObject({ answer: 'granted', inMs: expect.any(Number) });
    expect(answer.answer === 'granted' && answer.inMs).toBeLessThanOrEqual(900);
    const [row] = await yard.q(
      `SELECT state_at = due_at AS "atDue", granted_at < due_at AS "isAhead", deadline_at - served_now() AS left FROM run_dispatch WHERE run_id = $1`,
      [run.runId],
    );
    expect(row).toMatchObject({ atDue: true, isAhead: true });
    expect(row.left.seconds).toBeGreaterThanOrEqual(14);
  });

  test.each([
    ['another agent', async () => yard.addAgent(), {}],
    ['another epoch', async () => agent, { epoch: 1 }],
  ])('is refused to %s', async (_who, asker, change) => {
    const run = await pendingRun();
    expect(await yard.permit(await asker(), { ...run, ...change })).toMatchObject({
      answer: 'refused',
      reason: 'the run is not held by this agent under this epoch any more',
    });
  });

  test('is refused to an older session', async () => {
    const run = await pendingRun();
    await yard.q('UPDATE agent SET session = 2 WHERE id = $1', [agent]);
    expect(await yard.permit(agent, run)).toMatchObject({ answer: 'refused', reason: 'another session of this agent has begun' });
  });

  test('is refused across workspaces', async () => {
    const run = await pendingRun();
    const elsewhere = await createYard(db);
    expect(await elsewhere.permit(await elsewhere.addAgent(), run)).toEqual({ answer: 'refused', reason: 'the run has ended' });
  });
});

/** The machine's verdict on the row as it stands, in the words of the SQL's answer. */
async function machineSays(runId: string, intent: Intent): Promise<string> {
  const [run] = await inTransaction(db.systemSql, (sql) => lockLiveRuns(sql, [runId]));
  if (!run) return 'refused';
  return said(decide(run.snapshot, intent, { now: run.now, policy: run.policy, timings: DEFAULT_TIMINGS, random: 0.5 }));
}
function said(verdict: Verdict): string {
  if (verdict.kind === 'wait') return 'wait';
  return verdict.kind === 'accept' || verdict.code === 'already' ? 'granted' : 'refused';
}
const LIVE_STATES = STATE_KEYS.filter((state) => !['Completed', 'Failed', 'Crashed', 'Cancelled'].includes(state));
const TYPES: Record<string, string> = {
  Scheduled: 'SCHEDULED',
  AwaitingRetry: 'SCHEDULED',
  Resuming: 'SCHEDULED',
  Pending: 'PENDING',
  Paused: 'PAUSED',
  Suspended: 'PAUSED',
  Cancelling: 'CANCELLING',
};

describe('the SQL answers as the machine', () => {
  test.each(LIVE_STATES)('on a permit in %s', async (state) => {
    const [runId = ''] = await yard.addRuns(await yard.addDeployment());
    const requestId = randomUUID();
    for (const request of [null, requestId, randomUUID()]) {
      for (const age of [1, 60]) {
        for (const holder of [agent, null]) {
          for (const ahead of [-1, 60]) {
            await yard.q(
              `UPDATE run_dispatch SET state_type = $2, state_name = $3, epoch = 5, agent_id = $4, permit_request_id = $5, started_at = NULL,
                 granted_at = CASE WHEN $5::uuid IS NULL THEN NULL ELSE now() - $6::int * interval '1 second' END, due_at = now() + $7::int * interval '1 second'
               WHERE run_id = $1`,
              [runId, TYPES[state] ?? 'RUNNING', state, holder, request, age, ahead],
            );
            const expected = await machineSays(runId, { kind: 'grant', owner: { agentId: agent, epoch: 5 }, requestId });
            expect((await yard.permit(agent, { runId, epoch: 5 }, { requestId })).answer).toBe(expected);
          }
        }
      }
    }
  });

  test.each(LIVE_STATES)('on a claim in %s', async (state) => {
    const deployment = await yard.addDeployment({ startTimeoutMs: 20_000 });
    for (const warm of [[], [{ digest: 'd1', count: 1 }]]) {
      for (const ahead of [-1, 1, 60]) {
        const [runId = ''] = await yard.addRuns(deployment);
        await yard.q(
          `UPDATE run_dispatch SET state_type = $2, state_name = $3, due_at = now() + $4::int * interval '1 second', epoch = 5 WHERE run_id = $1`,
          [runId, TYPES[state] ?? 'RUNNING', state, ahead],
        );
        const [before] = await inTransaction(db.systemSql, (sql) => lockLiveRuns(sql, [runId]));
        if (!before) throw new Error('no run');
        const intent: Intent = { kind: 'claim', agentId: agent, ...(warm.length > 0 ? { permit: randomUUID() } : {}) };
        const verdict = decide(before.snapshot, intent, { now: before.now, policy: before.policy, timings: DEFAULT_TIMINGS, random: 0.5 });
        const { runs } = await yard.claim(agent, 1, { warm });
        expect(runs.map((run) => run.runId)).toEqual(verdict.kind === 'accept' ? [runId] : []);
        const [row] = await yard.q(
          'SELECT *, extract(epoch FROM deadline_at - served_now()) * 1000 AS left FROM run_dispatch WHERE run_id = $1',
          [runId],
        );
        if (verdict.kind === 'accept') {
          expect(stateKey(row.state_type, row.state_name)).toBe(stateKey(verdict.next.type, verdict.next.name));
          expect(Number(row.epoch)).toBeGreaterThan(5);
          expect(Math.abs(Number(row.left) - Number(verdict.next.deadlineMs))).toBeLessThan(1_000);
          expect(row.granted_at === null).toBe(verdict.next.grantedAt === null);
        }
        await yard.q('DELETE FROM holder WHERE run_id = $1', [runId]);
        await yard.q('DELETE FROM run_dispatch WHERE run_id = $1', [runId]);
      }
    }
  });
});

describe('row-level security', () => {
  test('the report role with another workspace sees nothing of this one', async () => {
    const run = await pendingRun();
    const elsewhere = await createYard(db);
    const count = (workspaces: string[]) =>
      inWorkspaces(db.reportSql, workspaces, async (sql) => {
        const [row] = await sql.query<object>(
          `SELECT (SELECT count(*)::int FROM run_dispatch WHERE run_id = $1) AS dispatch, (SELECT count(*)::int FROM run WHERE id = $1) AS records,
             (SELECT count(*)::int FROM holder WHERE run_id = $1) AS holders, (SELECT count(*)::int FROM claim WHERE agent_id = $2) AS claims`,
          [run.runId, agent],
        );
        return row;
      });
    expect(await count([elsewhere.workspaceId])).toEqual({ dispatch: 0, records: 0, holders: 0, claims: 0 });
    expect(await count([elsewhere.workspaceId, yard.workspaceId])).toEqual({ dispatch: 1, records: 1, holders: 1, claims: 1 });
  });

  test('a workspace that a claim set does not outlive its statement', async () => {
    await pendingRun();
    const [row] = await sqlOfClient(db.reportSql).query<{ count: number }>('SELECT count(*)::int AS count FROM run_dispatch');
    expect(row?.count).toBe(0);
  });
});
