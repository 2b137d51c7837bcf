/** Values that must leave the process masked. Hangs on `globalThis`, so that all copies of this package know them. */
const MASK = '******';
/** A shorter value would mask half of every text. */
const SHORTEST = 4;
const STORE = Symbol.for('@signalbox/sdk.secrets.1');

function partsOf(value: string): string[] {
  const parts = [value, JSON.stringify(value).slice(1, -1), ...value.split('\n'), Buffer.from(value).toString('base64')];
  return parts.filter((part) => part.length >= SHORTEST);
}

class Secrets {
  #values: readonly string[] = [];

  /** A text of several lines is masked line by line too, as loggers cut it. */
  add(value: string): void {
    const all = new Set([...this.#values, ...partsOf(value)]);
    // The longest first: one may be part of another.
    this.#values = [...all].sort((a, b) => b.length - a.length);
  }

  /** What is good no more: a process that serves many runs would else mask all of theirs. */
  forget(value: string): void {
    const parts = partsOf(value);
    this.#values = this.#values.filter((known) => !parts.includes(known));
  }

  /** All of them, for a place that begins to say things of the same run. */
  list(): readonly string[] {
    return this.#values;
  }

  get isEmpty(): boolean {
    return this.#values.length === 0;
  }

  mask(text: string): string {
    let masked = text;
    for (const value of this.#values) masked = masked.replaceAll(value, MASK);
    return masked;
  }

  /** The same JSON with every text in it masked. */
  maskJson<T>(value: T): T {
    if (this.isEmpty || value === undefined) return value;
    const json = JSON.stringify(value);
    const masked = json === undefined ? json : this.mask(json);
    return masked === json || masked === undefined ? value : (JSON.parse(masked) as T);
  }
}

const globals = globalThis as { [STORE]?: Secrets };
globals[STORE] ??= new Secrets();
export const knownSecrets: Secrets = globals[STORE];
