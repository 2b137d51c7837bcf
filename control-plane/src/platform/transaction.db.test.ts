import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createYard, type Yard } from '../../test/dispatch.ts';
import { type Db, openDb } from './db.ts';

let database: TestDatabase;
let db: Db;
let yard: Yard;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 1 });
  yard = await createYard(db);
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

const INSERT = `INSERT INTO flow (id, workspace_id, name) VALUES (gen_random_uuid(), $1::uuid, $2)`;
const insert = (name: string) => db.inWorkspaceSql(yard.workspaceId, (sql) => sql.query(INSERT, [yard.workspaceId, name]));
const flows = async () => (await yard.q("SELECT name FROM flow WHERE name LIKE 'of-%' ORDER BY name")).map((row) => row.name);

test('the first statement, sent with BEGIN, sees the workspace', async () => {
  await insert('of-first');
  expect(await flows()).toEqual(['of-first']);
});

test('a last statement that fails, sent with COMMIT, takes the whole transaction back and is what is thrown', async () => {
  const broken = db.inWorkspaceSql(
    yard.workspaceId,
    (sql) => sql.query(INSERT, [yard.workspaceId, 'of-broken']),
    null,
    (sql) => sql.query('SELECT 1 / 0'),
  );
  await expect(broken).rejects.toMatchObject({ code: '22012' });
  expect(await flows()).toEqual(['of-first']);
});

test('the only connection is good after a failure, and carries no workspace on', async () => {
  await expect(db.inWorkspaceSql(yard.workspaceId, (sql) => sql.query('SELECT nonsense'))).rejects.toMatchObject({ code: '42703' });
  const elsewhere = await db.inWorkspaceSql('00000000-0000-0000-0000-000000000001', (sql) => sql.query('SELECT 1 FROM flow'));
  expect(elsewhere).toEqual([]);
  await insert('of-second');
  expect(await flows()).toEqual(['of-first', 'of-second']);
});

test('statements sent together are answered each its own; one that failed unheeded is not taken for a commit', async () => {
  const answers: unknown[] = [];
  const heedless = db.inWorkspaceSql(yard.workspaceId, async (sql) => {
    const sent = [sql.query('SELECT 1 AS n'), sql.query('SELECT 1 / 0'), sql.query('SELECT 3 AS n')];
    for (const one of await Promise.allSettled(sent)) answers.push(one.status === 'fulfilled' ? one.value : one.reason.code);
  });
  await expect(heedless).rejects.toThrow('nothing was committed');
  expect(answers).toEqual([[{ n: 1 }], '22012', '25P02']);
});
