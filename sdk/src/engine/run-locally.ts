/** A run without any server: the engine itself makes the attempts and waits between them. */
import { randomBytes } from 'node:crypto';
import { CancelledError } from '../errors.ts';
import type { RunOptions } from '../flow.ts';
import type { FlowDefinition } from '../flow-definition.ts';
import { isLoading } from '../loading.ts';
import { memoryStorage } from '../results/memory-storage.ts';
import { retryDelayMs } from '../retry.ts';
import type { RunInfo } from '../run-info.ts';
import { abortableDelay } from '../sleep.ts';
import { consoleReporter } from './console-reporter.ts';
import { executeRun } from './execute-flow.ts';
import { isIsolatedPlace } from './isolation/place.ts';
import { localCalls } from './local-calls.ts';
import type { Reporter, RunOutcome } from './reporter.ts';

/** Code that was told to stop is left behind after so long. */
const GIVE_UP_MS = 5_000;

export interface LocalOptions extends RunOptions {
  /** Default: prints to standard output. */
  readonly reporter?: Reporter;
}

/** The result of a run. @throws what the flow threw, or the reason it was stopped. */
export async function runLocally(definition: FlowDefinition, parameters: unknown, options: LocalOptions = {}): Promise<unknown> {
  if (isIsolatedPlace() && isLoading()) {
    throw new Error(
      `flow "${definition.name}" is called when its file is imported, as a thread or process does for an isolated task: call it by .cli(), which runs it for the program alone`,
    );
  }
  const outcome = await executeLocally(definition, parameters, options);
  if (outcome.state === 'COMPLETED') return outcome.result;
  throw outcome.error;
}

/** Runs a flow to its end, retries included, and says how it ended. */
export async function executeLocally(definition: FlowDefinition, parameters: unknown, options: LocalOptions = {}): Promise<RunOutcome> {
  const reporter = options.reporter ?? consoleReporter();
  const signal = withReason(options.signal);
  const calls = localCalls();
  const suffix = randomBytes(4).toString('hex');
  // A run of this process alone has no other attempts than those made here.
  const results = { persist: definition.retry.retries > 0, scratch: memoryStorage(), replayFloor: 0 };
  for (let attempt = 1; ; attempt++) {
    const run: RunInfo = {
      id: `local_${suffix}`,
      name: `${definition.name}-${suffix}`,
      epoch: attempt,
      fencingToken: String(attempt),
      attempt,
      flow: definition.name,
      deployment: null,
      parameters: (parameters ?? {}) as RunInfo['parameters'],
      tags: options.tags ?? [],
    };
    const { timeoutMs } = definition;
    const outcome = await executeRun({ definition, run, reporter, calls, signal, timeoutMs, giveUpMs: GIVE_UP_MS, results });
    const { failure } = outcome;
    const retries = outcome.state === 'FAILED' && failure?.retryable !== false && attempt <= definition.retry.retries;
    if (!retries) {
      reporter.ended(outcome);
      return outcome;
    }
    const delayMs = failure?.retryAfterMs ?? retryDelayMs(definition.retry, attempt, Math.random(), outcome.error);
    reporter.ended(outcome, delayMs);
    await abortableDelay(delayMs, signal).catch(() => {});
  }
}

/** A caller's own signal may be aborted with anything; the engine promises authors a CancelledError. */
function withReason(given: AbortSignal | undefined): AbortSignal {
  const controller = new AbortController();
  const onAbort = () => controller.abort(new CancelledError(undefined, { cause: given?.reason }));
  if (given?.aborted) onAbort();
  given?.addEventListener('abort', onAbort, { once: true });
  return controller.signal;
}
