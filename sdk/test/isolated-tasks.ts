/** Tasks that run in threads and processes, for the engine's tests. */
import { artifact, asset, completed, logger, NonRetryableError, runContext, sleep, task } from '../src/index.ts';

export const add = task({ name: 'add', isolate: 'thread' }, (a: Map<string, number>, b: bigint) => BigInt(a.get('n') ?? 0) + b);

/** Never comes back, and never lets anything else run where it runs. */
export const spin = task('spin', (): never => {
  console.log('spinning');
  for (;;);
});

export const waits = task('waits', async () => {
  await sleep('1h').catch((error: Error) => {
    logger.info(`cleans up: ${error.name}`);
    throw error;
  });
});

class OwnError extends TypeError {
  override readonly name = 'OwnError';
  readonly code = 'E_OWN';
}

export const fails = task('fails', (final: boolean) => {
  if (final) throw new NonRetryableError('never again', { cause: new OwnError('wrong') });
  throw new OwnError('wrong');
});

const inner = task({ name: 'inner', retries: 1 }, () => {
  if (runContext().task?.attempt === 1) throw new Error('once');
  return 'inner';
});

export const tells = task('tells', async (word: string) => {
  const { run, task: me, idempotencyKey } = runContext();
  console.warn('a warning', { n: 1 });
  logger.info(`said ${word}`, { n: 2 });
  const progress = artifact.progress({ key: 'done' });
  progress.update(100);
  const { key = '', attempt = 0 } = me ?? {};
  return completed({ name: 'Told', data: { flow: run.flow, key, attempt, idempotencyKey, inner: await inner(), pid: process.pid } });
});

const table = asset('s3://lake/isolated');
const innerTable = asset('s3://lake/inner');
const makesInner = task({ name: 'makes-inner', assets: [innerTable] }, () => innerTable.metadata({ rows: 7 }));
export const makes = task({ name: 'makes', assets: [table] }, async (fails: boolean) => {
  table.metadata({ rows: 2 });
  table.metadata({ bytes: 10 });
  await makesInner();
  if (fails) throw new OwnError('after all');
});

export const leaves = task('leaves', () => process.exit(3));
export const escapes = task('escapes', () => {
  setImmediate(() => {
    throw new OwnError('from a callback');
  });
  return new Promise(() => {});
});
export const gives = task('gives', () => () => {});

/** Not exported: a place that imports this file cannot reach it. */
export const hidden = () => task({ name: 'hidden', isolate: 'thread' }, () => 1);
