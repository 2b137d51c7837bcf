import type { LimitHolder } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { instant, relative } from '../../output/time.ts';
import { kindOf, limitStatus, takenOf } from './limit-text.ts';

/** Of each list; the JSON says whether there are more. */
const SHOWN = 50;

export async function showLimit(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const client = await context.client();
  const [limit, holders, waiters] = await Promise.all([
    client.limits.get.query({ limit: ref }),
    client.limits.holders.query({ of: ref, limit: SHOWN }),
    client.limits.waiters.query({ of: ref, limit: SHOWN }),
  ]);
  if (context.json) return context.printJson({ ...limit, holders, waiters });
  const { style } = context;
  const nowMs = context.host.now();
  context.print(`${style.bold(limit.name)}  ${limitStatus(limit, style)}`, '');
  context.printFields([
    ['id', limit.id],
    ['description', limit.description],
    ['kind', kindOf(limit)],
    ['taken', takenOf(limit)],
    ['waiting', String(limit.waiting)],
    ['changed', instant(limit.updatedAt, nowMs)],
  ]);
  const columns = [
    { header: 'RUN', value: (one: LimitHolder) => one.run.name, min: 10 },
    { header: 'TASK', value: (one: LimitHolder) => one.task?.name ?? '-' },
    { header: 'SLOTS', value: (one: LimitHolder) => String(one.slots), align: 'right' as const },
    { header: 'SINCE', value: (one: LimitHolder) => relative(one.since, nowMs) },
    { header: 'ID', value: (one: LimitHolder) => one.run.id, drop: 1 },
  ];
  context.print('', style.bold('Held by'));
  const isRate = limit.decayPerSecond !== null;
  context.printTable(holders.items, columns, isRate ? 'Nobody: slots of a rate come back by themselves.' : 'Nobody.');
  context.print('', style.bold('Waiting, in line'));
  context.printTable(waiters.items, columns, 'Nobody.');
  if (holders.nextCursor || waiters.nextCursor) context.note('', `The first ${SHOWN} of each list are shown.`);
}
