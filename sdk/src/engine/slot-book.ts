/**
 * Named limits within one process, by the rules of the control plane (`acquire_slots` of its database): all limits of a
 * request or none, first come first served unless there is room for both, one effect a request however often it is made.
 * Pure but for the clock it is given.
 */
import type { AcquireSlotsOp, AcquireSlotsReply } from '@signalbox/proto/messages';
import type { DeclaredLimit } from './declared-limits.ts';

type Request = Pick<AcquireSlotsOp, 'requestId' | 'limits' | 'slots' | 'strict' | 'rateOnly' | 'wait'>;
export type BookAnswer =
  | (AcquireSlotsReply & { readonly refused?: undefined })
  | { readonly refused: 'given-back' }
  | { readonly refused: 'unknown'; readonly unknown: string[] }
  | { readonly refused: 'too-many' | 'no-rate'; readonly limit: DeclaredLimit };

interface Taken {
  readonly limits: readonly string[];
  readonly slots: number;
}

/** The last billionth is the arithmetic's, not the limit's. */
const EPSILON = 1e-9;
/** Requests whose end is remembered. */
const DONE_MAX = 10_000;

export class SlotBook {
  readonly #limits: ReadonlyMap<string, DeclaredLimit>;
  readonly #nowMs: () => number;
  readonly #held = new Map<string, Taken>();
  /** In the order of arrival. */
  readonly #line = new Map<string, Taken>();
  readonly #buckets = new Map<string, { level: number; atMs: number }>();
  readonly #done = new Map<string, 'given-back' | 'taken'>();

  constructor(limits: ReadonlyMap<string, DeclaredLimit>, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  acquire({ requestId, limits: names, slots, strict, rateOnly, wait }: Request): BookAnswer {
    const unknown = [...new Set(names)].filter((name) => !this.#limits.has(name)).sort();
    const limits = [...new Set(names)].flatMap((name) => this.#limits.get(name) ?? []);
    const noRate = rateOnly && limits.find((limit) => limit.decayPerSecond === null);
    if (noRate) return { refused: 'no-rate', limit: noRate };
    const tooSmall = limits.find((limit) => limit.slots > 0 && slots > limit.slots);
    if (tooSmall) {
      this.#line.delete(requestId);
      return { refused: 'too-many', limit: tooSmall };
    }
    if (strict && unknown.length > 0) return { refused: 'unknown', unknown };
    if (this.#held.has(requestId) || this.#done.get(requestId) === 'taken') return { granted: true, full: [], unknown };
    if (this.#done.has(requestId)) return { refused: 'given-back' };

    const missing = limits.map((limit) => ({ limit, slots: slots + this.#ahead(limit.name, requestId) - this.#room(limit) }));
    const full = missing.filter((one) => one.slots > EPSILON);
    if (full.length === 0) {
      this.#take(requestId, limits, slots);
      return { granted: true, full: [], unknown };
    }
    if (wait) {
      if (!this.#line.has(requestId)) this.#line.set(requestId, { limits: limits.map(({ name }) => name), slots });
    } else this.#line.delete(requestId);
    const waits = full.flatMap((one) =>
      one.limit.decayPerSecond && one.limit.slots > 0 ? (one.slots / one.limit.decayPerSecond) * 1_000 : [],
    );
    return {
      granted: false,
      full: full.map(({ limit }) => limit.name),
      unknown,
      ...(waits.length > 0 ? { retryInMs: Math.ceil(Math.max(...waits)) } : {}),
    };
  }

  /** Whether anybody who waits may have come nearer. */
  release(requestId: string): boolean {
    this.#held.delete(requestId);
    this.#line.delete(requestId);
    this.#done.delete(requestId);
    this.#remember(requestId, 'given-back');
    return this.#line.size > 0;
  }

  /** Slots taken of a limit; of a rate its level. */
  taken(name: string): number {
    const limit = this.#limits.get(name);
    return limit ? limit.slots - this.#room(limit) : 0;
  }

  #take(requestId: string, limits: readonly DeclaredLimit[], slots: number): void {
    this.#line.delete(requestId);
    const held = limits.filter((limit) => limit.decayPerSecond === null).map(({ name }) => name);
    if (held.length > 0) this.#held.set(requestId, { limits: held, slots });
    else if (limits.length > 0) this.#remember(requestId, 'taken');
    for (const limit of limits) {
      if (limit.decayPerSecond !== null) this.#buckets.set(limit.name, { level: this.#level(limit) + slots, atMs: this.#nowMs() });
    }
  }

  #room(limit: DeclaredLimit): number {
    return limit.slots - (limit.decayPerSecond === null ? sumOf(this.#held.values(), limit.name) : this.#level(limit));
  }

  #level({ name, decayPerSecond }: DeclaredLimit): number {
    const bucket = this.#buckets.get(name);
    return bucket ? Math.max(0, bucket.level - ((decayPerSecond ?? 0) * (this.#nowMs() - bucket.atMs)) / 1_000) : 0;
  }

  /** What those want who came before. */
  #ahead(name: string, requestId: string): number {
    const before: Taken[] = [];
    for (const [id, taken] of this.#line) {
      if (id === requestId) break;
      before.push(taken);
    }
    return sumOf(before, name);
  }

  #remember(requestId: string, how: 'given-back' | 'taken'): void {
    this.#done.set(requestId, how);
    const [oldest] = this.#done.keys();
    if (this.#done.size > DONE_MAX && oldest !== undefined) this.#done.delete(oldest);
  }
}

function sumOf(taken: Iterable<Taken>, name: string): number {
  let sum = 0;
  for (const one of taken) if (one.limits.includes(name)) sum += one.slots;
  return sum;
}
