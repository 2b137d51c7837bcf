/**
 * How far this machine's clock is off. There is one scheduling clock, Postgres's: the agent waits by durations, never
 * by its own instants, and stamps what it tells with its clock corrected by the offset measured here.
 */
import { monotonicMs } from './bell.ts';

/** A smaller difference is as likely the way of the answer as the clock; moving for it would only shuffle the order of lines. */
const SIGNIFICANT_MS = 250;

export class ServerClock {
  #offsetMs: number;

  /** `lastKnownMs`: what was measured before this process began. Children may tell before anybody answers. */
  constructor(lastKnownMs = 0) {
    this.#offsetMs = lastKnownMs;
  }

  /** Milliseconds the server is ahead of this machine; 0 when they agree. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Learns from an answer that took from `sentAtMs` (monotonic) until now. */
  observe(serverTime: string, sentAtMs: number): void {
    const halfWayMs = (monotonicMs() - sentAtMs) / 2;
    const offset = Date.parse(serverTime) + halfWayMs - Date.now();
    if (Number.isNaN(offset) || Math.abs(offset - this.#offsetMs) < SIGNIFICANT_MS) return;
    this.#offsetMs = Math.abs(offset) < SIGNIFICANT_MS ? 0 : Math.round(offset);
  }

  now(): Date {
    return new Date(Date.now() + this.#offsetMs);
  }

  /** An instant of this machine's clock, as the server would have stamped it. */
  correct(instant: string): string {
    return this.#offsetMs === 0 ? instant : new Date(Date.parse(instant) + this.#offsetMs).toISOString();
  }
}
