/** Code that blocks runs in a thread or a process of its own, and is really ended when it takes too long. */
import { flow, isTimeout, runContext, task } from '@signalbox/sdk';

export const primes = task({ name: 'primes', isolate: 'thread' }, (below: number) => {
  const isPrime = (n: number) => Array.from({ length: Math.floor(Math.sqrt(n)) - 1 }, (_, i) => i + 2).every((d) => n % d !== 0);
  return Array.from({ length: below - 2 }, (_, i) => i + 2).filter(isPrime).length;
});

export const stuck = task({ name: 'stuck', isolate: 'thread', timeout: '1s' }, (): never => {
  for (;;); // no await, no end: nothing but the end of its thread stops it
});

export const where = task({ name: 'where', isolate: 'process' }, (flowsPid: number) => {
  runContext().logger.info('of the flow, in another process');
  return process.pid !== flowsPid;
});

export const isolation = flow({ name: 'isolation' }, async () => {
  const [count, end, elsewhere] = await Promise.all([
    primes(10_000),
    stuck().catch((error: unknown) => (isTimeout(error) ? error.name : error)),
    where(process.pid),
  ]);
  return { primes: count, stuck: end, elsewhere };
});

export const deployments = [isolation.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await isolation.cli(import.meta);
