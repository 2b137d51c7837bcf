/** Moves of runs in Postgres: what each leaves behind, in the dispatch row, the record, the attempts and the holders. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createYard, type Yard } from '../../../test/dispatch.ts';
import type { Intent, Owner } from '../../domain/run-snapshot.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { sqlOfClient, sqlOfTx } from '../../platform/sql.ts';
import { effectsOfInsert, insertRuns } from './index.ts';
import { transitionRun, transitionRuns } from './transition.ts';

let database: TestDatabase;
let db: Db;
let yard: Yard;
let agent: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 6 });
});
beforeEach(async () => {
  yard = await createYard(db);
  agent = await yard.addAgent();
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

/** As requests of people move runs: in a workspace's own transaction. */
const move = (runId: string, intent: Intent) => db.inWorkspace(yard.workspaceId, (tx) => transitionRun(sqlOfTx(tx), { runId, intent }));

async function runningRun(options: Parameters<Yard['addDeployment']>[0] = {}): Promise<{ runId: string; owner: Owner }> {
  const [runId = ''] = await yard.addRuns(await yard.addDeployment(options));
  const claimed = (await yard.claim(agent)).runs.find((run) => run.runId === runId);
  const epoch = claimed?.epoch ?? -1;
  expect(await yard.permit(agent, { runId, epoch })).toMatchObject({ answer: 'granted' });
  await move(runId, { kind: 'start', owner: { agentId: agent, epoch } });
  return { runId, owner: { agentId: agent, epoch } };
}
const attempts = (runId: string) => yard.q('SELECT * FROM attempt WHERE run_id = $1 ORDER BY epoch', [runId]);

describe('insertRuns', () => {
  test('makes the record and the dispatch row, SCHEDULED, and tells pool and pages', async () => {
    const deploymentId = await yard.addDeployment();
    const [run] = await db.inWorkspace(yard.workspaceId, (tx) =>
      insertRuns(sqlOfTx(tx), [
        {
          workspaceId: yard.workspaceId,
          deploymentId,
          name: 'one',
          parameters: { encoding: 'json', body: {} },
          createdBy: 'api',
          tags: ['a'],
        },
      ]),
    );
    const id = run?.id ?? '';
    expect(await yard.record(id)).toMatchObject({ name: 'one', tags: ['a'], state_type: null, pool_id: yard.poolId });
    expect(await yard.dispatchRow(id)).toMatchObject({ state_type: 'SCHEDULED', attempt: 1, queue_id: yard.queueId });
    expect(effectsOfInsert(run ? [run] : []).map((effect) => effect.kind)).toEqual(['made', 'live', 'offer']);
  });

  test("a stranger's deployment is not found", async () => {
    const [deploymentId, elsewhere] = [await yard.addDeployment(), await createYard(db)];
    const attempt = db.inWorkspace(elsewhere.workspaceId, (tx) =>
      insertRuns(sqlOfTx(tx), [
        { workspaceId: elsewhere.workspaceId, deploymentId, name: 'x', parameters: { encoding: 'json', body: {} }, createdBy: 'api' },
      ]),
    );
    await expect(attempt).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('ending', () => {
  test('the record gets its end, and nothing of dispatch stays', async () => {
    const { runId, owner } = await runningRun();
    await move(runId, { kind: 'complete', owner, result: { encoding: 'json', body: 42 } });
    const record = await yard.record(runId);
    expect(record).toMatchObject({ state_type: 'COMPLETED', state_name: 'Completed', attempt: 1, result: { encoding: 'json', body: 42 } });
    expect(record.states.map((state: { name: string }) => state.name)).toEqual(['Scheduled', 'Pending', 'Running', 'Completed']);
    expect(record.started_at).not.toBeNull();
    expect(await yard.dispatchRow(runId)).toBeNull();
    expect(await yard.holders()).toEqual([]);
    expect(await attempts(runId)).toMatchObject([{ attempt: 1, agent_id: agent, state_type: 'COMPLETED' }]);
  });

  test('what comes later is refused as over, and a report of an older epoch as stale', async () => {
    const { runId, owner } = await runningRun();
    expect((await move(runId, { kind: 'complete', owner: { ...owner, epoch: owner.epoch - 1 } })).verdict).toMatchObject({ code: 'stale' });
    await move(runId, { kind: 'complete', owner });
    expect((await move(runId, { kind: 'crash', owner, failure: { kind: 'crashed', message: 'x' } })).verdict).toMatchObject({
      kind: 'reject',
      code: 'over',
    });
  });

  test('start and end in one batch are decided in their order', async () => {
    const [runId = ''] = await yard.addRuns(await yard.addDeployment());
    const { runs } = await yard.claim(agent, 1, { warm: [{ digest: 'd1', count: 1 }] });
    const owner = { agentId: agent, epoch: runs[0]?.epoch ?? 0 };
    const { results } = await transitionRuns(sqlOfClient(db.systemSql), [
      { runId, intent: { kind: 'start', owner } },
      { runId, intent: { kind: 'complete', owner } },
      { runId, intent: { kind: 'complete', owner } },
      { runId: randomUUID(), intent: { kind: 'complete', owner } },
    ]);
    expect(results.map(({ verdict }) => (verdict?.kind === 'reject' ? verdict.code : verdict?.kind))).toEqual([
      'accept',
      'accept',
      'over',
      undefined,
    ]);
    expect((await yard.record(runId)).started_at).not.toBeNull();
  });
});

describe('trying again', () => {
  test('a failure with retries left goes to AwaitingRetry under a new epoch, its slots free', async () => {
    const { runId, owner } = await runningRun({ retry: { retries: 1, delaysMs: [30_000] } });
    await move(runId, { kind: 'fail', owner, failure: { kind: 'application', message: 'boom' } });
    const row = await yard.dispatchRow(runId);
    expect(row).toMatchObject({ state_type: 'SCHEDULED', state_name: 'AwaitingRetry', agent_id: null, attempt: 2, retries: 1 });
    expect(Number(row.epoch)).toBeGreaterThan(owner.epoch);
    expect(row.due_at.getTime()).toBeGreaterThan(Date.now() + 20_000);
    expect(await yard.holders()).toEqual([]);
    expect(await attempts(runId)).toMatchObject([{ attempt: 1, state_name: 'AwaitingRetry', message: 'attempt 1 ended: boom' }]);
  });

  test('a retry by hand makes a new attempt of the same run under a higher epoch', async () => {
    const { runId, owner } = await runningRun();
    await move(runId, { kind: 'fail', owner, failure: { kind: 'application', message: 'boom' } });
    const { verdict, effects } = await move(runId, { kind: 'retry-by-hand', by: 'Ada' });
    expect(verdict.kind).toBe('accept');
    expect(effects.map((effect) => effect.kind)).toEqual(['live', 'offer']);
    const row = await yard.dispatchRow(runId);
    expect(row).toMatchObject({ state_type: 'SCHEDULED', attempt: 2, state_message: 'retried by Ada, what has finished is kept' });
    expect(Number(row.epoch)).toBeGreaterThan(owner.epoch);
    expect(await yard.record(runId)).toMatchObject({ state_type: null, ended_at: null, failure: null });
    const { runs } = await yard.claim(agent);
    expect(runs).toMatchObject([{ runId, attempt: 2 }]);
    expect((await move(runId, { kind: 'retry-by-hand', by: 'Ada' })).verdict).toMatchObject({ code: 'not-now' });
  });

  test('two people who retry at once make one attempt', async () => {
    const { runId, owner } = await runningRun();
    await move(runId, { kind: 'crash', owner, failure: { kind: 'crashed', message: 'exit code 137' } });
    const verdicts = await Promise.all([1, 2, 3].map(() => move(runId, { kind: 'retry-by-hand', by: 'Ada' })));
    expect(verdicts.filter(({ verdict }) => verdict.kind === 'accept')).toHaveLength(1);
  });

  test('a run that is given back can be claimed again, under a higher epoch, and the old one counts no more', async () => {
    const [runId = ''] = await yard.addRuns(await yard.addDeployment());
    const epoch = (await yard.claim(agent)).runs[0]?.epoch ?? 0;
    await move(runId, { kind: 'give-back', owner: { agentId: agent, epoch }, reason: 'draining' });
    expect(await yard.permit(agent, { runId, epoch })).toMatchObject({ answer: 'refused' });
    const again = (await yard.claim(agent)).runs[0];
    expect(again?.runId).toBe(runId);
    expect(again?.epoch).toBeGreaterThan(epoch);
    expect(again?.attempt).toBe(1);
  });

  test('three starts that fail in a row put the agent on back-off; one that works ends it', async () => {
    const failure = { kind: 'crashed', message: 'module not found' } as const;
    for (let i = 0; i < 3; i++) {
      const [runId = ''] = await yard.addRuns(await yard.addDeployment());
      const epoch = (await yard.claim(agent)).runs.find((run) => run.runId === runId)?.epoch ?? 0;
      await move(runId, { kind: 'start-failed', owner: { agentId: agent, epoch }, failure });
      await yard.q(`UPDATE run_dispatch SET due_at = now() + interval '1 hour' WHERE run_id = $1`, [runId]);
    }
    const [row] = await yard.q('SELECT start_failures, backoff_until > now() AS off FROM agent WHERE id = $1', [agent]);
    expect(row).toEqual({ start_failures: 3, off: true });
    await yard.q('UPDATE agent SET backoff_until = NULL WHERE id = $1', [agent]);
    await runningRun();
    expect(await yard.q('SELECT start_failures FROM agent WHERE id = $1', [agent])).toEqual([{ start_failures: 0 }]);
  });
});

describe('cancelling', () => {
  test('a run that waits is cancelled at once', async () => {
    const [runId = ''] = await yard.addRuns(await yard.addDeployment());
    await move(runId, { kind: 'cancel', by: 'Ada' });
    expect(await yard.record(runId)).toMatchObject({ state_type: 'CANCELLED', state_message: 'cancelled by Ada' });
    expect(await attempts(runId)).toEqual([]);
  });

  test('a run that runs is CANCELLING until its agent says that it ended, and its agent is told', async () => {
    const { runId, owner } = await runningRun();
    const { effects } = await move(runId, { kind: 'cancel', by: 'Ada' });
    expect(effects).toContainEqual({ kind: 'cancel', workspaceId: yard.workspaceId, agentId: agent, runId, epoch: owner.epoch });
    expect(await yard.dispatchRow(runId)).toMatchObject({ state_type: 'CANCELLING', agent_id: agent, cancel_cause: 'asked' });
    expect(await yard.holders()).toHaveLength(1);
    await move(runId, { kind: 'cancelled-observed', owner });
    expect(await yard.record(runId)).toMatchObject({ state_type: 'CANCELLED' });
    expect(await yard.holders()).toEqual([]);
  });

  test("a stranger's run is not found", async () => {
    const [runId = ''] = await yard.addRuns(await yard.addDeployment());
    const elsewhere = await createYard(db);
    const attempt = db.inWorkspace(elsewhere.workspaceId, (tx) =>
      transitionRun(sqlOfTx(tx), { runId, intent: { kind: 'cancel', by: 'Eve' } }),
    );
    await expect(attempt).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a claimed run that is cancelled before its permit never starts', async () => {
    const [runId = ''] = await yard.addRuns(await yard.addDeployment());
    const epoch = (await yard.claim(agent)).runs[0]?.epoch ?? 0;
    await move(runId, { kind: 'cancel', by: 'Ada' });
    expect(await yard.permit(agent, { runId, epoch })).toEqual({ answer: 'refused', reason: 'the run is cancelling' });
  });
});
