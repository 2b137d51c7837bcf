import { isTerminal } from '@signalbox/proto';
import type { Context } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { stateLabel } from '../../output/run-state.ts';
import { type BulkOptions, bulkRuns, meansMany } from './bulk-runs.ts';
import { findRun } from './find-run.ts';

export async function cancelRun(context: Context, options: BulkOptions, ref?: string): Promise<number> {
  if (meansMany(options, ref)) return bulkRuns(context, options, 'cancel');
  const client = await context.client();
  const run = await client.runs.cancel.mutate({ run: await findRun(client, ref ?? '') });
  if (context.json) context.printJson(run);
  else {
    context.print(`${stateLabel(run.state, context.style)}  ${run.name}`);
    if (!isTerminal(run.state.type)) context.note('Its agent stops it now: first TERM, then KILL.');
  }
  return EXIT.ok;
}
