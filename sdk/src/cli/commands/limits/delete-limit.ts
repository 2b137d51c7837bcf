import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';

export async function deleteLimit(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  await confirm(context, `Delete limit ${ref}?`, options);
  const reply = await (await context.client()).limits.delete.mutate({ limit: ref });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted limit ${ref}.`);
}
