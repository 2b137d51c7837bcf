import { setTimeout as sleep } from 'node:timers/promises';
import type { Backfill } from '@signalbox/proto/api';
import { describeSpec } from '@signalbox/proto/api';
import type { Client } from '../../../client/index.ts';
import { InterruptedError } from '../../cli-error.ts';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { instant, relative } from '../../output/time.ts';
import { withSuggestion } from '../deployments/suggest-deployment.ts';

type BackfillId = Backfill['id'];
const ASK_MS = 1_000;

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

/** Asks first where runs end by it. */
export async function cancelBackfill(
  context: Context,
  options: GlobalOptions & { keepRuns?: boolean; yes?: boolean },
  backfill: BackfillId,
): Promise<void> {
  const client = await context.client();
  const { live } = await client.backfills.get.query({ backfill });
  if (live > 0 && !options.keepRuns)
    await confirm(context, `Cancel ${backfill} and ${live} ${live === 1 ? 'run' : 'runs'} of it that did not end?`, options);
  print(context, await client.backfills.cancel.mutate({ backfill, runs: !options.keepRuns }));
}

export async function watch(context: Context, _options: GlobalOptions, backfill: BackfillId): Promise<number> {
  const client = await context.client();
  return watchBackfill(context, client, await client.backfills.get.query({ backfill }));
}

/** Tells progress until it is over. Exit code 1 when it was cancelled. */
export async function watchBackfill(context: Context, client: Client, first: Backfill): Promise<number> {
  let backfill = first;
  let told = '';
  while (backfill.state === 'running' || backfill.state === 'paused') {
    const line = [
      stateOf(context, backfill),
      progressOf(backfill),
      `${backfill.live} live`,
      ...(backfill.problem ? [backfill.problem] : []),
    ].join('  ');
    if (line !== told) context.note(line);
    told = line;
    await sleep(ASK_MS, undefined, { signal: context.host.signal }).catch(() => {
      throw new InterruptedError(`The backfill goes on. Pause it: signalbox backfills pause ${backfill.id}`);
    });
    backfill = await client.backfills.get.query({ backfill: backfill.id });
  }
  print(context, backfill);
  return backfill.state === 'done' ? EXIT.ok : EXIT.runNotCompleted;
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
