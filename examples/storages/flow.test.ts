/** Against servers on this machine that speak as the three do. */
import { afterAll, expect, test } from 'vitest';
import { openBuckets } from '../../sdk/test/buckets.ts';
import { runInMemory } from '../../sdk/test/run-in-memory.ts';
import { storages } from './flow.ts';

const buckets = await openBuckets();
afterAll(() => buckets[Symbol.asyncDispose]());

test('each storage gives the second attempt what the first kept in it', async () => {
  const { outcome, told } = await runInMemory(storages, buckets.places);
  const names = ['s3', 'gcs', 'azure', 'local'];
  expect(outcome.result).toEqual(names.map((name) => `${name} of attempt 1`));
  expect(names.map((name) => told.statesOf(`${name}#1`))).toEqual(names.map(() => ['Running', 'Completed', 'Cached']));
});
