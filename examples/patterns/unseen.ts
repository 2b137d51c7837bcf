/** A run ends after the task runs that it began, and a failure that nobody looked at is its own. */
import { flow, sleep, task } from '@signalbox/sdk';

const slow = task('slow', async () => sleep('20ms'));
const fails = task('fails', async () => {
  throw new Error('nobody looked');
});

export const unseen = flow('unseen', async () => {
  slow.submit(); // not awaited: waited for
  fails.submit(); // fails the flow, though it returns
  return 'an end';
});

export const deployments = [unseen.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await unseen.cli(import.meta);
