import type { FailureGroup } from '@signalbox/proto/api';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';

type GroupId = FailureGroup['id'];

export async function acknowledgeFailure(context: Context, { owner }: GlobalOptions & { owner?: string }, id: string): Promise<void> {
  const { failures } = await context.client();
  const group = id as GroupId;
  const acknowledged = await failures.acknowledge.mutate({ group });
  answer(context, owner === undefined ? acknowledged : await failures.assign.mutate({ group, owner }));
}

export async function muteFailure(
  context: Context,
  { hours, off }: GlobalOptions & { hours: number; off?: boolean },
  id: string,
): Promise<void> {
  const until = off ? null : new Date(Date.now() + hours * 3_600_000).toISOString();
  answer(context, await (await context.client()).failures.mute.mutate({ group: id as GroupId, until }));
}

export async function resolveFailure(context: Context, { by }: GlobalOptions & { by: 'next-version' | 'now' }, id: string): Promise<void> {
  answer(context, await (await context.client()).failures.resolve.mutate({ group: id as GroupId, by }));
}

export async function reopenFailure(context: Context, _options: GlobalOptions, id: string): Promise<void> {
  answer(context, await (await context.client()).failures.reopen.mutate({ group: id as GroupId }));
}

export async function retryFailure(context: Context, options: GlobalOptions & { yes?: boolean }, id: string): Promise<void> {
  await confirm(context, `Retry all runs of ${id} that failed?`, options);
  const job = await (await context.client()).failures.retry.mutate({ group: id as GroupId });
  if (context.json) return context.printJson(job);
  context.print(`Retrying ${job.expected.count} runs: job ${job.id}.`);
}

function answer(context: Context, group: FailureGroup): void {
  if (context.json) context.printJson(group);
  else context.print(`${group.title}: ${group.status}${group.mutedUntil ? ` until ${group.mutedUntil}` : ''}`);
}
