import { CliError } from '../../cli-error.ts';
import type { Context } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { stateLabel } from '../../output/run-state.ts';
import { type BulkOptions, bulkRuns, meansMany } from './bulk-runs.ts';
import { findRun } from './find-run.ts';
import { followRun } from './follow-run.ts';

interface RetryOptions extends BulkOptions {
  fromStart?: boolean;
  fromFailed?: boolean;
}

export async function retryRun(context: Context, options: RetryOptions, ref?: string): Promise<number> {
  if (options.fromStart && options.fromFailed) throw new CliError('--from-start and --from-failed exclude each other');
  const mode = options.fromStart ? 'from-start' : 'from-failed';
  if (meansMany(options, ref)) return bulkRuns(context, options, 'retry', mode);
  const client = await context.client();
  const run = await client.runs.retry.mutate({ run: await findRun(client, ref ?? ''), mode });
  if (options.watch) return followRun(context, client, run.id);
  if (context.json) context.printJson(run);
  else context.print(`${stateLabel(run.state, context.style)}  ${run.name}, attempt ${run.attempt}`);
  return EXIT.ok;
}
