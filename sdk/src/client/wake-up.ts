import { delay } from './delay.ts';

/** A latch between those who learn that something changed and the one loop that reads: many calls, one wake-up. */
export class WakeUp {
  #rung = false;
  #wake: AbortController | null = null;

  ring(): void {
    this.#rung = true;
    this.#wake?.abort();
  }

  /** Resolves when rung since the last call, after `maxMs`, or when the signal aborts. */
  async wait(maxMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung) {
      this.#wake = new AbortController();
      await delay(maxMs, AbortSignal.any([signal, this.#wake.signal]));
      this.#wake = null;
    }
    this.#rung = false;
  }
}
