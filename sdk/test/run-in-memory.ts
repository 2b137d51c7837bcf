import { MemoryReporter } from '../src/engine/memory-reporter.ts';
import type { RunOutcome } from '../src/engine/reporter.ts';
import { executeLocally } from '../src/engine/run-locally.ts';
import type { RunOptions } from '../src/flow.ts';
import { flow } from '../src/flow.ts';
import type { AnyFlow } from '../src/flow-definition.ts';
import { FLOW } from '../src/flow-definition.ts';

/** Runs a flow to its end with nothing printed. */
export async function runInMemory(
  what: AnyFlow,
  parameters: Record<string, unknown> = {},
  options: RunOptions = {},
): Promise<{ outcome: RunOutcome; told: MemoryReporter }> {
  const told = new MemoryReporter();
  const outcome = await executeLocally(what[FLOW], parameters, { ...options, reporter: told });
  return { outcome, told };
}

/** Runs a function as the body of a flow. */
export function runBody(body: () => unknown, options: RunOptions = {}) {
  return runInMemory(flow('body', body), {}, options);
}
