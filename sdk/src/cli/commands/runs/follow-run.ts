import type { RunId } from '@signalbox/proto';
import type { RunDetail } from '@signalbox/proto/api';
import type { Client } from '../../../client/index.ts';
import { InterruptedError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { LineView } from '../../watch/line-view.ts';
import { TerminalView } from '../../watch/terminal-view.ts';
import { findRun } from './find-run.ts';

export async function followRunVerb(context: Context, _options: GlobalOptions, ref: string): Promise<number> {
  const client = await context.client();
  return followRun(context, client, await findRun(client, ref));
}

/**
 * Shows a run live until it ends; with `--json` nothing but the ended run. Answers 0 only when it ended as Completed.
 * @throws InterruptedError on Ctrl-C; the run goes on.
 */
export async function followRun(context: Context, client: Client, run: RunId): Promise<number> {
  const { signal } = context.host;
  const view = context.json
    ? null
    : context.host.stdout.isTTY && context.style.isColorSupported
      ? new TerminalView(context)
      : new LineView(context);
  let last: RunDetail | null = null;
  try {
    for await (const update of client.watchRun(run, { signal, tasks: view !== null, logs: view !== null })) {
      if (update.kind === 'run') last = update.run;
      view?.show(update);
    }
  } finally {
    view?.close();
  }
  if (signal.aborted || last === null) throw new InterruptedError(`The run goes on. Follow it again: signalbox runs watch ${run}`);
  if (context.json) context.printJson(last);
  return last.state.type === 'COMPLETED' ? EXIT.ok : EXIT.runNotCompleted;
}
