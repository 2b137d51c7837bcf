/** Everybody at once: claims, reports, cancels, retries and the reaper over the same runs and limits. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createDispatchCtx, createYard } from '../../../test/dispatch.ts';
import type { Intent } from '../../domain/run-snapshot.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { afterCommit, transitionRun, transitionRuns } from './index.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 14 });
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

test('every run ends once, no limit is exceeded, and nothing stays behind', async () => {
  const yard = await createYard(db);
  const ctx = createDispatchCtx(db);
  await yard.q('UPDATE work_pool SET concurrency_limit = 12 WHERE id = $1', [yard.poolId]);
  const deployments = [
    await yard.addDeployment({ limit: 3 }),
    await yard.addDeployment({ limit: 5 }),
    await yard.addDeployment({ retry: { retries: 1, delaysMs: [0] } }),
  ];
  const runs = (await Promise.all(deployments.map((id) => yard.addRuns(id, 40)))).flat();
  const agents = await Promise.all(Array.from({ length: 5 }, () => yard.addAgent()));
  let most = 0;

  const isDone = async () =>
    (await yard.q('SELECT count(*)::int AS n FROM run_dispatch WHERE workspace_id = $1', [yard.workspaceId]))[0].n === 0;
  const work = async (agentId: string) => {
    for (let turn = 0; turn < 300 && !(await isDone()); turn++) {
      const { runs: given } = await yard.claim(agentId, 4, { warm: [{ digest: 'd1', count: 4 }] });
      const [{ n }] = await yard.q('SELECT count(*)::int AS n FROM holder WHERE pool_id = $1', [yard.poolId]);
      most = Math.max(most, n);
      const ends = given.flatMap(({ runId, epoch }, i): { runId: string; intent: Intent }[] => {
        const owner = { agentId, epoch };
        const end: Intent =
          i % 3 === 0
            ? { kind: 'fail', owner, failure: { kind: 'application', message: 'boom' } }
            : i % 3 === 1
              ? { kind: 'complete', owner }
              : { kind: 'give-back', owner, reason: 'a drain' };
        return [...(end.kind === 'give-back' ? [] : [{ runId, intent: { kind: 'start', owner } as const }]), { runId, intent: end }];
      });
      const { effects } = await inTransaction(db.reportSql, async (sql) => {
        await sql.query(`SELECT set_config('signalbox.workspaces', $1, true)`, [yard.workspaceId]);
        return transitionRuns(sql, ends);
      });
      await afterCommit(ctx, effects);
    }
  };
  const cancel = async () => {
    for (const runId of runs.filter((_, i) => i % 7 === 0)) {
      const { effects } = await db.inWorkspace(yard.workspaceId, (tx) =>
        transitionRun(sqlOfTx(tx), { runId, intent: { kind: 'cancel', by: 'Ada' } }),
      );
      await afterCommit(ctx, effects);
    }
  };
  await Promise.all([...agents.map(work), cancel()]);

  expect(most).toBeLessThanOrEqual(12);
  expect(await yard.holders()).toEqual([]);
  const states = await yard.q('SELECT state_type, count(*)::int AS n FROM run WHERE workspace_id = $1 GROUP BY 1', [yard.workspaceId]);
  expect(states.every(({ state_type }) => ['COMPLETED', 'FAILED', 'CANCELLED'].includes(state_type))).toBe(true);
  expect(states.reduce((sum, { n }) => sum + n, 0)).toBe(120);
  const doubles = await yard.q('SELECT run_id FROM attempt WHERE workspace_id = $1 GROUP BY run_id, epoch HAVING count(*) > 1', [
    yard.workspaceId,
  ]);
  expect(doubles).toEqual([]);
});
