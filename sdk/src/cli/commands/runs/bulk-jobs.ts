import { isId } from '@signalbox/proto';
import type { BulkJob } from '@signalbox/proto/api';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { relative } from '../../output/time.ts';
import { progressOf, watchJob } from './bulk-runs.ts';

export async function listJobs(context: Context, options: GlobalOptions & { limit?: number }): Promise<void> {
  const page = await (await context.client()).bulk.list.query({ limit: options.limit ?? 20 });
  if (context.json) return context.printJson(page);
  const now = context.host.now();
  context.printTable(
    page.items,
    [
      { header: 'STATUS', value: (job) => job.status },
      { header: 'PROGRESS', value: (job) => progressOf(job).split('  ').slice(2).join('  '), min: 12 },
      { header: 'ACTION', value: (job) => job.action },
      { header: 'FILTER', value: (job) => job.filterText, min: 12, drop: 3 },
      { header: 'BY', value: (job) => job.startedBy, drop: 4 },
      { header: 'STARTED', value: (job) => relative(job.createdAt, now), drop: 2 },
      { header: 'ID', value: (job) => context.style.dim(job.id) },
    ],
    'No bulk jobs yet.',
  );
}

export async function watch(context: Context, _options: GlobalOptions, ref: string): Promise<number> {
  const client = await context.client();
  return watchJob(context, client, await client.bulk.get.query({ job: idOf(ref) }));
}

export const pause = steer('pause');
export const resume = steer('resume');
export const stop = steer('stop');

function steer(verb: 'pause' | 'resume' | 'stop') {
  return async (context: Context, _options: GlobalOptions, ref: string): Promise<void> => {
    const job: BulkJob = await (await context.client()).bulk[verb].mutate({ job: idOf(ref) });
    if (context.json) return context.printJson(job);
    context.print(progressOf(job));
  };
}

function idOf(ref: string) {
  if (isId('bulkJob', ref)) return ref;
  throw new CliError('the job is not usable', {
    issues: [{ field: 'job', expected: 'an id such as job_01h455vb4pex5vsknk084sn02q', received: JSON.stringify(ref) }],
  });
}
