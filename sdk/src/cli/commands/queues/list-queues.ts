import type { Context, GlobalOptions } from '../../context.ts';
import { printQueues } from './queue-table.ts';

export async function listQueues(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const pool = await (await context.client()).workPools.get.query({ pool: ref });
  if (context.json) return context.printJson(pool.queues);
  printQueues(context, pool);
}
