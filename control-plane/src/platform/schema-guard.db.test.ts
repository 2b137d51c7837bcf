import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { openPool } from './db.ts';
import { openLog } from './log.ts';
import { guardSchema } from './schema-guard.ts';

const log = openLog('silent', 'test');
let database: TestDatabase;
let system: pg.Pool;
let owner: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  system = openPool(database.url, 'signalbox_system', 1);
  owner = new pg.Pool({ connectionString: database.url, options: '-c role=signalbox_owner', max: 1 });
});
afterAll(async () => {
  await Promise.all([system?.end(), owner?.end()]);
  await database?.[Symbol.asyncDispose]();
});

const applied = (name: string) =>
  owner.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, '', $1, now(), 1)`,
    [name],
  );

test('a build goes on while a newer one expands the schema, and stops once the floor is above it', async () => {
  const guard = await guardSchema(system, log);
  await applied('99990101000000_expand');
  await expect(guardSchema(system, log)).resolves.toBeDefined();

  const unfit = vi.fn<(reason: string) => void>();
  const watching = guard.watch(unfit);
  await applied('99990102000000_contract');
  await owner.query(`SELECT raise_schema_floor('99990101000000_expand')`);
  watching.kick();
  await vi.waitFor(() => expect(unfit).toHaveBeenCalledWith(expect.stringMatching(/too old .* migration 99990101000000_expand/)));
  await watching.stop();
  await expect(guardSchema(system, log)).rejects.toThrow(/Start a newer build/);
});

test('the floor never goes down', async () => {
  await owner.query(`SELECT raise_schema_floor('20000101000000_old')`);
  const { rows } = await system.query('SELECT migration FROM schema_floor');
  expect(rows).not.toEqual([{ migration: '20000101000000_old' }]);
});
