import type { Context, GlobalOptions } from '../../context.ts';

export async function pausePool(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const pool = await (await context.client()).workPools.pause.mutate({ pool: ref });
  if (context.json) return context.printJson(pool);
  context.print(`Paused pool ${pool.name}. Runs under way go on; ${pool.waiting} wait.`);
}

export async function resumePool(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const pool = await (await context.client()).workPools.resume.mutate({ pool: ref });
  if (context.json) return context.printJson(pool);
  context.print(`Resumed pool ${pool.name}.`);
}
