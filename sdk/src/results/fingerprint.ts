/**
 * A number for a value: equal values have equal ones, in every process. Keys of objects and members of sets count without
 * their order, entries of maps with it. Bounded, so that a large value costs no more than it may.
 */
import { hash } from 'node:crypto';
import { types } from 'node:util';
import { UnserializableError } from './unserializable-error.ts';

export interface FingerprintOptions {
  /** Stands for an object instead of what is in it, such as the step that made it. */
  readonly standIn?: (value: object) => string | undefined;
  /** Most parts looked at; each 1,024 characters or bytes are one more. Default: no bound. */
  readonly maxParts?: number;
}

/** It has more parts than may be looked at. */
export class TooLargeError extends UnserializableError {}

/** 32 hexadecimal digits. @throws UnserializableError for functions, symbols, promises and values with too many parts. */
export function fingerprint(value: unknown, options: FingerprintOptions = {}): string {
  return new Walk(options).of(value);
}

class Walk {
  readonly #options: FingerprintOptions;
  /** What encloses the part that is looked at, outermost first: a circle leads back to one of them. */
  readonly #enclosing: object[] = [];
  #parts = 0;

  constructor(options: FingerprintOptions) {
    this.#options = options;
  }

  of(value: unknown): string {
    const out: string[] = [];
    this.#add(out, value, '');
    return hash('sha256', out.join('')).slice(0, 32);
  }

  #add(out: string[], value: unknown, path: string): void {
    this.#count(1, path);
    switch (typeof value) {
      case 'string':
        this.#count(value.length >> 10, path);
        out.push(`s${value.length}:${value}`);
        return;
      case 'number':
        out.push(Object.is(value, -0) ? 'n-0;' : `n${value};`);
        return;
      case 'boolean':
      case 'undefined':
        out.push(`${value};`);
        return;
      case 'bigint':
        out.push(`i${value};`);
        return;
      case 'object':
        if (value === null) out.push('null;');
        else this.#addObject(out, value, path);
        return;
      default:
        throw new UnserializableError(path, `a ${typeof value}`);
    }
  }

  #count(parts: number, path: string): void {
    const { maxParts } = this.#options;
    this.#parts += parts;
    if (maxParts !== undefined && this.#parts > maxParts) throw new TooLargeError(path, `beyond the ${maxParts} parts that are looked at`);
  }

  #addObject(out: string[], value: object, path: string): void {
    const standIn = this.#options.standIn?.(value);
    if (standIn !== undefined) {
      out.push(`r${standIn};`);
      return;
    }
    const circle = this.#enclosing.lastIndexOf(value);
    if (circle !== -1) {
      out.push(`c${this.#enclosing.length - circle};`);
      return;
    }
    this.#enclosing.push(value);
    this.#addContent(out, value, path);
    this.#enclosing.pop();
  }

  #addContent(out: string[], value: object, path: string): void {
    if (Array.isArray(value)) this.#addArray(out, value, path);
    else if (value instanceof Date) out.push(`d${value.getTime()};`);
    else if (value instanceof RegExp || value instanceof URL || value instanceof URLSearchParams) out.push(`t${value};`);
    else if (value instanceof Map) this.#addMap(out, value, path);
    else if (value instanceof Set) this.#addSet(out, value);
    else if (ArrayBuffer.isView(value)) {
      this.#count(value.byteLength >> 10, path);
      out.push(`b${value.constructor.name}${value.byteLength}:`);
      out.push(hash('sha256', new Uint8Array(value.buffer, value.byteOffset, value.byteLength)));
    } else if (types.isAnyArrayBuffer(value)) out.push(`b${value.byteLength}:`, hash('sha256', new Uint8Array(value)));
    else if (value instanceof Error) this.#addEntries(out, 'e', { ...value, name: value.name, message: value.message }, path);
    else if (types.isPromise(value) || typeof (value as { then?: unknown }).then === 'function') {
      throw new UnserializableError(path, 'a promise or future');
    } else this.#addEntries(out, `o${className(value)}`, value as Record<string, unknown>, path);
  }

  #addArray(out: string[], array: readonly unknown[], path: string): void {
    out.push(`a${array.length}:`);
    for (let i = 0; i < array.length; i++) this.#add(out, array[i], `${path}[${i}]`);
  }

  #addEntries(out: string[], tag: string, object: Record<string, unknown>, path: string): void {
    const keys = Object.keys(object).sort();
    out.push(`${tag}${keys.length}:`);
    for (const key of keys) {
      out.push(`s${key.length}:${key}`);
      this.#add(out, object[key], `${path}.${key}`);
    }
  }

  #addMap(out: string[], map: ReadonlyMap<unknown, unknown>, path: string): void {
    out.push(`m${map.size}:`);
    for (const [key, value] of map) {
      this.#add(out, key, `${path}.key(${String(key)})`);
      this.#add(out, value, `${path}.get(${String(key)})`);
    }
  }

  #addSet(out: string[], set: ReadonlySet<unknown>): void {
    const members = [...set].map((member) => this.of(member));
    out.push(`S${set.size}:${members.sort().join()}`);
  }
}

/** Instances count by their class's name and their own properties; what a class hides (`#secret`) is not seen. */
function className(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  return prototype === null || prototype === Object.prototype ? '' : (prototype.constructor?.name ?? '');
}
