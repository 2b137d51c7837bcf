/** A timeout aborts the signal, so that what waits can stop at once. */
import { flow, isTimeout, runContext, sleep, task } from '@signalbox/sdk';

const slow = task({ name: 'slow', timeout: '20ms' }, async () => {
  await sleep('1h'); // honors the signal; so do fetch(url, { signal }) and timers/promises
});
const tidy = task({ name: 'tidy', timeout: '20ms', retries: 1 }, async () => {
  const { signal, task: me } = runContext();
  if (me?.attempt === 1) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  return 'second time';
});

const deaf = task({ name: 'deaf', timeout: '20ms' }, () => new Promise<never>(() => {})); // looks at no signal: given up a second later

export const timeouts = flow({ name: 'timeouts', timeout: '1m' }, async () => {
  const first = await slow().catch((error: unknown) => (isTimeout(error) ? 'timed out' : 'other'));
  return [first, await tidy(), await deaf().catch((error: unknown) => isTimeout(error))];
});

export const deployments = [timeouts.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await timeouts.cli(import.meta);
