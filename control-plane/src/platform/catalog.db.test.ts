/** No table, view or function gets past the rules of tenancy: what is new has a policy of its class, or a line on a reviewed list. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogProblems } from '../../test/catalog.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';

let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await database?.[Symbol.asyncDispose]();
});

test('the schema as it is has none', async () => {
  expect(await catalogProblems(admin)).toEqual([]);
});

const AS_OWNER = 'SET LOCAL ROLE signalbox_owner;';
const SECURED = 'ALTER TABLE planted ENABLE ROW LEVEL SECURITY; ALTER TABLE planted FORCE ROW LEVEL SECURITY;';
const OWN =
  'CREATE POLICY owner_all ON planted TO signalbox_owner USING (true); CREATE POLICY system_all ON planted TO signalbox_system USING (true);';

test.each([
  [
    'a table without row-level security',
    `${AS_OWNER} CREATE TABLE planted (workspace_id uuid)`,
    'planted: has no forced row-level security',
  ],
  [
    'one without the policies of owner and loops',
    `${AS_OWNER} CREATE TABLE planted (id int); ${SECURED}`,
    'planted: has no policy owner_all',
  ],
  [
    'one that requests are granted and no policy bounds',
    `${AS_OWNER} CREATE TABLE planted (id int); ${SECURED} ${OWN} GRANT SELECT ON planted TO signalbox_app`,
    'planted: is granted to signalbox_app without a policy',
  ],
  [
    'a policy that shows every tenant’s rows',
    `${AS_OWNER} CREATE TABLE planted (id int); ${SECURED} ${OWN} CREATE POLICY app_all ON planted TO signalbox_app USING (true)`,
    'planted: policy app_all shows signalbox_app rows whatever its request is about',
  ],
  ['a table that loses its policy', 'DROP POLICY app_workspace ON variable', 'variable: is granted to signalbox_app without a policy'],
  ['row-level security that is not forced', 'ALTER TABLE run NO FORCE ROW LEVEL SECURITY', 'run: has no forced row-level security'],
  ['a table of another owner', 'CREATE TABLE planted (id int)', 'planted: belongs to'],
  [
    'a view that reads as its owner',
    `${AS_OWNER} CREATE VIEW planted AS SELECT * FROM variable`,
    'planted: is a view that reads as its owner',
  ],
  ['a materialized view', `${AS_OWNER} CREATE MATERIALIZED VIEW planted AS SELECT 1 AS one`, 'planted: is a materialized view'],
  ['what everybody may read', `${AS_OWNER} GRANT SELECT ON variable TO PUBLIC`, 'variable: is granted to PUBLIC'],
  [
    'a function of the owner with its caller’s search path',
    `${AS_OWNER} CREATE FUNCTION planted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'; REVOKE ALL ON FUNCTION planted() FROM PUBLIC`,
    'planted(): runs as signalbox_owner with a search path of its caller',
  ],
  [
    'a function of the owner that everybody may call',
    `${AS_OWNER} CREATE FUNCTION planted() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS 'SELECT 1'`,
    'planted(): runs as signalbox_owner for whoever connects',
  ],
  ['a role that no policy binds', 'ALTER ROLE signalbox_system BYPASSRLS', 'role signalbox_system has BYPASSRLS'],
])('finds %s', async (_, statements, problem) => {
  await admin.query('BEGIN');
  try {
    await admin.query(`${statements}; RESET ROLE`);
    expect((await catalogProblems(admin)).map((each) => each.slice(0, problem.length))).toContain(problem);
  } finally {
    await admin.query('ROLLBACK');
  }
});

test('the control plane’s own login is no superuser, nor any role it wears', async () => {
  const login = new URL(database.url).username;
  const { rows } = await admin.query(
    "SELECT rolname FROM pg_roles WHERE (rolname = $1 OR pg_has_role($1, oid, 'MEMBER')) AND (rolsuper OR rolbypassrls OR rolreplication)",
    [login],
  );
  expect(rows).toEqual([]);
});
