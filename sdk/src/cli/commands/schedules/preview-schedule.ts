import { isId } from '@signalbox/proto';
import type { UpcomingFire } from '@signalbox/proto/api';
import type { Context } from '../../context.ts';
import { localTime, relative } from '../../output/time.ts';
import { harmless } from '../../output/width.ts';
import { findSchedule } from './find-schedule.ts';
import { rulesOf, type ScheduleOptions, specOf } from './schedule-options.ts';

type PreviewOptions = ScheduleOptions & { count?: number };

/** The control plane computes the instants, with the code that fires them; of a schedule that it has, also what people skip. */
export async function previewSchedule(context: Context, options: PreviewOptions, what?: string, slug?: string): Promise<void> {
  const client = await context.client();
  const { count } = options;
  if (what !== undefined && namesOne(what)) {
    const reply = await client.schedules.upcoming.query({ schedule: await findSchedule(client, what, slug), count });
    return context.json ? context.printJson(reply) : print(context, reply.timezone, reply.fires);
  }
  const spec = specOf({ ...options, cron: what }, "signalbox schedules preview '0 6 * * *'");
  const { parameters: _, ...rules } = rulesOf(options);
  const reply = await client.schedules.preview.query({ spec, ...rules, count });
  return context.json ? context.printJson(reply) : print(context, reply.timezone, reply.upcoming);
}

/** A cron expression has blanks or begins with @; `weather/daily` and ids have neither. */
function namesOne(what: string): boolean {
  return isId('schedule', what) || isId('deployment', what) || /^[^\s@*]+\/[^\s]+$/.test(what);
}

function print(context: Context, timezone: string, fires: readonly UpcomingFire[]): void {
  const { style } = context;
  const now = context.host.now();
  context.printTable(
    fires,
    [
      { header: timezone, value: (fire) => fire.local },
      { header: 'HERE', value: (fire) => localTime(fire.at), drop: 2 },
      { header: 'UTC', value: (fire) => (timezone === 'UTC' ? '' : fire.at), drop: 3 },
      { header: '', value: (fire) => (fire.fires ? style.green('fires') : style.yellow('skipped')) },
      { header: 'IN', value: (fire) => style.dim(relative(fire.at, now)) },
      { header: 'WHY', value: (fire) => harmless(fire.reason ?? ''), min: 16, drop: 1 },
    ],
    'It never fires.',
  );
}
