import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { type Db, openDb } from './db.ts';
import { BRISK_LEASE_SECONDS, openShardLeases } from './shards.ts';

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

/** As if so much time had gone by for the leases of this loop. */
const pass = (loop: string, seconds: number) =>
  db.systemSql.query('UPDATE shard_lease SET expires_at = expires_at - make_interval(secs => $2) WHERE loop = $1', [loop, seconds]);

describe('shards of a loop', () => {
  test('one replica holds each, and the number goes up when another takes over', async () => {
    const [first, second] = [openShardLeases(db.systemSql), openShardLeases(db.systemSql)];
    expect(await first.holdAll('some', [0, 1, 2])).toEqual(new Map([0, 1, 2].map((shard) => [shard, 1])));
    expect(await second.holdAll('some', [2, 3])).toEqual(new Map([[3, 1]]));
    expect(await first.hold('some', 2)).toBe(1);
    await first.release();
    expect(await second.hold('some', 2)).toBe(2);
  });

  test('a replica that was killed keeps brisk work from its successor for three seconds at most', async () => {
    const [killed, successor] = [openShardLeases(db.systemSql), openShardLeases(db.systemSql)];
    await killed.hold('brisk', 0, BRISK_LEASE_SECONDS);
    expect(await successor.hold('brisk', 0, BRISK_LEASE_SECONDS)).toBeNull();
    await pass('brisk', 3);
    expect(await successor.hold('brisk', 0, BRISK_LEASE_SECONDS)).toBe(2);
    expect(await killed.hold('brisk', 0, BRISK_LEASE_SECONDS)).toBeNull();
  });
});
