import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';

export async function deleteQueue(context: Context, options: GlobalOptions & { yes?: boolean }, pool: string, name: string): Promise<void> {
  await confirm(context, `Delete queue ${pool}/${name}?`, options);
  const reply = await (await context.client()).workPools.deleteQueue.mutate({ pool, name });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted queue ${reply.name}/${name}. Its deployments and waiting runs are in ${reply.name}/default.`);
}
