import type { Backfill } from '@signalbox/proto/api';
import { describeSpec } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { instant, relative } from '../../output/time.ts';
import { withSuggestion } from '../deployments/suggest-deployment.ts';

type BackfillId = Backfill['id'];

export async function listBackfills(context: Context, _options: GlobalOptions, ref?: string): Promise<void> {
  const client = await context.client();
  const deployment =
    ref === undefined ? undefined : (await withSuggestion(client, ref, () => client.deployments.get.query({ deployment: ref }))).id;
  const page = await client.backfills.list.query({ deployment });
  if (context.json) return context.printJson(page);
  const now = context.host.now();
  context.printTable(
    page.items,
    [
      { header: 'BACKFILL', value: ({ id }) => id },
      { header: 'DEPLOYMENT', value: ({ deployment: of }) => `${of.flow}/${of.name}`, min: 12 },
      { header: 'STATE', value: (each) => stateOf(context, each) },
      { header: 'PROGRESS', value: progressOf, align: 'right' },
      { header: 'RANGE', value: ({ from, to }) => `${from.slice(0, 10)} to ${to.slice(0, 10)}`, drop: 2 },
      { header: 'MADE', value: ({ createdAt }) => relative(createdAt, now), drop: 1 },
    ],
    'No backfills.',
  );
}

export async function showBackfill(context: Context, _options: GlobalOptions, backfill: BackfillId): Promise<void> {
  print(context, await (await context.client()).backfills.get.query({ backfill }));
}

export async function pauseBackfill(context: Context, _options: GlobalOptions, backfill: BackfillId): Promise<void> {
  print(context, await (await context.client()).backfills.pause.mutate({ backfill }));
}

export async function resumeBackfill(context: Context, _options: GlobalOptions, backfill: BackfillId): Promise<void> {
  print(context, await (await context.client()).backfills.resume.mutate({ backfill }));
}

export async function cancelBackfill(
  context: Context,
  options: GlobalOptions & { keepRuns?: boolean },
  backfill: BackfillId,
): Promise<void> {
  print(context, await (await context.client()).backfills.cancel.mutate({ backfill, runs: !options.keepRuns }));
}

function print(context: Context, backfill: Backfill): void {
  const now = context.host.now();
  if (context.json) context.printJson(backfill);
  else
    context.printFields([
      ['backfill', backfill.id],
      ['deployment', `${backfill.deployment.flow}/${backfill.deployment.name}`],
      ['instants of', backfill.schedule ? `schedule ${backfill.schedule.slug}` : describeSpec(backfill.spec)],
      ['range', `${backfill.from} to ${backfill.to}, ${backfill.order} first`],
      ['state', stateOf(context, backfill)],
      ['progress', `${progressOf(backfill)} (${backfill.existing} had a run already)`],
      ['live runs', `${backfill.live} of at most ${backfill.maxInFlight}`],
      ['problem', backfill.problem],
      ['made', `${instant(backfill.createdAt, now)} by ${backfill.createdBy}`],
      ['ended', instant(backfill.endedAt, now)],
    ]);
}

function progressOf({ made, existing, total }: Backfill): string {
  return `${made + existing} of ${total}`;
}

function stateOf({ style }: Context, { state }: Backfill): string {
  switch (state) {
    case 'running':
      return style.cyan('running');
    case 'paused':
      return style.yellow('paused');
    case 'cancelled':
      return style.red('cancelled');
    case 'done':
      return style.green('done');
    default:
      return state satisfies never;
  }
}
