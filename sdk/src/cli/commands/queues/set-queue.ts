import type { WorkPool } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';
import { limitOf } from '../../option-values.ts';

interface QueueOptions extends GlobalOptions {
  priority?: number;
  limit?: number | 'none';
  fairBy?: string;
}

export async function setQueue(context: Context, options: QueueOptions, pool: string, name: string): Promise<void> {
  const reply = await (await context.client()).workPools.upsertQueue.mutate({
    pool,
    name,
    priority: options.priority,
    concurrencyLimit: limitOf(options.limit),
    fairBy: options.fairBy === 'none' ? null : options.fairBy,
  });
  if (context.json) return context.printJson(reply);
  context.print(`Queue ${describeQueue(reply, name)}.`);
}

/** `gpu/urgent: priority 1, limit none, active`. */
export function describeQueue(pool: WorkPool, name: string): string {
  const queue = pool.queues.find((each) => each.name === name);
  return `${pool.name}/${name}: priority ${queue?.priority ?? '-'}, limit ${queue?.concurrencyLimit ?? 'none'}, ${queue?.paused ? 'paused' : 'active'}`;
}
