/**
 * Extract, validate, transform, load: four years of Seattle's weather into monthly figures.
 *
 * Run it by itself with `node examples/weather/flow.ts --param years=[2012,2013] --param threshold=5`; with
 * `WEATHER_DATABASE_URL` set the figures are stored in that Postgres.
 */
import { artifact, cron, defineDeployments, exponentialBackoff, flow, interval, logger, runContext, task } from '@signalbox/sdk';
import { z } from 'zod';
import type { Figures, Month } from './figures.ts';
import { figuresOf, groupByMonth, parseDays, summarize } from './figures.ts';
import { startSource } from './source.ts';
import { saveFigures } from './store.ts';

const extract = task(
  { name: 'extract', retries: 3, retryDelay: exponentialBackoff({ initial: '250ms' }), timeout: '10s' },
  async (url: string) => {
    const response = await fetch(url, { signal: runContext().signal });
    if (!response.ok) throw new Error(`${url} answered ${response.status} ${response.statusText}`);
    return response.text();
  },
);

const validate = task({ name: 'validate' }, (csv: string) => {
  const days = parseDays(csv);
  logger.info(`${days.length} days are valid`, { from: days[0]?.date, to: days.at(-1)?.date });
  return days;
});

const monthFigures = task(
  { name: 'month-figures', runName: ({ month }: Month) => `month-figures ${month}` },
  (month: Month, threshold: number) => figuresOf(month, threshold),
);

const load = task({ name: 'load', retries: 2, retryDelay: '1s', timeout: '30s' }, async (figures: readonly Figures[]) => {
  const connectionString = process.env.WEATHER_DATABASE_URL;
  if (!connectionString) {
    logger.warn('WEATHER_DATABASE_URL is not set, so the figures are not stored');
    return 0;
  }
  const changed = await saveFigures(connectionString, figures);
  logger.info(`${figures.length} months stored, ${changed} of them new or changed`);
  return changed;
});

const parameters = z.object({
  years: z.array(z.int().min(2012).max(2015)).min(1).default([2012, 2013, 2014, 2015]).describe('Years to report on'),
  threshold: z.number().min(0).max(200).default(1).describe('Millimeters of rain from which a day counts as wet'),
});

export const weather = flow(
  { name: 'weather', description: 'Monthly figures of the weather in Seattle', parameters, timeout: '5m' },
  async ({ years, threshold }) => {
    const source = await startSource();
    const csv = await extract(source.url).finally(source.stop);
    const days = await validate(csv);

    const months = groupByMonth(days, years);
    const progress = artifact.progress({ key: 'months', description: 'Months with figures' });
    const futures = monthFigures.map(months, { args: [threshold], concurrency: 4 });
    let done = 0;
    for (const future of futures)
      future.then(
        () => progress.update((++done / months.length) * 100),
        () => {},
      );
    const figures = await futures;

    const changed = await load(futures);
    artifact.markdown({ key: 'summary', markdown: summarize(figures, threshold) });
    artifact.table({ key: 'monthly-figures', description: 'One row a month', rows: figures });
    return { months: figures.length, changed };
  },
);

export const deployments = defineDeployments([
  weather.deployment({
    name: 'daily',
    pool: 'local',
    tags: ['example'],
    schedules: [
      cron('0 6 * * *', { slug: 'every-morning', timezone: 'America/Los_Angeles' }),
      interval('6h', { slug: 'latest-year', parameters: { years: [2015] } }),
    ],
  }),
]);

await weather.cli(import.meta);
