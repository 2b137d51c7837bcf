import type { ScheduleSpec } from '@signalbox/proto/api';
import type { Duration } from '../../../duration.ts';
import { toMs } from '../../../duration.ts';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { localTime, relative } from '../../output/time.ts';

interface PreviewOptions extends GlobalOptions {
  timezone?: string;
  every?: string;
  count?: number;
}

/** The control plane computes the instants, with the code that fires them. */
export async function previewSchedule(context: Context, options: PreviewOptions, cron: string | undefined): Promise<void> {
  const preview = await (await context.client()).schedules.preview.query({ spec: specOf(cron, options), count: options.count });
  if (context.json) return context.printJson(preview);
  const now = context.host.now();
  context.printTable(
    preview.fires,
    [
      { header: 'UTC', value: (at) => at },
      { header: 'HERE', value: localTime, drop: 1 },
      { header: '', value: (at) => context.style.dim(relative(at, now)) },
    ],
    'It never fires.',
  );
}

function specOf(cron: string | undefined, options: PreviewOptions): ScheduleSpec {
  if (cron !== undefined && options.every === undefined) return { kind: 'cron', cron, timezone: options.timezone ?? 'UTC' };
  if (cron === undefined && options.every !== undefined) {
    try {
      return { kind: 'interval', everyMs: toMs(options.every as Duration, 'every') };
    } catch (error) {
      throw new CliError((error as Error).message);
    }
  }
  throw new CliError('expected a cron expression or --every, one of the two', {
    hint: "for example: signalbox schedules preview '0 6 * * *'",
  });
}
