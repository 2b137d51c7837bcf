import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { printQueues } from './queue-table.ts';

interface MoveOptions extends GlobalOptions {
  up?: boolean;
  down?: boolean;
  to?: number;
}

export async function moveQueue(context: Context, options: MoveOptions, pool: string, name: string): Promise<void> {
  const [to, ...others] = [options.up && 'up', options.down && 'down', options.to].filter((each) => each !== undefined);
  if (to === undefined || others.length > 0) throw new CliError('give one of --up, --down and --to <n>');
  const reply = await (await context.client()).workPools.moveQueue.mutate({ pool, name, to: to as 'up' | 'down' | number });
  if (context.json) return context.printJson(reply);
  printQueues(context, reply);
}
