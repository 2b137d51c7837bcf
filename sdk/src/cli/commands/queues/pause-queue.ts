import type { Context, GlobalOptions } from '../../context.ts';

export async function pauseQueue(context: Context, _options: GlobalOptions, pool: string, name: string): Promise<void> {
  const reply = await (await context.client()).workPools.pauseQueue.mutate({ pool, name });
  if (context.json) return context.printJson(reply);
  context.print(`Paused queue ${reply.name}/${name}. Runs under way go on.`);
}

export async function resumeQueue(context: Context, _options: GlobalOptions, pool: string, name: string): Promise<void> {
  const reply = await (await context.client()).workPools.resumeQueue.mutate({ pool, name });
  if (context.json) return context.printJson(reply);
  context.print(`Resumed queue ${reply.name}/${name}.`);
}
