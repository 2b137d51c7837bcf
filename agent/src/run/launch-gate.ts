/**
 * How many processes are being started at once. Starting one is work of the processor: all of a burst together are ready late,
 * a few at a time are ready soon, and one that has served a run meanwhile spares the next its start.
 */
import { availableParallelism } from 'node:os';
import { Bell, monotonicMs } from '../bell.ts';

const AT_ONCE = Math.max(4, 2 * availableParallelism());
/** One that loads longer than this mostly waits for something, and holds up nobody any more. */
const HELD_MS = 1_000;
/** How long one that is about to serve again is waited for. Starting another takes some 100 ms of processor time, and this one a few. */
const COMING_MS = 200;

/** One that waits for a process: in its line, who is due first comes first. */
type Waiter = { readonly dueAtMs: number };

export class LaunchGate {
  readonly #atOnce: number;
  readonly #heldMs: number;
  readonly #changed = new Bell();
  /** Who waits, by key. */
  readonly #lines = new Map<string, Waiter[]>();
  #starting = 0;

  constructor(atOnce = AT_ONCE, heldMs = HELD_MS) {
    this.#atOnce = atOnce;
    this.#heldMs = heldMs;
  }

  /**
   * What `find` found, looked for at each change; else, in turn, a function to call when the process that is now started has loaded.
   * `coming` says how many are about to serve again: so many of those that wait under the same key have none started, for a moment.
   * Who is due sooner is served first: what was claimed ahead takes nothing from what is to start now.
   */
  async enter<T>(
    key: string,
    dueAtMs: number,
    find: () => T | null,
    coming: () => number,
    signal: AbortSignal,
  ): Promise<{ found: T } | { leave: () => void }> {
    const line = this.#lines.get(key) ?? [];
    this.#lines.set(key, line);
    const me: Waiter = { dueAtMs };
    const behind = line.findIndex((other) => other.dueAtMs > dueAtMs);
    line.splice(behind < 0 ? line.length : behind, 0, me);
    try {
      const findInTurn = () => (line[0] === me ? find() : null);
      return await this.#wait(findInTurn, () => line.indexOf(me) < coming(), signal);
    } finally {
      line.splice(line.indexOf(me), 1);
      if (line.length === 0) this.#lines.delete(key);
      // The next in line may find one, too.
      else this.ring();
    }
  }

  async #wait<T>(find: () => T | null, isMineComing: () => boolean, signal: AbortSignal): Promise<{ found: T } | { leave: () => void }> {
    const patientUntilMs = monotonicMs() + COMING_MS;
    for (;;) {
      signal.throwIfAborted();
      const found = find();
      if (found !== null) return { found };
      const patienceMs = isMineComing() ? patientUntilMs - monotonicMs() : 0;
      if (patienceMs <= 0 && this.#starting < this.#atOnce) return { leave: this.#start() };
      await this.#changed.wait(signal, patienceMs > 0 ? patienceMs : undefined);
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
