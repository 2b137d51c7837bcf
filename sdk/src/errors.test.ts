import { expect, test } from 'vitest';
import { toFailure } from './engine/failure.ts';
import { CancelledError, isCancelled, isTimeout, NonRetryableError, ParameterError, RetryAfterError, TaskFailedError } from './errors.ts';

test('guards know errors of another copy of the package, and nothing else', async () => {
  // A query makes the loader evaluate the module again, as a second copy would be.
  const copy = (await import(`${import.meta.dirname}/errors.ts?copy`)) as typeof import('./errors.ts');
  const foreign = new copy.CancelledError();
  expect(foreign).not.toBeInstanceOf(CancelledError);
  expect(isCancelled(foreign)).toBe(true);
  expect([isTimeout(foreign), isCancelled(new Error('x')), isCancelled(null), isCancelled('cancelled')]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test('what an inner error says of retrying counts for all that wrap it', () => {
  const wrap = (cause: unknown) => new TaskFailedError('failed', { task: 'a', attempts: 1, cause });
  expect(toFailure(wrap(wrap(new NonRetryableError('no')))).retryable).toBe(false);
  expect(toFailure(wrap(new RetryAfterError('later', { after: '2m' })))).toMatchObject({ retryable: true, retryAfterMs: 120_000 });
  expect(toFailure(new ParameterError('f', [{ field: 'parameters.x', expected: 'a number' }])).retryable).toBe(false);
});

test('a circle of causes is no endless loop', () => {
  const error = new Error('a');
  error.cause = error;
  expect(toFailure(error)).toMatchObject({ kind: 'application', message: 'a' });
});

test('what is thrown but is no error is told as it is', () => {
  expect(toFailure('out of paper')).toEqual({ kind: 'application', message: 'out of paper', retryable: true });
  expect(toFailure(undefined).message).toBe('a value that is no Error was thrown: undefined');
});
