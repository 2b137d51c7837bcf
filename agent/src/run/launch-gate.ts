/**
 * How many processes are being started at once. Starting one is work of the processor: all of a burst together are ready late,
 * a few at a time are ready soon, and one that has served a run meanwhile spares the next its start.
 */
import { availableParallelism } from 'node:os';
import { Bell } from '../bell.ts';

const AT_ONCE = Math.max(4, 2 * availableParallelism());
/** One that loads longer than this mostly waits for something, and holds up nobody any more. */
const HELD_MS = 1_000;

export class LaunchGate {
  readonly #atOnce: number;
  readonly #heldMs: number;
  readonly #changed = new Bell();
  #starting = 0;

  constructor(atOnce = AT_ONCE, heldMs = HELD_MS) {
    this.#atOnce = atOnce;
    this.#heldMs = heldMs;
  }

  /** What `find` found, looked for at each change; else, in turn, a function to call when the process that is now started has loaded. */
  async enter<T>(find: () => T | null, signal: AbortSignal): Promise<{ found: T } | { leave: () => void }> {
    for (;;) {
      signal.throwIfAborted();
      const found = find();
      if (found !== null) return { found };
      if (this.#starting < this.#atOnce) return { leave: this.#start() };
      await this.#changed.wait(signal);
    }
  }

  /** A process may serve again. */
  ring(): void {
    this.#changed.ring();
  }

  #start(): () => void {
    this.#starting++;
    let isOver = false;
    const leave = () => {
      clearTimeout(patience);
      if (isOver) return;
      isOver = true;
      this.#starting--;
      this.#changed.ring();
    };
    const patience = setTimeout(leave, this.#heldMs);
    patience.unref();
    return leave;
  }
}
