/** Delays that double up to a bound, each with jitter, so that a thousand agents do not come back at one instant. */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  #failures = 0;

  constructor(firstMs: number, mostMs: number) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
  }

  /** Milliseconds to wait after one more failure: between half and the whole of the doubled delay. */
  next(random: () => number = Math.random): number {
    const full = Math.min(this.#firstMs * 2 ** this.#failures++, this.#mostMs);
    return full / 2 + (full / 2) * random();
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** An instant between two bounds. */
export function jittered(bounds: { min: number; max: number }, random: () => number = Math.random): number {
  return bounds.min + (bounds.max - bounds.min) * random();
}
