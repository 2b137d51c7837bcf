/**
 * Errors as plain data and back: class (the nearest built-in one), name, message, stack, cause, the errors of an
 * AggregateError, and own properties, with circles. An author's own class cannot be made again from its name; its
 * `name` and properties stay, and with registered symbols (`Symbol.for`) so do the brands of this package's errors.
 */
interface PackedError {
  readonly type: string;
  readonly message: string;
  readonly name: string;
  /** Own properties: [key, value, enumerable]. Keys of registered symbols begin with `@@`. */
  readonly own: [string, unknown, boolean][];
}

const BUILT_IN = new Map<string, new (message?: string) => Error>(
  [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError].map((type) => [type.name, type]),
);
const SYMBOL = '@@';

export function packError(error: Error): PackedError {
  const own: PackedError['own'] = [];
  for (const key of Reflect.ownKeys(error)) {
    if (key === 'message') continue;
    const name = typeof key === 'string' ? key : registered(key);
    if (name === null) continue;
    const isEnumerable = Object.prototype.propertyIsEnumerable.call(error, key);
    own.push([name, (error as unknown as Record<string | symbol, unknown>)[key], isEnumerable]);
  }
  return { type: typeOf(error), message: error.message, name: error.name, own };
}

function registered(key: symbol): string | null {
  const name = Symbol.keyFor(key);
  return name === undefined ? null : SYMBOL + name;
}

function typeOf(error: Error): string {
  if (typeof DOMException !== 'undefined' && error instanceof DOMException) return 'DOMException';
  if (error instanceof AggregateError) return 'AggregateError';
  for (let proto: unknown = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const name = (proto as { constructor?: { name?: string } }).constructor?.name;
    if (name !== undefined && BUILT_IN.has(name)) return name;
  }
  return 'Error';
}

/** Errors are made when they are met and filled at the end: what they hold may hold them. */
export class ErrorReviver {
  readonly #made = new Map<PackedError, Error>();

  revive(packed: PackedError): Error {
    const known = this.#made.get(packed);
    if (known) return known;
    const error = make(packed);
    this.#made.set(packed, error);
    return error;
  }

  finish(): void {
    for (const [packed, error] of this.#made) {
      if (error.name !== packed.name && packed.type !== 'DOMException') define(error, 'name', packed.name, false);
      for (const [key, value, enumerable] of packed.own) {
        define(error, key.startsWith(SYMBOL) ? Symbol.for(key.slice(SYMBOL.length)) : key, value, enumerable);
      }
    }
  }
}

function make({ type, message, name }: PackedError): Error {
  if (type === 'DOMException') return new DOMException(message, name);
  if (type === 'AggregateError') return new AggregateError([], message);
  return new (BUILT_IN.get(type) ?? Error)(message);
}

function define(error: Error, key: string | symbol, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}
