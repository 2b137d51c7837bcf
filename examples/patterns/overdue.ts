/** A flow that takes longer than it may is told by its signal, and ends as TimedOut whatever it answers. */
import { flow, sleep, task } from '@signalbox/sdk';

const wait = task('wait', async () => sleep('1h'));

export const overdue = flow({ name: 'overdue', timeout: '300ms' }, async () => {
  await wait();
  return 'never';
});

export const deployments = [overdue.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await overdue.cli(import.meta);
