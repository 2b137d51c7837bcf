/** Cancel, retry and delete of every run a filter fits: counted, confirmed, then worked off by the control plane. */

import { setTimeout as sleep } from 'node:timers/promises';
import { BULK_SKIPS, type BulkJob } from '@signalbox/proto/api';
import type { Client } from '../../../client/index.ts';
import { CliError, InterruptedError } from '../../cli-error.ts';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { filterOf } from './filter-options.ts';

export interface BulkOptions extends GlobalOptions {
  filter?: string[];
  all?: boolean;
  reason?: string;
  yes?: boolean;
  watch?: boolean;
}

type Action = 'cancel' | 'retry' | 'delete';
const ASK_MS = 1_000;

/** Whether many are meant. @throws CliError for both one and many, or neither. */
export function meansMany(options: BulkOptions, ref: string | undefined): boolean {
  const many = options.filter !== undefined || options.all === true;
  if (many && ref !== undefined) throw new CliError('name one run, or give --filter: not both');
  if (!many && ref === undefined)
    throw new CliError('which run?', { hint: "name one, or say which with --filter 'state:failed since:24h'" });
  return many;
}

export async function bulkRuns(
  context: Context,
  options: BulkOptions,
  action: Action,
  mode?: 'from-failed' | 'from-start',
): Promise<number> {
  const client = await context.client();
  const filter = await filterOf(options, context.host.now());
  const which = { filter, all: options.all ?? false };
  const { count, isMore } = await client.bulk.preview.query({ action, ...which });
  if (count === 0) {
    if (context.json) context.printJson(null);
    else context.note(`No run fits that could be ${PAST[action]}.`);
    return EXIT.ok;
  }
  const many = `${count.toLocaleString('en')}${isMore ? ' or more' : ''} ${count === 1 ? 'run' : 'runs'}`;
  await confirm(context, `${action[0]?.toUpperCase()}${action.slice(1)} ${many}?`, options);
  const input = { ...which, ...(options.reason ? { reason: options.reason } : {}) };
  const job =
    action === 'retry' ? await client.bulk.retry.mutate({ ...input, ...(mode ? { mode } : {}) }) : await client.bulk[action].mutate(input);
  if (options.watch) return watchJob(context, client, job);
  if (context.json) context.printJson(job);
  else {
    context.print(`${job.id}  ${action} ${many}`);
    context.note(`Follow it: signalbox runs jobs watch ${job.id}`);
  }
  return EXIT.ok;
}

const PAST: Record<Action, string> = { cancel: 'cancelled', retry: 'retried', delete: 'deleted' };

/** Tells progress until the job is over. Exit code 1 when runs failed, or the job did not come to its end. */
export async function watchJob(context: Context, client: Client, first: BulkJob): Promise<number> {
  let job = first;
  let told = '';
  while (job.status === 'running' || job.status === 'paused') {
    const line = progressOf(job);
    if (line !== told) context.note(line);
    told = line;
    await sleep(ASK_MS, undefined, { signal: context.host.signal }).catch(() => {
      throw new InterruptedError(`The job goes on. Stop it: signalbox runs jobs stop ${job.id}`);
    });
    job = await client.bulk.get.query({ job: job.id });
  }
  if (context.json) context.printJson(job);
  else context.print(progressOf(job), ...job.samples.map(({ run, outcome, reason }) => `  ${run} ${outcome}: ${reason}`));
  return job.status === 'done' && job.failed === 0 ? EXIT.ok : EXIT.runNotCompleted;
}

/** `cancel  running  1,500 of 10,000+  12 skipped (had ended)`. */
export function progressOf({ action, status, done, failed, skipped, expected, problem }: BulkJob): string {
  const left = skipped.map(({ why, count }) => `${count.toLocaleString('en')} skipped (${BULK_SKIPS[why]})`);
  return [
    action,
    status,
    `${done.toLocaleString('en')} of ${expected.count.toLocaleString('en')}${expected.isMore ? '+' : ''}`,
    ...left,
    ...(failed > 0 ? [`${failed.toLocaleString('en')} failed`] : []),
    ...(problem ? [problem] : []),
  ].join('  ');
}
