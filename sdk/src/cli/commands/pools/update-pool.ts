import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { limitOf } from '../../option-values.ts';
import { slotsOf } from './pool-status.ts';

export async function updatePool(
  context: Context,
  options: GlobalOptions & { description?: string; limit?: number | 'none'; costPerHour?: number | 'none' },
  ref: string,
): Promise<void> {
  if (options.description === undefined && options.limit === undefined && options.costPerHour === undefined)
    throw new CliError('nothing to change', { hint: 'give --limit, --cost-per-hour or --description' });
  const pool = await (await context.client()).workPools.update.mutate({
    pool: ref,
    description: options.description,
    concurrencyLimit: limitOf(options.limit),
    costPerHour: limitOf(options.costPerHour),
  });
  if (context.json) return context.printJson(pool);
  context.print(`Changed pool ${pool.name}: running ${slotsOf(pool)}, waiting ${pool.waiting}.`);
}
