import type { SlotHolder } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { instant } from '../../output/time.ts';

interface SlotOptions extends GlobalOptions {
  limit?: number;
}

export async function listPoolSlots(context: Context, options: SlotOptions, pool: string): Promise<void> {
  return listSlots(context, options, { pool });
}

export async function listQueueSlots(context: Context, options: SlotOptions, pool: string, queue: string): Promise<void> {
  return listSlots(context, options, { pool, queue });
}

async function listSlots(context: Context, options: SlotOptions, of: { pool: string; queue?: string }): Promise<void> {
  const page = await (await context.client()).workPools.slots.query({ ...of, limit: options.limit ?? 50 });
  if (context.json) return context.printJson(page);
  printSlots(context, page.items);
  if (page.nextCursor) context.note('and more; see --limit');
}

/** Who holds slots, longest first. */
export function printSlots(context: Context, holders: readonly SlotHolder[]): void {
  context.printTable(
    holders,
    [
      { header: 'RUN', value: ({ run }) => run.name, min: 12 },
      { header: 'STATE', value: ({ run }) => run.state },
      { header: 'DEPLOYMENT', value: ({ deployment }) => `${deployment.flow}/${deployment.name}`, drop: 2 },
      { header: 'QUEUE', value: ({ queue }) => queue ?? '-', drop: 3 },
      { header: 'AGENT', value: ({ agent }) => agent?.name ?? '-', drop: 1 },
      { header: 'SINCE', value: ({ since }) => instant(since, context.host.now()) ?? '-' },
    ],
    'No run holds a slot.',
  );
}
