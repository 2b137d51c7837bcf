/**
 * How many processes are being started at once. Starting one is work of the processor: all of a burst together are ready late,
 * a few at a time are ready soon, and one that has served a run meanwhile spares the next its start.
 */
import { availableParallelism } from 'node:os';
import { monotonicMs } from '../bell.ts';

const AT_ONCE = Math.max(4, 2 * availableParallelism());
/** One that loads longer than this mostly waits for something, and holds up nobody any more. */
const HELD_MS = 1_000;
/** How long one that is about to serve again is waited for. Starting another takes some 100 ms of processor time, and this one a few. */
const COMING_MS = 200;

/** What was found, or a function to call when the process that is now started has loaded. */
type Turn<T> = { readonly found: T } | { readonly leave: () => void };

/** Who wants a process. */
export interface Wanted<T> {
  /** Those of one key are served by the same processes. */
  readonly key: string;
  /** Of the monotonic clock. Who is due sooner is served first: what was claimed ahead takes nothing from what is to start now. */
  readonly dueAtMs: number;
  readonly find: () => T | null;
  /** How many are about to serve again: so many of those that wait under the key have none started, for a moment. */
  readonly coming: () => number;
}

interface Waiter extends Wanted<unknown> {
  readonly patientUntilMs: number;
  readonly settle: (turn: Turn<unknown>) => void;
}

export class LaunchGate {
  readonly #atOnce: number;
  readonly #heldMs: number;
  /** Who waits, by key; who is due first comes first. */
  readonly #lines = new Map<string, Waiter[]>();
  #starting = 0;
  /** Looks that were asked for while one goes on: it begins anew. */
  #looks = 0;

  constructor(atOnce = AT_ONCE, heldMs = HELD_MS) {
    this.#atOnce = atOnce;
    this.#heldMs = heldMs;
  }

  /** In turn, what is found or the leave to start one. @throws the signal's reason */
  enter<T>(wanted: Wanted<T>, signal: AbortSignal): Promise<Turn<T>> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Turn<T>>();
    const patience = setTimeout(() => this.ring(), COMING_MS);
    const go = () => {
      clearTimeout(patience);
      signal.removeEventListener('abort', stop);
      this.#leaveLine(me);
    };
    const me: Waiter = {
      ...wanted,
      patientUntilMs: monotonicMs() + COMING_MS,
      settle: (turn) => {
        go();
        resolve(turn as Turn<T>);
      },
    };
    const stop = () => {
      go();
      reject(signal.reason);
      this.ring();
    };
    signal.addEventListener('abort', stop);
    const line = this.#lines.get(me.key) ?? [];
    const behind = line.findIndex((other) => other.dueAtMs > me.dueAtMs);
    line.splice(behind < 0 ? line.length : behind, 0, me);
    this.#lines.set(me.key, line);
    this.ring();
    return promise;
  }

  /** A process may serve again. */
  ring(): void {
    if (this.#looks++ > 0) return;
    do {
      this.#looks = 1;
      this.#serve();
      this.#startSome();
    } while (--this.#looks > 0);
  }

  #serve(): void {
    for (const line of [...this.#lines.values()]) {
      for (let first = line[0]; first; first = line[0]) {
        const found = first.find();
        if (found === null) break;
        first.settle({ found });
      }
    }
  }

  #startSome(): void {
    if (this.#starting >= this.#atOnce) return;
    const nowMs = monotonicMs();
    const ready = [...this.#lines.values()].flatMap((line) => {
      const coming = line[0]?.coming() ?? 0;
      return line.filter(({ patientUntilMs }, place) => place >= coming || patientUntilMs <= nowMs);
    });
    ready.sort((one, other) => one.dueAtMs - other.dueAtMs);
    for (const waiter of ready.slice(0, this.#atOnce - this.#starting)) waiter.settle({ leave: this.#start() });
  }

  #leaveLine(waiter: Waiter): void {
    const line = this.#lines.get(waiter.key) ?? [];
    line.splice(line.indexOf(waiter), 1);
    if (line.length === 0) this.#lines.delete(waiter.key);
  }

  #start(): () => void {
    this.#starting++;
    let isOver = false;
    const leave = () => {
      clearTimeout(patience);
      if (isOver) return;
      isOver = true;
      this.#starting--;
      this.ring();
    };
    const patience = setTimeout(leave, this.#heldMs);
    patience.unref();
    return leave;
  }
}
