import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { createTestDatabase } from './database.ts';

describe('a test database', () => {
  test('is migrated, empty and the caller’s own', async () => {
    await using one = await createTestDatabase();
    await using other = await createTestDatabase();
    expect(one.url).not.toBe(other.url);
    const client = new pg.Client({ connectionString: one.url });
    await client.connect();
    const { rows } = await client.query('SELECT rolsuper FROM pg_roles WHERE rolname = current_user');
    const tables = await client.query("SELECT 1 FROM pg_tables WHERE tablename = '_prisma_migrations'");
    await client.end();
    expect(rows).toEqual([{ rolsuper: false }]);
    expect(tables.rowCount).toBe(1);
  });

  test('that is left with an open connection fails its test', async () => {
    const database = await createTestDatabase();
    const leak = new pg.Client({ connectionString: database.url, application_name: 'leak' });
    leak.on('error', () => {});
    await leak.connect();
    await expect(database[Symbol.asyncDispose]()).rejects.toThrow('Test left 1 connections to its database open: leak');
  });
});
