import type { Context, GlobalOptions } from '../../context.ts';
import { limitOf } from '../../option-values.ts';

export async function createPool(
  context: Context,
  options: GlobalOptions & { description?: string; limit?: number | 'none'; costPerHour?: number | 'none' },
  name: string,
): Promise<void> {
  const pool = await (await context.client()).workPools.create.mutate({
    name,
    description: options.description,
    concurrencyLimit: limitOf(options.limit),
    costPerHour: limitOf(options.costPerHour),
  });
  if (context.json) return context.printJson(pool);
  context.print(`Created pool ${pool.name}.`);
  context.note(context.style.dim(`Add an agent: signalbox agents join-code ${pool.name}`));
}
