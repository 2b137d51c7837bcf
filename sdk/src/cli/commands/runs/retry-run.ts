import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { stateLabel } from '../../output/run-state.ts';
import { findRun } from './find-run.ts';
import { followRun } from './follow-run.ts';

export async function retryRun(context: Context, options: GlobalOptions & { watch?: boolean }, ref: string): Promise<number> {
  const client = await context.client();
  const run = await client.runs.retry.mutate({ run: await findRun(client, ref) });
  if (options.watch) return followRun(context, client, run.id);
  if (context.json) context.printJson(run);
  else context.print(`${stateLabel(run.state, context.style)}  ${run.name}, attempt ${run.attempt}`);
  return EXIT.ok;
}
