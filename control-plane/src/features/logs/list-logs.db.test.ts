import { toId, uuidv7 } from '@signalbox/proto';
import { listLogsInput } from '@signalbox/proto/api';
import { LOG_LEVELS, type LogLevel } from '@signalbox/proto/messages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createYard } from '../../../test/dispatch.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { inWorkspaces } from '../../platform/transaction.ts';
import { insertLogs, listLogs } from './index.ts';

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

/** A run with entries of so many lines each; lines are numbered through, levels go round. */
async function withLogs(entries: readonly { epoch: number; n: number; lines: number }[]) {
  const yard = await createYard(db);
  const [runId = ''] = await yard.addRuns(await yard.addDeployment());
  const at = '2026-11-23T05:00:00.000Z';
  let number = 0;
  const rows = entries.map(({ epoch, n, lines }) => ({
    retentionClass: 'd30',
    workspaceId: yard.workspaceId,
    runId,
    epoch,
    n,
    at,
    lines: Array.from({ length: lines }, () => {
      const level: LogLevel = LOG_LEVELS[number % 4] ?? 'info';
      return { at, level, stream: 'logger' as const, taskOrdinal: null, message: `line ${number++}` };
    }),
  }));
  await inWorkspaces(db.reportSql, [yard.workspaceId], (sql) => insertLogs(sql, rows));
  const read = (input: object = {}, workspaceId = yard.workspaceId) =>
    db.inWorkspace(workspaceId, (tx) => listLogs(tx, workspaceId, listLogsInput.parse({ run: toId('run', runId), ...input })));
  return { yard, read, total: number };
}

describe('reading logs', () => {
  it('page by page gives every line once, in order, over entries and attempts', async () => {
    const entries = Array.from({ length: 45 }, (_, i) => ({ epoch: i < 30 ? 4294967297 : 4294967298, n: i + 1, lines: 1 + (i % 7) }));
    const { read, total } = await withLogs(entries);
    const messages: string[] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const page: Awaited<ReturnType<typeof read>> = await read({ limit: 13, ...(after ? { after } : {}) });
      expect(page.lines.length).toBeLessThanOrEqual(13);
      messages.push(...page.lines.map((line) => line.message));
      after = page.next;
    }
    expect(messages).toEqual(Array.from({ length: total }, (_, i) => `line ${i}`));
  });

  it('says that a page which ends with the last line is the last', async () => {
    const { read } = await withLogs([
      { epoch: 1, n: 1, lines: 4 },
      { epoch: 1, n: 3, lines: 4 },
    ]);
    expect(await read({ limit: 8 })).toMatchObject({ lines: { length: 8 }, next: null });
    expect(await read({ limit: 7 })).toMatchObject({ lines: { length: 7 }, next: '1.3.2' });
    expect(await read({ limit: 7, after: '1.3.2' })).toMatchObject({
      lines: [{ message: 'line 7', epoch: 1, position: '1.3.3' }],
      next: null,
    });
    expect(await read({ after: '1.3.3' })).toEqual({ lines: [], next: null });
  });

  it('keeps to a level and above', async () => {
    const { read } = await withLogs([
      { epoch: 1, n: 1, lines: 2 },
      { epoch: 1, n: 2, lines: 6 },
    ]);
    expect((await read({ minLevel: 'warn' })).lines.map(({ message }) => message)).toEqual(['line 2', 'line 3', 'line 6', 'line 7']);
    expect(await read({ minLevel: 'error', limit: 1 })).toMatchObject({ lines: [{ message: 'line 3' }], next: '1.2.1' });
  });

  it('of another workspace, or of no run, is not found', async () => {
    const { read } = await withLogs([]);
    const stranger = await createYard(db);
    await expect(read({}, stranger.workspaceId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(read({ run: toId('run', uuidv7(Date.now())) })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await read()).toEqual({ lines: [], next: null });
  });

  it('from a position that is none is refused', async () => {
    const { read } = await withLogs([]);
    await expect(read({ after: 'yesterday' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ field: 'after', received: '"yesterday"' }],
    });
  });

  it("looks into the leaf of the run's day alone", async () => {
    const { yard } = await withLogs([{ epoch: 1, n: 1, lines: 1 }]);
    const [{ run_id }] = await yard.q('SELECT run_id FROM log WHERE workspace_id = $1', [yard.workspaceId]);
    const plan = await yard.q(
      'EXPLAIN (FORMAT JSON) SELECT 1 FROM log WHERE retention_class = $1 AND run_id = $2::uuid AND (epoch, n) >= (1, 1) ORDER BY epoch, n',
      ['d30', run_id],
    );
    expect(JSON.stringify(plan).match(/log_d30_\d{8}"/g)).toHaveLength(1);
  });
});
