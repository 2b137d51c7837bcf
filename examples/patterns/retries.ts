/** Retries: lists of pauses, a condition, an error that says when, one that says never. */
import { exponentialBackoff, flow, NonRetryableError, RetryAfterError, runContext, task } from '@signalbox/sdk';

const attempt = () => runContext().task?.attempt ?? 0;

const flaky = task({ name: 'flaky', retries: 3, retryDelay: ['5ms', '10ms'], retryJitter: 0.5 }, async () => {
  if (attempt() < 3) throw new Error('connection reset');
  return attempt();
});
const throttled = task({ name: 'throttled', retries: 1 }, async () => {
  if (attempt() === 1) throw new RetryAfterError('too many requests', { after: '5ms' });
  return attempt();
});
const picky = task({ name: 'picky', retries: 5, retryWhen: (error) => String(error).includes('503') }, async () => {
  throw new Error('404');
});
const failedAt = new Map<number, number>();
const spread = task({ name: 'spread', retries: 1, retryDelay: '300ms', retryJitter: 1 }, async (n: number) => {
  if (attempt() === 2) return performance.now() - (failedAt.get(n) ?? Number.NaN);
  failedAt.set(n, performance.now());
  throw new Error('busy'); // all at once, so that without jitter all would come back at once
});
const undecided = task(
  {
    name: 'undecided',
    retries: 5,
    retryWhen: () => {
      throw new Error('the condition is broken'); // that means no
    },
  },
  async () => {
    throw new Error('once');
  },
);
const final = task({ name: 'final', retries: 5 }, async () => {
  throw new NonRetryableError('the key is wrong');
});

export const retries = flow({ name: 'retries', retries: 1, retryDelay: '5ms' }, async (_parameters, { run }) => {
  const numbers = [await flaky(), await throttled()];
  const waits = await spread.map(Array.from({ length: 20 }, (_, n) => n)); // of 0 to 600 ms
  const given = await Promise.allSettled([picky(), final(), undecided()]);
  if (run.attempt === 1) throw new Error('the flow itself is tried again'); // finished tasks are not run again
  const pauses = exponentialBackoff('1s', { factor: 3, max: '10s', jitter: 0.2 });
  return {
    numbers,
    failed: given.filter(({ status }) => status === 'rejected').length,
    attempt: run.attempt,
    pauses: [...pauses],
    sooner: Math.min(...waits) < 290,
  };
});

export const deployments = [retries.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await retries.cli(import.meta);
