import type { Context, GlobalOptions } from '../../context.ts';
import { localTime, relative } from '../../output/time.ts';
import { harmless } from '../../output/width.ts';
import { findSchedule } from './find-schedule.ts';

export async function listFires(context: Context, options: GlobalOptions & { limit?: number }, ref: string, slug?: string): Promise<void> {
  const client = await context.client();
  const page = await client.schedules.fires.query({ schedule: await findSchedule(client, ref, slug), limit: options.limit ?? 20 });
  if (context.json) return context.printJson(page);
  context.printTable(
    page.items,
    [
      { header: 'INSTANT', value: (fire) => localTime(fire.at) + (fire.until ? ` to ${localTime(fire.until)}` : '') },
      { header: 'OUTCOME', value: (fire) => fire.outcome },
      { header: 'RUN', value: (fire) => fire.run ?? '', drop: 1 },
      { header: 'WHY', value: (fire) => harmless(fire.reason ?? ''), min: 16, drop: 2 },
    ],
    'It has not fired yet.',
  );
}

export async function listFindings(context: Context, options: GlobalOptions & { open?: boolean }): Promise<void> {
  const findings = await (await context.client()).schedules.findings.query({ open: options.open });
  if (context.json) return context.printJson(findings);
  const now = context.host.now();
  context.printTable(
    findings,
    [
      { header: 'DEPLOYMENT', value: ({ deployment }) => `${deployment.flow}/${deployment.name}`, min: 12 },
      { header: 'SCHEDULE', value: ({ schedule }) => schedule.slug, min: 8 },
      { header: 'INSTANT', value: ({ at }) => at },
      { header: 'WHAT', value: ({ kind }) => (kind === 'missing' ? context.style.red('missing') : context.style.yellow('unexpected')) },
      { header: 'FOUND', value: ({ foundAt }) => relative(foundAt, now), drop: 2 },
      { header: 'MENDED', value: ({ resolvedAt }) => relative(resolvedAt, now), drop: 1 },
    ],
    'The auditor found nothing: schedules fire as they should.',
  );
}
