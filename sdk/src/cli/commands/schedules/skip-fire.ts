import type { Client } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { localTime } from '../../output/time.ts';
import { findSchedule } from './find-schedule.ts';
import { instantOf } from './schedule-options.ts';

type Options = GlobalOptions & { at?: string; reason?: string };

/** Without `--at`: the next one that would fire. */
export async function skipFire(context: Context, options: Options, ref: string, slug?: string): Promise<void> {
  const client = await context.client();
  const schedule = await findSchedule(client, ref, slug);
  const at = options.at === undefined ? await nextFire(client, schedule) : instantOf('at', options.at);
  const fire = await client.schedules.skip.mutate({ schedule, at, reason: options.reason });
  if (context.json) return context.printJson(fire);
  context.print(`Skipped the fire at ${localTime(fire.at)} (${fire.at}).`);
  context.note(context.style.dim(`Put it back: signalbox schedules unskip ${ref}${slug ? ` ${slug}` : ''} --at ${fire.at}`));
}

/** Without `--at`: the next one that is skipped. */
export async function unskipFire(context: Context, options: Options, ref: string, slug?: string): Promise<void> {
  const client = await context.client();
  const schedule = await findSchedule(client, ref, slug);
  const at = options.at === undefined ? await nextSkipped(client, schedule) : instantOf('at', options.at);
  const fire = await client.schedules.unskip.mutate({ schedule, at });
  if (context.json) return context.printJson(fire);
  context.print(`The schedule fires at ${localTime(fire.at)} (${fire.at}) again.`);
}

type ScheduleId = Parameters<Client['schedules']['skip']['mutate']>[0]['schedule'];

async function nextFire(client: Client, schedule: ScheduleId): Promise<string> {
  const { fires } = await client.schedules.upcoming.query({ schedule, count: 50 });
  const next = fires.find((fire) => fire.fires);
  if (!next) throw new CliError('none of its next 50 instants fires', { hint: 'name one with --at' });
  return next.at;
}

async function nextSkipped(client: Client, schedule: ScheduleId): Promise<string> {
  const { fires } = await client.schedules.upcoming.query({ schedule, count: 50 });
  const next = fires.find((fire) => fire.skip !== null);
  if (!next) throw new CliError('none of its next 50 instants is skipped', { hint: 'name one with --at' });
  return next.at;
}
