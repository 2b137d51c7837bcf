import type { Context, GlobalOptions } from '../../context.ts';
import { limitOf } from '../../option-values.ts';
import { takenOf } from './limit-text.ts';

type Options = GlobalOptions & { slots: number; decay?: number | 'none'; description?: string; off?: boolean };

export async function createLimit(context: Context, options: Options, name: string): Promise<void> {
  const limit = await (await context.client()).limits.create.mutate({
    name,
    slots: options.slots,
    decayPerSecond: limitOf(options.decay),
    description: options.description,
    active: !options.off,
  });
  if (context.json) return context.printJson(limit);
  context.print(`Created limit ${limit.name}: ${takenOf(limit)} taken.`);
}
