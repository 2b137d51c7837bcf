import { isId } from '@signalbox/proto';
import type { Schedule } from '@signalbox/proto/api';
import type { Client } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { relative } from '../../output/time.ts';
import { withSuggestion } from '../deployments/suggest-deployment.ts';
import { describeSpec } from './print-schedules.ts';

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

async function findSchedule(client: Client, ref: string, slug: string | undefined): Promise<Schedule['id']> {
  if (isId('schedule', ref)) return ref;
  const { schedules } = await withSuggestion(client, ref, () => client.deployments.get.query({ deployment: ref }));
  const fitting = slug === undefined ? schedules : schedules.filter((schedule) => schedule.slug === slug);
  const [schedule] = fitting;
  const names = schedules.map((each) => each.slug).join(', ');
  if (!schedule) {
    const message = slug === undefined ? `${ref} has no schedules` : `${ref} has no schedule "${slug}"`;
    throw new CliError(message, { exitCode: EXIT.notFound, hint: names ? `its schedules: ${names}` : undefined });
  }
  if (fitting.length > 1) throw new CliError(`${ref} has ${fitting.length} schedules`, { hint: `name one of: ${names}` });
  return schedule.id;
}
