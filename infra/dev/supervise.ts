/**
 * Keeps one process running: starting -> up -> (it ends by itself) -> waiting, longer each time -> starting. It is left only by
 * `stop()`, or by giving up after too many ends in a row, which the caller is told.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessRegistry } from './process-registry.ts';
import { type ProcessSpec, type RunningProcess, startProcess, stopProcess, untilReady } from './processes.ts';

export type Supervised = {
  readonly name: string;
  /** Asks it to stop and waits until it has. */
  stop(): Promise<void>;
};

export type Watch = {
  readonly logs: string;
  readonly stack: string;
  readonly registry: ProcessRegistry;
  /** Aborts a start that waits. */
  readonly signal: AbortSignal;
  onRestart(name: string, cause: string): void;
  onGiveUp(name: string, cause: string): void;
};

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
/** Up for so long, it counts as healthy and its earlier ends are forgotten. */
const HEALTHY_MS = 30_000;
const MOST_ENDS_IN_A_ROW = 8;

/** Starts it and waits until it serves; from then on it is kept running. */
export async function supervise(spec: ProcessSpec, watch: Watch): Promise<Supervised> {
  const stopping = new AbortController();
  let running = await launch(spec, watch);
  try {
    await untilReady(running, watch.logs, watch.signal);
  } catch (error) {
    await stopProcess(running);
    throw error;
  }
  const kept = keep(
    async () => (running = await launch(spec, watch)),
    () => running,
    spec.name,
    watch,
    stopping.signal,
  );
  return {
    name: spec.name,
    async stop() {
      stopping.abort();
      await stopProcess(running);
      await kept;
      watch.registry.forget(running.identity);
    },
  };
}

async function launch(spec: ProcessSpec, { logs, stack, registry }: Watch): Promise<RunningProcess> {
  const started = await startProcess(spec, logs, stack);
  registry.note({ ...started.identity, name: spec.name, stopSignal: spec.stopSignal });
  return started;
}

async function keep(
  relaunch: () => Promise<unknown>,
  current: () => RunningProcess,
  name: string,
  watch: Watch,
  stopping: AbortSignal,
): Promise<void> {
  let ends = 0;
  while (true) {
    const startedAt = performance.now();
    const cause = await current().ended;
    if (stopping.aborted) return;
    watch.registry.forget(current().identity);
    ends = performance.now() - startedAt > HEALTHY_MS ? 1 : ends + 1;
    if (ends > MOST_ENDS_IN_A_ROW) return watch.onGiveUp(name, cause);
    watch.onRestart(name, cause);
    await delay(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (ends - 1)), undefined, { signal: stopping }).catch(() => {});
    if (stopping.aborted) return;
    try {
      await relaunch();
    } catch (error) {
      return watch.onGiveUp(name, (error as Error).message);
    }
    // Asked to stop while it was being started.
    if (stopping.aborted) await stopProcess(current());
  }
}
