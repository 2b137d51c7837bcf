import { randomUUID } from 'node:crypto';
import { uuidv7 } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createYard } from '../../../test/dispatch.ts';
import { createTestWorkspace } from '../../../test/workspaces.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { ensureDays } from './index.ts';
import { sweep } from './sweep.ts';

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

describe('days made ahead', () => {
  it('exist for a week and for every class in use, also for one that is new, once', async () => {
    const workspaceId = await createTestWorkspace(db);
    await db.systemSql.query(`UPDATE workspace SET retention_class = 'd7' WHERE id = $1`, [workspaceId]);
    await ensureDays(db.systemSql);
    expect(await ensureDays(db.systemSql)).toBe(0);
    const { rows } = await db.systemSql.query(
      `SELECT parent || '_' || class AS missing FROM unnest(ARRAY['run', 'attempt', 'task_run', 'log', 'artifact']) parent,
         unnest(ARRAY['d7', 'd30']) class, generate_series(0, 7) day
       WHERE to_regclass(format('%s_%s_%s', parent, class, to_char((now() AT TIME ZONE 'UTC')::date + day, 'YYYYMMDD'))) IS NULL`,
    );
    expect(rows).toEqual([]);
  });

  it('have the policies of their parents and no grants of their own', async () => {
    const { rows } = await db.systemSql.query(
      `SELECT c.relname FROM pg_class c WHERE c.relispartition AND c.relkind IN ('r', 'p')
         AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR has_table_privilege('signalbox_app', c.oid, 'SELECT'))`,
    );
    expect(rows).toEqual([]);
  });

  it('are made by many at once without error', async () => {
    await createTestWorkspace(db);
    await db.systemSql.query(`UPDATE workspace SET retention_class = 'd3'`);
    const { rows: parents } = await db.systemSql.query(
      `SELECT relname FROM pg_class WHERE relkind = 'p' AND NOT relispartition AND relname NOT LIKE 'event%'`,
    );
    const made = await Promise.all([1, 2, 3].map(() => ensureDays(db.systemSql)));
    expect(made.sort()).toEqual([0, 0, 8 * parents.length]);
  });
});

describe('the sweep', () => {
  it('takes what is over and leaves the rest', async () => {
    const yard = await createYard(db);
    const agent = await yard.addAgent();
    const [deployment] = [await yard.addDeployment()];
    const claim = (age: string) =>
      yard.q(`INSERT INTO claim (id, workspace_id, agent_id, made_at) VALUES ($1, $2, $3, now() - $4::interval)`, [
        randomUUID(),
        yard.workspaceId,
        agent,
        age,
      ]);
    const key = (name: string, left: string) =>
      yard.q(`INSERT INTO idempotency_key VALUES ($1, $2, $3, '', $4, now() + $5::interval)`, [
        yard.workspaceId,
        deployment,
        name,
        randomUUID(),
        left,
      ]);
    const spool = (age: string, of = agent) =>
      yard.q(`INSERT INTO report_channel VALUES ($1, $2, 'state', $3, 9, now() - $4::interval)`, [of, randomUUID(), yard.workspaceId, age]);
    const refusal = (ageDays: number) =>
      yard.q(
        `INSERT INTO refused_report (id, workspace_id, agent_id, channel, code, message) VALUES ($1, $2, $3, 'bulk', 'CONFLICT', '')`,
        [uuidv7(Date.now() - ageDays * 86_400_000), yard.workspaceId, agent],
      );
    await claim('11 minutes');
    await claim('9 minutes');
    await key('old', '-1 second');
    await key('new', '1 hour');
    await refusal(32);
    await refusal(1);
    // Two older spools of an agent that goes on from a third, the only one of an agent that has been away for long, one of nobody.
    for (const age of ['8 days', '6 days', '1 hour']) await spool(age);
    await spool('90 days', await yard.addAgent());
    await spool('8 days', randomUUID());
    await yard.q(
      `INSERT INTO join_code (id, workspace_id, pool_id, code_hash, expires_at) VALUES ($1, $2, $3, '1', now() - interval '31 days'), ($4, $2, $3, '2', now())`,
      [randomUUID(), yard.workspaceId, yard.poolId, randomUUID()],
    );

    expect(await sweep(db.systemSql)).toEqual({ claim: 1, idempotency_key: 1, join_code: 1, report_channel: 2, refused_report: 1 });
    expect(await sweep(db.systemSql)).toEqual({});
    expect(await yard.q('SELECT key FROM idempotency_key WHERE workspace_id = $1', [yard.workspaceId])).toEqual([{ key: 'new' }]);
  });
});
