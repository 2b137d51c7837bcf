/**
 * The clock of a flow's timeout: it runs while the flow does, and stands still while it waits for a person. It is kept
 * by the machine's time since boot, which nobody can set and which goes on through a restart of the agent.
 */
import type { PausedTime } from '@signalbox/proto/messages';
import { LongTimer } from '../bell.ts';

/** Milliseconds since the machine started, the same in every process. */
export const bootMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

export interface ClockStart {
  readonly timeoutMs: number | null;
  /** `bootMs` when user code was called. */
  readonly startedBootMs: number;
  readonly paused: PausedTime;
}

/** Milliseconds of the timeout that are left; null while it does not count down. */
export function timeLeftMs({ timeoutMs, startedBootMs, paused }: ClockStart, now: number): number | null {
  if (timeoutMs === null || paused.isPaused) return null;
  return timeoutMs - (now - startedBootMs - paused.totalMs);
}

export class RunClock {
  readonly #timer: LongTimer;
  #start: ClockStart | null = null;

  constructor(onTimeout: () => void) {
    this.#timer = new LongTimer(onTimeout);
  }

  start(start: ClockStart): void {
    this.#start = start;
    this.#timer.set(timeLeftMs(start, bootMs()));
  }

  /** What the process says of its pauses. False: nothing new. */
  paused(paused: PausedTime): boolean {
    const known = this.#start?.paused;
    if (!this.#start || (known?.totalMs === paused.totalMs && known.isPaused === paused.isPaused)) return false;
    this.start({ ...this.#start, paused: { totalMs: paused.totalMs, isPaused: paused.isPaused } });
    return true;
  }

  stop(): void {
    this.#start = null;
    this.#timer.clear();
  }
}
