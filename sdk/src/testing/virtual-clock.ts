/**
 * Time that jumps: when nothing runs, the clock goes to the next instant somebody waits for. Real work in flight (files,
 * sockets, timers of Node) holds it, as far as Node tells of it; a `guard` (a timeout) is reached only after the process
 * has been quiet for some real milliseconds, since what it guards may be work that nobody sees.
 */
import { type Duration, toMs } from '../duration.ts';
import type { Clock } from '../engine/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly isGuard: boolean;
  readonly call: () => void;
}

const QUIET_ROUNDS = 2;
const GUARD_QUIET_MS = 20;
/** What is in flight for so long is taken for something that stays, as an idle connection; for a guard, it takes longer. */
const BUSY_MAX_MS = 250;
const GUARDED_BUSY_MAX_MS = 2_000;

export interface VirtualClockOptions {
  /** Where it begins. Default: 2026-01-01T00:00:00Z. */
  readonly startAt?: Date | string;
  /** False: it stands still until `advance`. Default true. */
  readonly autoAdvance?: boolean;
}

/** The clock of a test runtime: `sleep`, timeouts and pauses between attempts follow it. `Date` and `setTimeout` do not. */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #autoAdvance: boolean;
  #baseline = inFlight();
  #nowMs: number;
  #orders = 0;
  #changes = 0;
  #isTurning = false;

  constructor({ startAt = '2026-01-01T00:00:00Z', autoAdvance = true }: VirtualClockOptions = {}) {
    this.#nowMs = new Date(startAt).getTime();
    if (Number.isNaN(this.#nowMs)) throw new RangeError(`startAt: expected a Date or an ISO 8601 instant, got ${String(startAt)}`);
    this.#autoAdvance = autoAdvance;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#nowMs;
  }

  /** @internal */
  after(ms: number, call: () => void, kind?: 'guard'): () => void {
    const timer = { atMs: this.#nowMs + ms, order: this.#orders++, isGuard: kind === 'guard', call };
    this.#timers.add(timer);
    this.#changes++;
    if (this.#autoAdvance) void this.#turn();
    return () => {
      this.#timers.delete(timer);
      this.#changes++;
    };
  }

  /** Goes on by so much, stopping at every instant that somebody waits for, and lets the process become quiet there. */
  async advance(by: Duration): Promise<void> {
    const endMs = this.#nowMs + toMs(by, 'advance');
    await this.#quiet();
    for (let next = this.#next(); next && next.atMs <= endMs; next = this.#next()) {
      this.#fire(next);
      await this.#quiet();
    }
    this.#nowMs = endMs;
  }

  async #turn(): Promise<void> {
    if (this.#isTurning) return;
    this.#isTurning = true;
    try {
      while (this.#timers.size > 0) {
        await this.#quiet();
        const next = this.#next();
        if (next?.isGuard && !(await this.#isQuietFor(GUARD_QUIET_MS))) continue;
        if (next && this.#timers.has(next)) this.#fire(next);
      }
    } finally {
      this.#isTurning = false;
    }
  }

  async #isQuietFor(ms: number): Promise<boolean> {
    const before = this.#changes;
    await realPause(ms);
    await this.#quiet(GUARDED_BUSY_MAX_MS);
    return this.#changes === before;
  }

  /** Resolves when two turns of the event loop in a row changed nothing and nothing new is in flight. */
  async #quiet(busyMaxMs = BUSY_MAX_MS): Promise<void> {
    const sinceMs = performance.now();
    let seen = this.#changes;
    let waits = 0;
    for (let rounds = 0; rounds < QUIET_ROUNDS; rounds++) {
      const busy = await nextTurn();
      // By the clock, and by turns as well: on a machine that gives this process no time, nothing in flight had a chance to end.
      const isBusy = busy > this.#baseline && (performance.now() - sinceMs < busyMaxMs || waits < busyMaxMs / 4);
      if (isBusy) waits++;
      // What was there at first and has gone is no excuse for what came since.
      this.#baseline = Math.min(this.#baseline, busy);
      if (isBusy) await realPause(1);
      if (isBusy || this.#changes !== seen) rounds = -1;
      seen = this.#changes;
    }
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#changes++;
    this.#nowMs = Math.max(this.#nowMs, timer.atMs);
    timer.call();
  }

  #next(): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers) {
      if (next === null || timer.atMs < next.atMs || (timer.atMs === next.atMs && timer.order < next.order)) next = timer;
    }
    return next;
  }
}

/** Pauses of clocks themselves, which are no work. */
let pauses = 0;
let turn: Promise<number> | null = null;

async function realPause(ms: number): Promise<void> {
  pauses++;
  await new Promise((resolve) => setTimeout(resolve, ms));
  pauses--;
}

/** The next turn of the event loop, and what is in flight then; measured once for all clocks. */
function nextTurn(): Promise<number> {
  turn ??= new Promise((resolve) =>
    setImmediate(() => {
      turn = null;
      resolve(inFlight());
    }),
  );
  return turn;
}

/** Requests, handles and timers that keep the process; those of the event loop's own turn, and ours, apart. */
function inFlight(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate' && kind !== 'TickObject').length - pauses;
}
