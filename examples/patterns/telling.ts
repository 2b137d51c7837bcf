/** Logs at four levels, what the console prints, and artifacts: what a run shows to people. */
import { artifact, flow, logger, task } from '@signalbox/sdk';

const DISC = '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80"><circle cx="40" cy="40" r="32" fill="#2563eb"/></svg>';

const count = task('count', async (rows: number) => {
  logger.debug('counting');
  logger.info('counted', { rows });
  console.log('rows', rows); // under an agent it is a line of this task run
  if (rows > 2) logger.warn('more than expected', { rows, expected: 2 });
  return rows;
});

/** What is said outside of any run goes to the console; it is no error. */
export const sayOutside = () => logger.info('nobody runs', { rows: 0 });

export const telling = flow('telling', async () => {
  logger.info('x'.repeat(40_000)); // comes in pieces that join to the whole
  const bar = artifact.progress({ key: 'counting' });
  const counts: number[] = [];
  for (const rows of [1, 2, 3]) {
    counts.push(await count(rows));
    bar.update((counts.length / 3) * 100);
  }
  artifact.table({ key: 'counts', rows: counts.map((rows, i) => ({ part: i + 1, rows })) });
  artifact.markdown({ key: 'summary', markdown: `**${counts.length}** parts` });
  artifact.image({ key: 'shape', alt: 'a disc', data: Buffer.from(DISC) }); // or url: 'https://...'
  artifact.link({ key: 'source', url: 'https://example.com/data', text: 'The data' });
  return counts.length;
});

export const deployments = [telling.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await telling.cli(import.meta);
