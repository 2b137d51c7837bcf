import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';

export async function deletePool(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  await confirm(context, `Delete pool ${ref}?`, options);
  const reply = await (await context.client()).workPools.delete.mutate({ pool: ref });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted pool ${ref}.`);
}
