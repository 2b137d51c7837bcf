/** A task waits for the futures among its arguments, and for those it names. What failed before keeps it from running, unless allowed. */
import { allowFailure, flow, task } from '@signalbox/sdk';

const load = task('load', async (ok: boolean) => {
  if (!ok) throw new Error('no such table');
  return 3;
});
const add = task('add', async (a: number, b: number) => a + b);
const report = task('report', async (rows: number | Error) => (rows instanceof Error ? 'without rows' : `${rows} rows`));
const close = task('close', async () => 'closed');

const table = task('table', async () => ({ rows: [1, 2] }));
const count = task('count', async ({ rows }: { rows: number[] }) => rows.length);

export const upstream = flow('upstream', async () => {
  const good = load.submit(true);
  const bad = load.submit(false);
  const never = add.submit(good, bad); // NotReady: `bad` failed
  const [sum, said, closed] = await Promise.all([add(good, 1), report(allowFailure(bad)), close.with({ waitFor: [good] })()]);
  const [first, second] = await Promise.all([bad.settled(), never.settled()]);
  const loaded = await table();
  const counted = await count(loaded); // recorded as after `table`, though no future was handed over
  return { sum, said, closed, bad: first.status, never: second.status, state: never.state.name, counted };
});

export const deployments = [upstream.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await upstream.cli(import.meta);
