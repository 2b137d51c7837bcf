import { toId } from '@signalbox/proto';
import { listTaskRunsInput } from '@signalbox/proto/api';
import { taskStateSchema } from '@signalbox/proto/messages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createYard } from '../../../test/dispatch.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { inWorkspaces } from '../../platform/transaction.ts';
import { listArtifacts, upsertArtifacts } from '../artifacts/index.ts';
import { listTaskRuns, upsertTaskRuns } from './index.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 3 });
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const AT = '2026-11-23T05:00:00.000Z';

async function withRun() {
  const yard = await createYard(db);
  const [runId = ''] = await yard.addRuns(await yard.addDeployment());
  const run = toId('run', runId);
  const place = { retentionClass: 'd30', workspaceId: yard.workspaceId, runId };
  const inReport = (work: Parameters<typeof inWorkspaces<void>>[2]) => inWorkspaces(db.reportSql, [yard.workspaceId], work);
  const addTasks = (epoch: number, ordinals: readonly number[]) =>
    inReport((sql) => {
      const entries = ordinals.map(
        (ordinal) =>
        taskStateSchema.parse({
          type: 'task.state', n: 1, run, epoch, at: AT, ordinal, seq: 1, kind: 'task', taskKey: 'load', name: `load ${ordinal}`, parentOrdinal: null,
          upstream: ordinal > 1 ? [ordinal - 1] : [], state: 'FAILED', stateName: 'Failed', attempt: 2, message: 'no',
          failure: { kind: 'application', message: 'no' }, startedAt: AT, endedAt: null,
        }), // biome-ignore format: one a line
      );
      return upsertTaskRuns(
        sql,
        entries.map((entry) => ({ ...place, entry })),
      );
    });
  const read = (input: object = {}) =>
    db.inWorkspace(yard.workspaceId, (tx) => listTaskRuns(tx, yard.workspaceId, listTaskRunsInput.parse({ run, ...input })));
  return { yard, run, place, inReport, addTasks, read };
}

describe('reading task runs', () => {
  it('page by page gives each once, by ordinal, and keeps to the attempt it began with', async () => {
    const { addTasks, read } = await withRun();
    await addTasks(1, [1, 2]);
    await addTasks(2, [3, 1, 2, 10]);
    const first = await read({ limit: 2 });
    await addTasks(3, [1]);
    const second = await read({ limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ epoch, ordinal }) => [epoch, ordinal])).toEqual([
      [2, 1],
      [2, 2],
      [2, 3],
      [2, 10],
    ]);
    expect(second.nextCursor).toBe(null);
    expect((await read({ epoch: 1 })).items).toHaveLength(2);
    await expect(read({ cursor: 'x' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('shows all that was told of one', async () => {
    const { addTasks, read } = await withRun();
    await addTasks(1, [2]);
    expect((await read()).items).toEqual([
      {
        epoch: 1, ordinal: 2, kind: 'task', name: 'load 2', taskKey: 'load', parentOrdinal: null, upstream: [1],
        state: { type: 'FAILED', name: 'Failed', message: 'no' }, failure: { kind: 'application', message: 'no' }, attempt: 2, startedAt: AT, endedAt: null,
      },
    ]); // biome-ignore format: one a line
  });

  it('of an attempt under way that has none yet shows none, not those of the one before', async () => {
    const { yard, place, addTasks, read } = await withRun();
    await addTasks(1, [1]);
    await yard.q(`UPDATE run_dispatch SET epoch = 2, granted_at = now() WHERE run_id = $1`, [place.runId]);
    expect((await read()).items).toEqual([]);
  });
});

describe('reading artifacts', () => {
  it('gives them in the order they were made, over all attempts', async () => {
    const { yard, run, place, inReport } = await withRun();
    const entry = (epoch: number, ordinal: number) => ({
      ...place,
      entry: {
        type: 'artifact' as const,
        n: ordinal,
        run,
        epoch,
        at: AT,
        ordinal,
        taskOrdinal: null,
        kind: 'markdown' as const,
        key: null,
        description: null,
        data: { encoding: 'json' as const, body: `${epoch}.${ordinal}` },
      },
    });
    await inReport((sql) => upsertArtifacts(sql, [entry(2, 1), entry(1, 2), entry(1, 1)]));
    const { items } = await db.inWorkspace(yard.workspaceId, (tx) => listArtifacts(tx, yard.workspaceId, { run }));
    expect(items.map(({ data }) => data.body)).toEqual(['1.1', '1.2', '2.1']);
    expect(items[0]).toMatchObject({ id: expect.stringMatching(/^art_/), epoch: 1, kind: 'markdown', createdAt: AT, updatedAt: AT });
  });
});
