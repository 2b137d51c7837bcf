import { isTerminal } from '@signalbox/proto';
import type { Context, GlobalOptions } from '../../context.ts';
import { stateLabel } from '../../output/run-state.ts';
import { findRun } from './find-run.ts';

export async function cancelRun(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const client = await context.client();
  const run = await client.runs.cancel.mutate({ run: await findRun(client, ref) });
  if (context.json) return context.printJson(run);
  context.print(`${stateLabel(run.state, context.style)}  ${run.name}`);
  if (!isTerminal(run.state.type)) context.note('Its agent stops it now: first TERM, then KILL.');
}
