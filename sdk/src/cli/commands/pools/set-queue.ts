import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { limitOf } from '../../option-values.ts';

interface QueueOptions extends GlobalOptions {
  priority?: number;
  limit?: number | 'none';
  pause?: boolean;
  resume?: boolean;
}

export async function setQueue(context: Context, options: QueueOptions, pool: string, name: string): Promise<void> {
  if (options.pause && options.resume) throw new CliError('--pause and --resume exclude each other');
  const paused = options.pause ? true : options.resume ? false : undefined;
  const reply = await (await context.client()).workPools.upsertQueue.mutate({
    pool,
    name,
    priority: options.priority,
    concurrencyLimit: limitOf(options.limit),
    paused,
  });
  if (context.json) return context.printJson(reply);
  const queue = reply.queues.find((each) => each.name === name);
  context.print(
    `Queue ${reply.name}/${name}: priority ${queue?.priority ?? '-'}, limit ${queue?.concurrencyLimit ?? 'none'}, ${queue?.paused ? 'paused' : 'active'}.`,
  );
}
