import type { Context, GlobalOptions } from '../../context.ts';
import { type FilterOptions, filterOf } from './filter-options.ts';

export async function countRuns(context: Context, options: GlobalOptions & FilterOptions): Promise<void> {
  const client = await context.client();
  const counted = await client.runs.count.query({ filter: await filterOf(options, context.host.now()) });
  if (context.json) return context.printJson(counted);
  context.print(`${counted.count}${counted.isMore ? '+' : ''}`);
}
