import { describeSpec } from '@signalbox/proto/api';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { relative } from '../../output/time.ts';
import { findSchedule } from './find-schedule.ts';
import { findSpec, rulesOf, type ScheduleOptions, specOf } from './schedule-options.ts';

export async function createSchedule(
  context: Context,
  options: ScheduleOptions & { inactive?: boolean },
  deployment: string,
  slug: string,
): Promise<void> {
  const spec = specOf(options, "signalbox schedules create weather/daily nightly --cron '0 2 * * *'");
  const client = await context.client();
  const schedule = await client.schedules.create.mutate({ deployment, slug, spec, active: !options.inactive, ...rulesOf(options) });
  if (context.json) return context.printJson(schedule);
  const next = schedule.nextFireAt ? `; fires next ${relative(schedule.nextFireAt, context.host.now())}` : '';
  context.print(`Created schedule ${schedule.slug} (${describeSpec(schedule.spec)})${next}.`);
}

export async function updateSchedule(
  context: Context,
  options: ScheduleOptions & { rename?: string },
  ref: string,
  slug?: string,
): Promise<void> {
  const client = await context.client();
  const spec = findSpec(options);
  const schedule = await client.schedules.update.mutate({
    schedule: await findSchedule(client, ref, slug),
    ...(spec ? { spec } : {}),
    ...(options.rename ? { slug: options.rename } : {}),
    ...rulesOf(options),
  });
  if (context.json) return context.printJson(schedule);
  context.print(`Changed schedule ${schedule.slug} (${describeSpec(schedule.spec)}).`);
}

export async function deleteSchedule(
  context: Context,
  options: GlobalOptions & { yes?: boolean },
  ref: string,
  slug?: string,
): Promise<void> {
  const client = await context.client();
  const schedule = await findSchedule(client, ref, slug);
  await confirm(context, `Delete schedule ${slug ?? schedule} of ${ref}?`, options);
  const reply = await client.schedules.delete.mutate({ schedule });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted schedule ${slug ?? schedule}.`);
}
