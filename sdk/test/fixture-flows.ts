/** Flows for tests of the child, one behavior each. */
import { artifact, flow, NonRetryableError, RetryAfterError, runContext, sleep, task } from '../src/index.ts';

const double = task({ name: 'double' }, (n: number) => n * 2);
const flaky = task({ name: 'flaky', retries: 1 }, () => {
  if (runContext().task?.attempt === 1) throw new Error('not yet');
  return 'at last';
});

export const works = flow('works', async ({ items = 3 }: { items?: number }, { logger, run, idempotencyKey }) => {
  logger.info('begins', { fencingToken: run.fencingToken, idempotencyKey });
  const doubled = await double.map(Array.from({ length: items }, (_, i) => i));
  artifact.table({ key: 'doubled', rows: doubled.map((n) => ({ n })) });
  return { doubled, flaky: await flaky() };
});

export const throws = flow('throws', async () => {
  throw new NonRetryableError('the password is wrong', { cause: new Error('401') });
});

export const busy = flow('busy', async () => {
  throw new RetryAfterError('busy', { after: '30s' });
});

export const waits = flow('waits', async (_parameters, { logger, signal }) => {
  signal.addEventListener('abort', () => logger.warn('cleaning up'));
  await task('nap', () => sleep('1h'))();
});

export const rejectsElsewhere = flow('rejects-elsewhere', async () => {
  setTimeout(() => void Promise.reject(new Error('nobody listens')), 1);
  await sleep('1h');
});

export const exits = flow('exits', async (_parameters, { logger }) => {
  logger.info('last words');
  process.exit(3);
});

export const noFlow = 'a text';

export const forgetsToAwait = flow('forgets-to-await', async () => {
  void task('fails', () => {
    throw new Error('nobody waits for me');
  })();
  await sleep('1h');
});

export const stuck = task({ name: 'stuck', isolate: 'process' }, (): never => {
  console.log('never comes back');
  for (;;);
});
export const isolates = flow('isolates', () => stuck());

export const large = flow('large', () => ({ rows: new Set(['x'.repeat(70_000)]), text: 'y'.repeat(70_000) }));
