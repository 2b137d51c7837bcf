import type { LegalHold } from '@signalbox/proto/api';
import type { Context } from '../../context.ts';
import { instant, relative } from '../../output/time.ts';

export async function showRetention(context: Context): Promise<void> {
  const retention = await (await context.client()).retention.get.query();
  if (context.json) return context.printJson(retention);
  const nowMs = context.host.now();
  context.printFields([
    ['kept', `${retention.days} days after the end of a run`],
    ['oldest run', retention.oldestRunAt ? instant(retention.oldestRunAt, nowMs) : 'none'],
  ]);
  context.print('', context.style.bold('Legal holds'));
  context.printTable(
    retention.holds,
    [
      { header: 'KEEPS', value: heldBy, min: 10 },
      { header: 'REASON', value: (hold) => hold.reason, min: 10 },
      { header: 'SINCE', value: (hold) => relative(hold.createdAt, nowMs) },
      { header: 'BY', value: (hold) => hold.createdBy, drop: 2 },
      { header: 'RELEASED', value: (hold) => (hold.releasedAt ? `${relative(hold.releasedAt, nowMs)} by ${hold.releasedBy}` : '-') },
      { header: 'ID', value: (hold) => hold.id, drop: 1 },
    ],
    'None.',
  );
}

/** What a hold names, in words. */
export function heldBy({ run, deployment, name }: LegalHold): string {
  if (run) return `run ${name ?? run}`;
  return deployment ? `runs of ${name ?? deployment}` : 'everything';
}
