/** Waiting for something to happen, for a time, or for the end: the three in one place, leaving no listener behind. */
export class Bell {
  readonly #waiting = new Set<() => void>();

  /** Wakes everyone who waits now. */
  ring(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Resolves at the next `ring`, after `timeoutMs`, or on abort. True when it was rung. */
  wait(signal: AbortSignal, timeoutMs?: number): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (rung: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.#waiting.delete(wake);
        resolve(rung);
      };
      const wake = () => finish(true);
      const onAbort = () => finish(false);
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => finish(false), Math.max(0, timeoutMs));
      signal.addEventListener('abort', onAbort);
      this.#waiting.add(wake);
    });
  }
}

/** Resolves after `ms`, or at once on abort. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Bell().wait(signal, ms);
}

/** Resolves at an instant of the monotonic clock, never before it, or at once on abort. A timer may ring up to a millisecond early or late. */
export async function pauseUntil(atMs: number, signal: AbortSignal): Promise<void> {
  const leftMs = atMs - monotonicMs();
  if (leftMs > TIMER_SLACK_MS) await pause(leftMs - TIMER_SLACK_MS, signal);
  while (monotonicMs() < atMs && !signal.aborted) await new Promise((resolve) => setImmediate(resolve));
}

const TIMER_SLACK_MS = 2;

/** Milliseconds on a clock that nobody can set. */
export const monotonicMs = (): number => performance.now();

/** A timer for any number of milliseconds; Node's own take at most 24 days. */
export class LongTimer {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Null: never. */
  set(ms: number | null): void {
    this.clear();
    if (ms === null) return;
    const stretch = Math.min(Math.max(ms, 0), 2 ** 31 - 1);
    this.#timer = setTimeout(() => (ms > stretch ? this.set(ms - stretch) : this.#ring()), stretch);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
