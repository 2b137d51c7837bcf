/** Lets a few through at once, the others in the order they came; whoever gives up leaves the line at once. */
export class Turnstile {
  readonly #atOnce: number;
  #free: number;
  readonly #line = new Set<() => void>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
    this.#free = atOnce;
  }

  /** Whether who comes now goes through at once. */
  get isOpen(): boolean {
    return this.#free > 0;
  }

  /** Whether nobody is in it. */
  get isIdle(): boolean {
    return this.#free === this.#atOnce;
  }

  /** Resolves when it is its turn; `leave` then. @throws the signal's reason. */
  async enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = () => {
        this.#line.delete(go);
        reject(signal.reason);
      };
      this.#line.add(go);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  leave(): void {
    const [next] = this.#line;
    if (!next) {
      this.#free++;
      return;
    }
    // The turn goes straight to the next, so that a newcomer cannot take it.
    this.#line.delete(next);
    next();
  }
}
