/**
 * How many processes are being started at once. Starting one is work of the processor: all of a burst together are ready late,
 * a few at a time are ready soon, and one that has served a run meanwhile spares the next its start.
 */
import { availableParallelism } from 'node:os';
import { monotonicMs } from '../bell.ts';
import { ProcessorRoom } from './processor-room.ts';

const AT_ONCE = Math.max(4, 2 * availableParallelism());
/** One that loads longer than this mostly waits for something, and holds up nobody any more. */
const HELD_MS = 1_000;
/** How long one that is about to serve again is waited for. Starting another takes some 100 ms of processor time, and this one a few. */
const COMING_MS = 200;
/**
 * Of short runs one that waits this long has one process more started, one at a time, where the processors have room for it; else starting it
 * would only take what all the others wait for.
 */
const SHORT_WAIT_MS = 30;
const ROOM_SHARE = 0.2;
/** After this it is started all the same. */
const SHORT_PATIENCE_MS = 500;

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
  /** The processes under the key are with each run for moments only: mostly it is the processor that is waited for. */
  readonly isShort: () => boolean;
}

interface Waiter extends Wanted<unknown> {
  readonly enteredAtMs: number;
  readonly settle: (turn: Turn<unknown>) => void;
}

export class LaunchGate {
  readonly #atOnce: number;
  readonly #heldMs: number;
  readonly #room: Pick<ProcessorRoom, 'idleShare'>;
  /** Who waits, by key; who is due first comes first. */
  readonly #lines = new Map<string, Waiter[]>();
  #starting = 0;
  /** How many of them, by key. */
  readonly #startingOf = new Map<string, number>();
  /** Looks that were asked for while one goes on: it begins anew. */
  #looks = 0;

  constructor(atOnce = AT_ONCE, heldMs = HELD_MS, room: Pick<ProcessorRoom, 'idleShare'> = new ProcessorRoom()) {
    this.#room = room;
    this.#atOnce = atOnce;
    this.#heldMs = heldMs;
  }

  /** In turn, what is found or the leave to start one. @throws the signal's reason */
  enter<T>(wanted: Wanted<T>, signal: AbortSignal): Promise<Turn<T>> {
    signal.throwIfAborted();
    const found = this.#lines.has(wanted.key) ? null : wanted.find();
    if (found !== null) return Promise.resolve({ found });
    const { promise, resolve, reject } = Promise.withResolvers<Turn<T>>();
    const enteredAtMs = monotonicMs();
    const patience = setInterval(() => this.ring(), wanted.isShort() ? SHORT_WAIT_MS : COMING_MS);
    const go = () => {
      clearInterval(patience);
      signal.removeEventListener('abort', stop);
      this.#leaveLine(me);
    };
    const me: Waiter = {
      ...wanted,
      enteredAtMs,
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
    if (this.#lines.size === 0 || this.#looks++ > 0) return;
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
    const waitedMs = ({ enteredAtMs }: Waiter) => nowMs - enteredAtMs;
    const ready = [...this.#lines].flatMap(([key, line]) => {
      if (line[0]?.isShort())
        return this.#startingOf.has(key) || !line.some((waiter) => this.#isLong(waitedMs(waiter))) ? [] : line.slice(0, 1);
      const coming = line[0]?.coming() ?? 0;
      return line.filter((waiter, place) => place >= coming || waitedMs(waiter) >= COMING_MS);
    });
    ready.sort((one, other) => one.dueAtMs - other.dueAtMs);
    for (const waiter of ready.slice(0, this.#atOnce - this.#starting)) waiter.settle({ leave: this.#start(waiter.key) });
  }

  #isLong(waitedMs: number): boolean {
    return waitedMs >= SHORT_PATIENCE_MS || (waitedMs >= SHORT_WAIT_MS && this.#room.idleShare >= ROOM_SHARE);
  }

  #leaveLine(waiter: Waiter): void {
    const line = this.#lines.get(waiter.key) ?? [];
    line.splice(line.indexOf(waiter), 1);
    if (line.length === 0) this.#lines.delete(waiter.key);
  }

  #start(key: string): () => void {
    this.#starting++;
    this.#startingOf.set(key, (this.#startingOf.get(key) ?? 0) + 1);
    let isOver = false;
    const leave = () => {
      clearTimeout(patience);
      if (isOver) return;
      isOver = true;
      this.#starting--;
      const others = (this.#startingOf.get(key) ?? 1) - 1;
      if (others > 0) this.#startingOf.set(key, others);
      else this.#startingOf.delete(key);
      this.ring();
    };
    const patience = setTimeout(leave, this.#heldMs);
    patience.unref();
    return leave;
  }
}
