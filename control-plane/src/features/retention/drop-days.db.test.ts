import { randomUUID } from 'node:crypto';
import { toId, uuidv7 } from '@signalbox/proto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createYard, type Yard } from '../../../test/dispatch.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { placeHold } from './hold.ts';
import { dropDays } from './index.ts';

const DAY_MS = 86_400_000;
const TODAY = Date.parse('2020-03-20T00:00:00Z');
/** Nine days before: over by two days under a retention of seven. */
const OLD = '2020-03-11';

let database: TestDatabase;
let db: Db;
let yard: Yard;
let deployment: string;

// Each its own: days that went are not made again.
beforeEach(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 4 });
  yard = await createYard(db);
  deployment = await yard.addDeployment();
});
afterEach(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

/** A run of that day that ended `endedAfterMs` later (null: lives), with one of everything it can make. */
async function addRun(day: string, { endedAfterMs = 60_000 as number | null } = {}): Promise<string> {
  const at = Date.parse(`${day}T12:00:00Z`);
  const id = uuidv7(at);
  await yard.q(`SELECT signalbox_ensure_days(ARRAY['d7'], $1::date, 1)`, [day]);
  await yard.q(
    `INSERT INTO run (retention_class, id, workspace_id, flow_id, deployment_id, version_id, name, parameters, created_by, due_at, created_at, state_type, state_name, ended_at)
     SELECT 'd7', $1, $2, d.flow_id, d.id, d.version_id, 'old', '{}', 'api', $4::timestamptz, $4::timestamptz,
       CASE WHEN $5::timestamptz IS NULL THEN NULL ELSE 'COMPLETED' END, CASE WHEN $5::timestamptz IS NULL THEN NULL ELSE 'Completed' END, $5
     FROM deployment d WHERE d.id = $3`,
    [id, yard.workspaceId, deployment, new Date(at), endedAfterMs === null ? null : new Date(at + endedAfterMs)],
  );
  await yard.q(
    `INSERT INTO task_run (retention_class, run_id, epoch, ordinal, workspace_id, kind, task_key, name, seq, state_type, state_name, attempt)
     VALUES ('d7', $1, 1, 0, $2, 'task', 't', 't', 1, 'COMPLETED', 'Completed', 1)`,
    [id, yard.workspaceId],
  );
  await yard.q(
    `INSERT INTO log (retention_class, run_id, epoch, n, workspace_id, at, max_level, lines) VALUES ('d7', $1, 1, 1, $2, now(), 1, '[]')`,
    [id, yard.workspaceId],
  );
  return id;
}

const drop = (now = TODAY, mostMoved?: number) => dropDays(db.systemSql, new Date(now), mostMoved === undefined ? {} : { mostMoved });
const left = async (ids: readonly string[]) =>
  (
    await yard.q(
      `SELECT r.id, count(DISTINCT t.ordinal)::int AS tasks, count(DISTINCT l.n)::int AS logs FROM run r
       LEFT JOIN task_run t ON t.run_id = r.id AND t.retention_class = r.retention_class
       LEFT JOIN log l ON l.run_id = r.id AND l.retention_class = r.retention_class
       WHERE r.id = ANY ($1::uuid[]) GROUP BY r.id ORDER BY r.id`,
      [ids],
    )
  ).map((row: { id: string }) => row);
const whole = (id: string) => ({ id, tasks: 1, logs: 1 });
const hasLeaf = async (day: string) =>
  (await yard.q(`SELECT to_regclass('run_d7_' || $1) AS leaf`, [day.replaceAll('-', '')]))[0]?.leaf !== null;

describe('a day whose time is over', () => {
  it('goes as a whole, an hour after its closing and not before', async () => {
    const id = await addRun(OLD);
    const closing = Date.parse(`${OLD}T00:00:00Z`) + 8 * DAY_MS;
    expect(await drop(closing + 3_599_999)).toEqual({ days: [], thinned: 0 });
    expect(await left([id])).toEqual([whole(id)]);
    expect(await drop(closing + 3_600_000)).toEqual({ days: [`d7 ${OLD}`], thinned: 0 });
    expect(await left([id])).toEqual([]);
    expect(await hasLeaf(OLD)).toBe(false);
    const { rows } = await db.systemSql.query(`SELECT relname FROM pg_class WHERE relname LIKE '%d7_20200311'`);
    expect(rows).toEqual([]);
  });

  it('leaves behind what lives, ended less than one retention ago, or is held, with all they made', async () => {
    const over = await addRun(OLD);
    const lives = await addRun(OLD, { endedAfterMs: null });
    const late = await addRun(OLD, { endedAfterMs: 5 * DAY_MS });
    const held = await addRun(OLD);
    await yard.q(`INSERT INTO legal_hold (id, workspace_id, run_id, reason, created_by) VALUES ($1, $2, $3, 'a lawsuit', 'somebody')`, [
      randomUUID(),
      yard.workspaceId,
      held,
    ]);
    expect((await drop()).days).toEqual([`d7 ${OLD}`]);
    expect(await left([over, lives, late, held])).toEqual([lives, late, held].sort().map(whole));
  });

  it('keeps what a hold on its deployment or its workspace names, until the hold is released', async () => {
    const kept = await addRun(OLD);
    const hold = randomUUID();
    await yard.q(`INSERT INTO legal_hold (id, workspace_id, deployment_id, reason, created_by) VALUES ($1, $2, $3, 'x', 'y')`, [
      hold,
      yard.workspaceId,
      deployment,
    ]);
    await drop();
    expect(await left([kept])).toEqual([whole(kept)]);
    await yard.q('UPDATE legal_hold SET released_at = now() WHERE id = $1', [hold]);
    await addRun('2020-03-12');
    expect(await drop()).toEqual({ days: [], thinned: 0 });
    expect(await drop(TODAY + DAY_MS + 3_600_000)).toEqual({ days: ['d7 2020-03-12'], thinned: 1 });
    expect(await left([kept])).toEqual([]);
  });

  it('collects what outlives several days in one leaf, forced and without grants', async () => {
    const first = await addRun('2020-03-10', { endedAfterMs: null });
    const second = await addRun(OLD, { endedAfterMs: null });
    expect((await drop()).days).toEqual(['d7 2020-03-10', `d7 ${OLD}`]);
    expect(await left([first, second])).toEqual([first, second].map(whole));
    const { rows } = await db.systemSql.query(
      `SELECT relname FROM pg_class c WHERE relname = 'run_d7_kept' AND relispartition AND relrowsecurity AND relforcerowsecurity
         AND NOT has_table_privilege('signalbox_app', c.oid, 'SELECT')`,
    );
    expect(rows).toHaveLength(1);
    // The machine reaches it as any other run.
    await yard.q(`UPDATE run SET state_type = 'FAILED', state_name = 'Failed', ended_at = $2 WHERE id = $1`, [first, new Date(TODAY)]);
    expect((await yard.q('SELECT state_type FROM run WHERE id = $1', [first]))[0]).toEqual({ state_type: 'FAILED' });
  });

  it('of which too much must stay is thinned out instead, and the days after it that hold something', async () => {
    const lives = [await addRun(OLD, { endedAfterMs: null }), await addRun(OLD, { endedAfterMs: null })];
    const over = await addRun(OLD);
    const after = await addRun('2020-03-12', { endedAfterMs: null });
    expect(await drop(TODAY + DAY_MS + 3_600_000, 1)).toEqual({ days: [], thinned: 1 });
    expect(await left([...lives, over, after])).toEqual([...lives, after].sort().map(whole));
    expect(await hasLeaf(OLD)).toBe(true);
  });

  it('waits for a reader two seconds, then leaves it to the next turn, and nothing is half gone', async () => {
    const id = await addRun(OLD);
    const reader = await db.systemSql.connect();
    await reader.query('BEGIN');
    await reader.query(`SELECT count(*) FROM run WHERE retention_class = 'd7'`);
    await expect(drop()).rejects.toMatchObject({ code: '55P03' });
    expect(await left([id])).toEqual([whole(id)]);
    await reader.query('COMMIT');
    reader.release();
    expect((await drop()).days).toEqual([`d7 ${OLD}`]);
  });
});

describe('a hold that comes while a day is being dropped', () => {
  /** Places a hold on the run in a transaction of its own, as a request does. */
  const hold = (run: string) =>
    db.inWorkspace(yard.workspaceId, (tx) =>
      placeHold({ tx, workspace: { id: yard.workspaceId }, actor: { name: 'Ada' } } as never, {
        run: toId('run', run),
        reason: 'a lawsuit',
      }),
    );
  /** Begins to drop the day, and ends as told once somebody waits for it. */
  const dropThen = async (how: 'COMMIT' | 'ROLLBACK', meanwhile: () => Promise<unknown>) => {
    const client = await db.systemSql.connect();
    try {
      await client.query('BEGIN');
      await client.query(`SELECT signalbox_drop_day('d7', $1::date, $2, 100)`, [OLD, new Date(TODAY)]);
      const waiting = meanwhile();
      waiting.catch(() => {});
      await expect
        .poll(async () => (await yard.q(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)).length, { timeout: 10_000 })
        .toBe(1);
      await client.query(how);
      return waiting;
    } finally {
      client.release();
    }
  };

  it('waits for it, and is told that what it names is gone', async () => {
    const id = await addRun(OLD);
    await expect(dropThen('COMMIT', () => hold(id))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await left([id])).toEqual([]);
    expect(await hasLeaf(OLD)).toBe(false);
    expect(await yard.q('SELECT 1 FROM legal_hold WHERE run_id = $1', [id])).toEqual([]);
  });

  it('waits for one that fails, and then keeps the run whole through the next', async () => {
    const [id, other] = [await addRun(OLD), await addRun(OLD)];
    await dropThen('ROLLBACK', () => hold(id));
    expect(await drop()).toEqual({ days: [`d7 ${OLD}`], thinned: 0 });
    expect(await left([id, other])).toEqual([whole(id)]);
  });

  it('wins when it is first: the drop waits for it, and sees it', async () => {
    const [id, other] = [await addRun(OLD), await addRun(OLD)];
    let dropping: Promise<unknown> = Promise.resolve();
    await db.inWorkspace(yard.workspaceId, async (tx) => {
      await placeHold({ tx, workspace: { id: yard.workspaceId }, actor: { name: 'Ada' } } as never, {
        run: toId('run', id),
        reason: 'first',
      });
      dropping = drop();
      dropping.catch(() => {});
      await expect
        .poll(async () => (await yard.q(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)).length, { timeout: 10_000 })
        .toBe(1);
    });
    expect(await dropping).toEqual({ days: [`d7 ${OLD}`], thinned: 0 });
    expect(await left([id, other])).toEqual([whole(id)]);
  });
});
