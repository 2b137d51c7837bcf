import { expect, test } from 'vitest';
import { classifyError } from './classify-error.ts';

test.each([
  ['a Postgres that restarts', { code: '57P01' }],
  ['a Postgres that is away', { code: 'ECONNREFUSED' }],
  ['a column that a newer build took away', { code: '42703' }],
  ['a table that a newer build took away', { cause: { originalCode: '42P01' } }],
  ['a function that a newer build took away', { code: '42883' }],
  ['a prepared statement whose columns a newer build changed', { code: '0A000' }],
])('%s is nobody’s fault: the same request may work in a moment', (_what, error) => {
  expect(classifyError(error)).toMatchObject({ code: 'UNAVAILABLE' });
});

test('what nobody foresaw is ours, and not told', () => {
  expect(classifyError({ code: '23505' })).toBeNull();
});
