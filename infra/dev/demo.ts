/** The demo: deploys the examples, starts one run of the weather flow and follows it to its end. */
import type { Client } from '@signalbox/sdk/client';
import { demoView } from './demo-view.ts';
import type { Terminal } from './terminal.ts';

export const DEMO_DEPLOYMENT = 'weather/daily';

export type DemoResult = {
  readonly run: string;
  /** Name of its last state: `Completed`. */
  readonly state: string;
  readonly tasks: number;
  readonly seconds: number;
  /** Why it did not complete. */
  readonly reason?: string;
};

/** It takes seconds; a run that is nowhere near its end after this tells of something broken. */
const PATIENCE_MS = 10 * 60_000;

export async function runDemo(client: Client, terminal: Terminal, stopping: AbortSignal): Promise<DemoResult> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(PATIENCE_MS)]);
  const startedAt = performance.now();
  const created = await client.runs.create.mutate({ deployment: DEMO_DEPLOYMENT, tags: ['demo'] });
  const show = demoView(terminal);
  let last = { type: created.state.type as string, name: created.state.name, message: created.state.message };
  let failure: string | undefined;
  let tasks = 0;
  for await (const update of client.watchRun(created.id, { signal })) {
    show(update);
    if (update.kind === 'tasks') tasks = update.tasks.length;
    if (update.kind === 'run') {
      last = { type: update.run.state.type, name: update.run.state.name, message: update.run.state.message };
      failure = update.run.failure?.message;
    }
  }
  terminal.bar(null);
  stopping.throwIfAborted();
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const late = signal.aborted ? `the run had not ended after ${PATIENCE_MS / 60_000} minutes` : undefined;
  const reason = last.type === 'COMPLETED' ? {} : { reason: late ?? failure ?? last.message ?? `the run ended ${last.name}` };
  return { run: created.id, state: last.name, tasks, seconds, ...reason };
}
