import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { limitOf } from '../../option-values.ts';
import { kindOf, takenOf } from './limit-text.ts';

type Options = GlobalOptions & { slots?: number; decay?: number | 'none'; description?: string; off?: boolean; on?: boolean };

export async function updateLimit(context: Context, options: Options, ref: string): Promise<void> {
  const { slots, decay, description, off, on } = options;
  if (off && on) throw new CliError('--on and --off do not go together');
  if (slots === undefined && decay === undefined && description === undefined && !off && !on)
    throw new CliError('nothing to change', { hint: 'give --slots, --decay, --description, --on or --off' });
  const limit = await (await context.client()).limits.update.mutate({
    limit: ref,
    slots,
    decayPerSecond: limitOf(decay),
    description,
    active: off ? false : on ? true : undefined,
  });
  if (context.json) return context.printJson(limit);
  context.print(
    `Changed limit ${limit.name}: ${takenOf(limit)} taken, ${limit.waiting} waiting, ${kindOf(limit)}${limit.active ? '' : ', off'}.`,
  );
}
