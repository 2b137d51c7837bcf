import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { findRun } from './find-run.ts';

export async function deleteRun(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  const client = await context.client();
  const run = await findRun(client, ref);
  await confirm(context, `Delete run ${ref} with its logs and artifacts?`, options);
  const reply = await client.runs.delete.mutate({ run });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted run ${ref}.`);
}
