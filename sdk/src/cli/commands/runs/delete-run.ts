import { confirm } from '../../confirm.ts';
import type { Context } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { type BulkOptions, bulkRuns, meansMany } from './bulk-runs.ts';
import { findRun } from './find-run.ts';

export async function deleteRun(context: Context, options: BulkOptions, ref?: string): Promise<number> {
  if (meansMany(options, ref)) return bulkRuns(context, options, 'delete');
  const client = await context.client();
  const run = await findRun(client, ref ?? '');
  await confirm(context, `Delete run ${ref} with its logs and artifacts?`, options);
  const reply = await client.runs.delete.mutate({ run });
  if (context.json) context.printJson(reply);
  else context.print(`Deleted run ${ref}.`);
  return EXIT.ok;
}
