import type { Duration } from '../../../duration.ts';
import { toMs } from '../../../duration.ts';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { stateLabel } from '../../output/run-state.ts';
import { findRun } from './find-run.ts';

interface HoldOptions extends GlobalOptions {
  message?: string;
  timeout?: string;
}

export const pauseRun = (context: Context, options: HoldOptions, ref: string) => holdRun(context, options, ref, 'pause');
export const suspendRun = (context: Context, options: HoldOptions, ref: string) => holdRun(context, options, ref, 'suspend');

const THEN = {
  pause: 'It pauses before its next task; its process and slots stay.',
  suspend: 'Its process leaves before its next task, or is stopped after its grace; finished tasks are not run again.',
} as const;

async function holdRun(context: Context, options: HoldOptions, ref: string, how: 'pause' | 'suspend'): Promise<void> {
  const client = await context.client();
  const { message } = options;
  const input = { run: await findRun(client, ref), message, timeoutMs: timeoutOf(options.timeout) };
  const run = await client.runs[how].mutate(input);
  if (context.json) return context.printJson(run);
  context.print(`${stateLabel(run.state, context.style)}  ${run.name}`);
  context.note(THEN[how], `Let it go on: signalbox runs resume ${run.name}`);
}

function timeoutOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return toMs(text as Duration, 'timeout');
  } catch {
    throw new CliError('--timeout is not usable', {
      issues: [{ field: 'timeout', expected: 'a duration such as 30m, 6h or 2d', received: JSON.stringify(text) }],
    });
  }
}
