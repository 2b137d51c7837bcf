/** A picture of it is drawn from this source, and nothing is called: `signalbox visualize examples/patterns/picture.ts`. */
import { flow, task } from '@signalbox/sdk';

const load = task('load', async (day: string) => day.length);
const clean = task('clean', async (rows: number) => rows - 1);
const report = task('report', async (rows: number) => `${rows} rows`);
const close = task('close', async () => 'nothing to report');

export const picture = flow('picture', async () => {
  const rows = await clean(load.submit('Monday'));
  if (rows === 0) return close();
  return report(rows);
});

export const deployments = [picture.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await picture.cli(import.meta);
