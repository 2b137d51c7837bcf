import { TERMINAL_STATES } from '@signalbox/proto';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { oneOf } from '../../option-values.ts';
import { stateLabel } from '../../output/run-state.ts';
import { findRun } from './find-run.ts';

interface SetStateOptions extends GlobalOptions {
  name?: string;
  reason: string;
  yes?: boolean;
}

export async function setRunState(context: Context, options: SetStateOptions, ref: string, state: string): Promise<void> {
  const type = oneOf('state', state, TERMINAL_STATES);
  const client = await context.client();
  const id = await findRun(client, ref);
  await confirm(context, `Set ${ref} to ${options.name ?? type.toLowerCase()}?`, options);
  const run = await client.runs.setState.mutate({ run: id, type, name: options.name, reason: options.reason });
  if (context.json) return context.printJson(run);
  context.print(`${stateLabel(run.state, context.style)}  ${run.name}`);
}
