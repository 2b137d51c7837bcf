/** From a claim to a child with the code loaded: a warm one, or one that is started now. */
import { randomUUID } from 'node:crypto';
import type { RunFailure } from '@signalbox/proto';
import type { ClaimedRun } from '@signalbox/proto/messages';
import { Bell } from '../bell.ts';
import type { Child, ChildEvents, Launcher, OutputOffsets } from '../launchers/launcher.ts';
import type { LaunchGate } from './launch-gate.ts';
import { keyOf, type WarmPool } from './warm-pool.ts';

/** The run cannot be started here, and why. */
export class StartFailedError extends Error {
  override readonly name = 'StartFailedError';
  readonly failure: RunFailure;

  constructor(failure: RunFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** The run cannot be started in time, or shall not be: it goes back, and that counts as no failure. */
export class GiveBackError extends Error {
  override readonly name = 'GiveBackError';
}

/** What the child said of the code; filled by the supervisor, which is the child's one listener. */
export class LoadWatch {
  readonly #bell = new Bell();
  #outcome: 'loaded' | RunFailure | null = null;

  get isSettled(): boolean {
    return this.#outcome !== null;
  }

  settle(outcome: 'loaded' | RunFailure): void {
    this.#outcome ??= outcome;
    this.#bell.ring();
  }

  /** @throws StartFailedError when the code cannot be loaded, or not in time. */
  async wait(withinMs: number, signal: AbortSignal): Promise<void> {
    if (this.#outcome === null) await this.#bell.wait(signal, withinMs);
    signal.throwIfAborted();
    if (this.#outcome === 'loaded') return;
    const message = `the code was not loaded within ${Math.round(withinMs / 1000)} s (startTimeout)`;
    throw new StartFailedError(this.#outcome ?? { kind: 'crashed', message });
  }
}

export interface Prepared {
  readonly child: Child;
  readonly output: OutputOffsets;
  readonly runsServed: number;
}

export interface StartupParts {
  readonly launcher: Launcher;
  readonly warm: WarmPool;
  readonly launches: LaunchGate;
  /** How many processes with this code serve again in a moment. */
  readonly coming: (code: ClaimedRun) => number;
  /** Whether processes with this code, of which there are some, are with each run for moments only. */
  readonly isShort: (code: ClaimedRun) => boolean;
  /** Whether one more process may be started. */
  readonly hasRoom: () => boolean;
}

/** Gets a child for what is due at that instant of the monotonic clock, tells `onChild`, attaches `events` and waits until the code is loaded. @throws StartFailedError */
export async function prepareChild(
  parts: StartupParts,
  claimed: ClaimedRun,
  dueAtMs: number,
  events: ChildEvents,
  load: LoadWatch,
  onChild: (prepared: Prepared) => void,
  signal: AbortSignal,
): Promise<void> {
  const find = () => {
    const found = parts.warm.take(claimed);
    if (!found) return null;
    // Counted as this run's before anybody looks again: a process that is nobody's for a moment had another started beside it.
    load.settle('loaded');
    onChild(found);
    found.child.attach(events, found.output);
    return found;
  };
  const turn = await parts.launches.enter(
    { key: keyOf(claimed), dueAtMs, find, coming: () => parts.coming(claimed), isShort: () => parts.isShort(claimed) },
    signal,
  );
  if ('found' in turn) return;
  try {
    while (!parts.hasRoom() && parts.warm.makeRoom());
    const { source, variables, run } = claimed;
    const child = await parts.launcher.launch({ id: `r-${randomUUID()}`, source, variables, run }).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new StartFailedError({ kind: 'crashed', message: `could not be started: ${why}` });
    });
    const output = { stdout: 0, stderr: 0 };
    onChild({ child, output, runsServed: 0 });
    child.attach(events, output);
    await load.wait(claimed.startTimeoutMs, signal);
  } finally {
    turn.leave();
  }
}
