/** Tenancy lives in the data layer: what each role may see and change. What the catalog says of every table: catalog.db.test.ts. */

import { uuidv7 } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createTestWorkspace } from '../../test/workspaces.ts';
import { type Db, openDb } from './db.ts';
import type { Narrowing } from './transaction.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 2 });
});

afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

test('agents make and delete no limits', async () => {
  const answers = await db.systemSql.query(`SELECT has_table_privilege('signalbox_report', 'named_limit', 'UPDATE') AS takes,
    has_table_privilege('signalbox_report', 'named_limit', 'INSERT') AS makes, has_table_privilege('signalbox_report', 'named_limit', 'DELETE') AS deletes`);
  expect(answers.rows).toEqual([{ takes: true, makes: false, deletes: false }]);
});

describe('a request', () => {
  test("sees its own workspace's rows and no other's", async () => {
    const [mine, theirs] = [await createTestWorkspace(db), await createTestWorkspace(db)];
    for (const workspaceId of [mine, theirs]) {
      await db.system.flow.create({ data: { id: uuidv7(Date.now()), workspaceId, name: 'weather' } });
    }
    const seen = await db.inWorkspace(mine, (tx) => tx.flow.findMany());
    expect(seen.map((flow) => flow.workspaceId)).toEqual([mine]);
  });

  test('cannot write a row of another workspace', async () => {
    const [mine, theirs] = [await createTestWorkspace(db), await createTestWorkspace(db)];
    await expect(
      db.inWorkspace(mine, (tx) => tx.flow.create({ data: { id: uuidv7(Date.now()), workspaceId: theirs, name: 'planted' } })),
    ).rejects.toThrow(/row-level security/);
  });

  test('of an agent without a workspace sees nothing', async () => {
    await db.system.flow.create({ data: { id: uuidv7(Date.now()), workspaceId: await createTestWorkspace(db), name: 'weather' } });
    expect((await db.reportSql.query('SELECT * FROM flow')).rowCount).toBe(0);
  });

  test('cannot read who signs in', async () => {
    await expect(db.reportSql.query('SELECT * FROM identity_user')).rejects.toThrow(/permission denied/);
    await expect(db.inWorkspace(await createTestWorkspace(db), (tx) => tx.user.findMany())).rejects.toThrow(/denied/);
  });
});

describe('a request for single things', () => {
  test('sees those alone, also by a statement that its connection has planned for one that sees all', async () => {
    await using one = await onOneConnection();
    const workspaceId = await createTestWorkspace(db);
    const [mine, other] = [uuidv7(Date.now()), uuidv7(Date.now() + 1)]; // in their order
    await db.system.workPool.createMany({ data: [mine, other].map((id) => ({ id, workspaceId, name: id })) });
    await db.system.workQueue.createMany({
      data: [mine, other].map((poolId) => ({ id: uuidv7(Date.now()), workspaceId, poolId, name: 'q', priority: 1 })),
    });
    const seen = (narrowing: Narrowing) =>
      one.db.readWorkspaceSql(
        workspaceId,
        async (sql) => {
          const rows = await sql.query<{ pool: string; queues: bigint }>(
            'SELECT id AS pool, (SELECT count(*) FROM work_queue) AS queues FROM work_pool ORDER BY id',
            [],
            'pools-and-queues',
          );
          return rows.map(({ pool, queues }) => [pool, Number(queues)]);
        },
        narrowing,
      );
    const all = [
      [mine, 2],
      [other, 2],
    ];
    const only = { on: 'work-pool', ids: [mine] } as const;
    for (const [narrowing, expected] of [
      [null, all],
      [only, [[mine, 1]]],
      [null, all],
      [only, [[mine, 1]]],
    ] as const)
      expect(await seen(narrowing)).toEqual(expected);
    const throughPrisma = () => one.db.inWorkspace(workspaceId, (tx) => tx.workPool.findMany({ select: { id: true } }), only);
    expect(await throughPrisma()).toEqual([{ id: mine }]);
    // What was narrowed is over with its transaction.
    expect(await one.db.inWorkspace(workspaceId, (tx) => tx.workPool.count())).toBe(2);
  });

  test('wears the role of which the other is a member, with no right or policy of its own', async () => {
    const roles = await db.inWorkspace(
      await createTestWorkspace(db),
      (tx) => tx.$queryRaw<{ role: string }[]>`SELECT current_user::text AS role`,
      { on: 'work-pool', ids: [uuidv7(Date.now())] },
    );
    expect(roles).toEqual([{ role: 'signalbox_app' }]);
    const { rows } = await db.systemSql.query(`SELECT
      ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'signalbox_whole'::regrole) AS "memberOf",
      (SELECT count(*)::int FROM pg_shdepend WHERE refobjid = 'signalbox_whole'::regrole AND refclassid = 'pg_authid'::regclass) AS own`);
    expect(rows).toEqual([{ memberOf: ['signalbox_app'], own: 0 }]);
  });
});

async function onOneConnection() {
  const one = openDb({ url: database.url, maxConnections: 1 });
  return { db: one, [Symbol.asyncDispose]: () => one.close() };
}

describe('what a request may change', () => {
  const denied = async (statement: string) => {
    const workspaceId = await createTestWorkspace(db);
    await expect(db.inWorkspace(workspaceId, (tx) => tx.$executeRawUnsafe(statement))).rejects.toThrow(/permission denied/);
  };

  test('is never the audit, which only grows', async () => {
    await denied("UPDATE audit_entry SET actor_name = 'nobody'");
    await denied('DELETE FROM audit_entry');
  });

  test('is never who a membership, a grant or a key that is there is about', async () => {
    await denied('UPDATE workspace_member SET user_id = NULL');
    await denied("UPDATE role_grant SET role = 'owner'");
    await denied('INSERT INTO audit_seal DEFAULT VALUES');
    await denied("UPDATE api_key SET role = 'owner'");
    await denied('UPDATE api_key SET secret_hash = NULL');
    await denied("UPDATE workspace SET retention_class = 'd9999'");
  });

  test('is nothing that agents alone say: keys, sessions and leases, claims, reports', async () => {
    await denied("UPDATE agent SET public_key = 'U'");
    await denied('UPDATE agent SET session = 0');
    await denied('UPDATE agent SET lease_until = now()');
    for (const table of ['claim', 'report_channel', 'refused_report']) await denied(`DELETE FROM ${table}`);
    for (const table of ['task_run', 'log', 'artifact']) await denied(`UPDATE ${table} SET run_id = run_id`);
  });
});

describe('a claim', () => {
  test("is its agent's own: one of the same id, of another tenant, stands in nobody's way", async () => {
    const claimId = uuidv7(Date.now());
    const claims = [];
    for (const owner of ['mine', 'theirs']) {
      const workspaceId = await createTestWorkspace(db);
      const poolId = uuidv7(Date.now());
      await db.system.workPool.create({ data: { id: poolId, workspaceId, name: owner } });
      const agentId = uuidv7(Date.now());
      await db.system.agent.create({ data: { id: agentId, workspaceId, poolId, name: owner, publicKey: owner } });
      const { rows } = await db.reportSql.query<{ answer: { repeated?: boolean } }>(
        "SELECT give_runs($1, $2, 0, $3, 1, '{}', '{}', 0, 0, 1000) AS answer",
        [workspaceId, agentId, claimId],
      );
      claims.push(rows[0]?.answer.repeated ?? false);
    }
    expect(claims).toEqual([false, false]);
  });
});
