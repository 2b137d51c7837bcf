import { expect, test } from 'vitest';
import { allSent } from './sql.ts';

test('of statements sent together the first that failed is told, whichever is heard of first', async () => {
  const deadlock = (async () => {
    await Promise.resolve();
    throw new Error('deadlock detected');
  })();
  const behind = Promise.reject(new Error('current transaction is aborted'));
  await expect(allSent([Promise.resolve(1), deadlock, behind])).rejects.toThrow('deadlock detected');
  expect(await allSent([Promise.resolve(1), undefined, Promise.resolve('b')])).toEqual([1, undefined, 'b']);
});
