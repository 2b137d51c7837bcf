/** What a function gives is its result; a state that it returns is its state. */
import { cancelled, completed, failed, flow, isCancelled, isTaskFailed, runContext, task } from '@signalbox/sdk';

const skip = task('skip', async () => completed({ name: 'Skipped', message: 'nothing new', data: 0 }));
const refuse = task('refuse', async () => failed({ message: 'no rows', data: { rows: 0 } }));
const stop = task('stop', async () => cancelled({ message: 'not today' }));

const second = task(
  { name: 'second', retries: 1 },
  async () => (runContext().task?.attempt === 1 ? failed({ message: 'not yet' }) : 'there'), // tried again, as what is thrown
);
const partly = flow('partly', async () => [skip.submit(), refuse.submit(), refuse.submit()]); // futures: it completes when all did

export const returned = flow('returned', async () => {
  const rows = await skip(); // 0: the state is taken off
  // Here a failed task is a throw, since `await` has no other way to say it.
  const refused = await refuse().catch((error: unknown) => (isTaskFailed(error) ? 'refused' : 'other'));
  const stopped = await stop().catch((error: unknown) => (isCancelled(error) ? 'stopped' : 'other'));
  const there = await second();
  const some = await partly().catch((error: Error) => /2 .*3/.exec(error.message) !== null);
  return completed({ name: 'Partial', data: [rows, refused, stopped, there, some] });
});

export const deployments = [returned.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await returned.cli(import.meta);
