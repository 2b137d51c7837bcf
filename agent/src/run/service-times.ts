/**
 * How long a process was lately busy with a run, by code. Whether one that is busy is worth waiting for: starting another takes a few
 * hundred milliseconds of processor time, which the runs that are under way then lack.
 */

/** Up to here a busy process is about to serve again. */
const SHORT_MS = 50;
/** As many runs are left to a process as it serves in so long. */
const WAIT_MS = 10;
/** Of a new run in the average. */
const WEIGHT = 1 / 8;
const MOST_CODES = 500;

export class ServiceTimes {
  readonly #ms = new Map<string, number>();

  /** A process with this code was with a run for so long: from when it took it until it could serve again. */
  note(key: string, ms: number): void {
    const before = this.#ms.get(key);
    this.#ms.delete(key);
    this.#ms.set(key, before === undefined ? ms : before + (ms - before) * WEIGHT);
    const [oldest] = this.#ms.keys();
    if (this.#ms.size > MOST_CODES && oldest !== undefined) this.#ms.delete(oldest);
  }

  /** Whether it serves again within moments. What is not known takes long. */
  isShort(key: string): boolean {
    return (this.#ms.get(key) ?? Number.POSITIVE_INFINITY) <= SHORT_MS;
  }

  /** How many runs one process may be left to serve next. 0: it takes long, or nothing is known. */
  servedSoon(key: string): number {
    const ms = this.#ms.get(key);
    return ms === undefined || ms > SHORT_MS ? 0 : Math.max(1, Math.floor(WAIT_MS / ms));
  }
}
