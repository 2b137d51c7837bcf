import { describeSpec } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { relative } from '../../output/time.ts';
import { findSchedule } from './find-schedule.ts';

export async function enableSchedule(context: Context, _options: GlobalOptions, ref: string, slug?: string): Promise<void> {
  return switchSchedule(context, ref, slug, true);
}

export async function disableSchedule(context: Context, _options: GlobalOptions, ref: string, slug?: string): Promise<void> {
  return switchSchedule(context, ref, slug, false);
}

async function switchSchedule(context: Context, ref: string, slug: string | undefined, active: boolean): Promise<void> {
  const client = await context.client();
  const schedule = await client.schedules.setActive.mutate({ schedule: await findSchedule(client, ref, slug), active });
  if (context.json) return context.printJson(schedule);
  const next = active && schedule.nextFireAt ? `; fires next ${relative(schedule.nextFireAt, context.host.now())}` : '';
  context.print(`${active ? 'Enabled' : 'Disabled'} ${schedule.slug} (${describeSpec(schedule.spec)})${next}.`);
}
