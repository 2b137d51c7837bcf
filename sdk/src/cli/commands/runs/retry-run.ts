import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { stateLabel } from '../../output/run-state.ts';
import { findRun } from './find-run.ts';
import { followRun } from './follow-run.ts';

interface RetryOptions extends GlobalOptions {
  watch?: boolean;
  fromStart?: boolean;
  fromFailed?: boolean;
}

export async function retryRun(context: Context, options: RetryOptions, ref: string): Promise<number> {
  if (options.fromStart && options.fromFailed) throw new CliError('--from-start and --from-failed exclude each other');
  const client = await context.client();
  const mode = options.fromStart ? 'from-start' : 'from-failed';
  const run = await client.runs.retry.mutate({ run: await findRun(client, ref), mode });
  if (options.watch) return followRun(context, client, run.id);
  if (context.json) context.printJson(run);
  else context.print(`${stateLabel(run.state, context.style)}  ${run.name}, attempt ${run.attempt}`);
  return EXIT.ok;
}
