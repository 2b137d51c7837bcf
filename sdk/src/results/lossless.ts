/**
 * The lossless text form of values, made with devalue: of the libraries of its kind it alone keeps every value of the
 * table in docs/concepts/results.md or says where one is that it cannot keep. Added here: errors (with cause, own
 * properties and circles), Buffer, no bytes beside a view's own, and no silent loss of subclasses. Loaded at first use.
 */
import { DevalueError, defaultStringifyOperations, parse, stringify } from 'devalue';
import { ErrorReviver, packError } from './lossless-errors.ts';
import type { LosslessType } from './serializer.ts';
import { UnserializableError } from './unserializable-error.ts';

type Operations = typeof defaultStringifyOperations;

/** What `tagOf` says of a value that must not be kept as what it resembles; devalue then refuses it, with its path. */
const REFUSED = 'Refused';
/** Arrays up to this length are searched for named properties (`match.index`), which would be lost. */
const NAMED_SEARCH_MAX = 10_000;
const BARE_BUILT_INS = new Set(['Array', 'Map', 'Set', 'Date', 'RegExp', 'URL', 'URLSearchParams', 'ArrayBuffer']);

const operations: Partial<Operations> = {
  tagOf: (value: object) => {
    const tag = defaultStringifyOperations.tagOf(value);
    return BARE_BUILT_INS.has(tag) && whyRefused(value, tag) ? REFUSED : tag;
  },
  // Only what the view shows: the rest of its buffer may be large, or a pool with what is nobody's business.
  viewInfo: (view: Uint8Array) => {
    const info = defaultStringifyOperations.viewInfo(view);
    if (info.byteLength === info.bufferByteLength) return info;
    const buffer = info.buffer.slice(info.byteOffset, info.byteOffset + info.byteLength);
    return { ...info, buffer, byteOffset: 0, bufferByteLength: buffer.byteLength };
  },
};

export function toLossless(value: unknown, types: Readonly<Record<string, LosslessType>>): string {
  const reducers: Record<string, (thing: unknown) => unknown> = {};
  // Wrapped, because devalue takes a falsy answer for "not mine".
  for (const [name, type] of Object.entries(types)) reducers[`:${name}`] = (thing) => type.is(thing) && [type.pack(thing as never)];
  reducers['@Buffer'] = (thing) => Buffer.isBuffer(thing) && new Uint8Array(thing);
  reducers['@Error'] = (thing) => thing instanceof Error && packError(thing);
  try {
    return stringify(value, reducers, { operations });
  } catch (error) {
    if (error instanceof DevalueError) throw new UnserializableError(error.path, whyNot(error.value), { cause: error });
    throw error;
  }
}

export function fromLossless(text: string, types: Readonly<Record<string, LosslessType>>): unknown {
  const errors = new ErrorReviver();
  const revivers: Record<string, (packed: never) => unknown> = {
    '@Buffer': (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    '@Error': (packed: never) => errors.revive(packed),
  };
  for (const [name, type] of Object.entries(types)) revivers[`:${name}`] = ([packed]: [unknown]) => type.unpack(packed as never);
  const value: unknown = parse(text, revivers as Record<string, (value: unknown) => unknown>);
  errors.finish();
  return value;
}

/** Why a built-in cannot be kept as such, or null when it can. */
function whyRefused(value: object, tag: string): string | null {
  const parent: unknown = Object.getPrototypeOf(Object.getPrototypeOf(value) ?? {});
  // By name too: a test's clock puts a class of its own where Date is.
  const isBare = (parent !== null && Object.getPrototypeOf(parent) === null) || value.constructor?.name === tag;
  if (!isBare) {
    return `an instance of ${value.constructor?.name ?? 'a class'}, which extends ${tag}`;
  }
  if (Array.isArray(value)) {
    const last = value.length <= NAMED_SEARCH_MAX ? Object.keys(value).at(-1) : undefined;
    return last === undefined || /^\d+$/.test(last) ? null : `an array with a property "${last}" of its own`;
  }
  const [named] = Object.keys(value);
  return named === undefined ? null : `a ${tag} with a property "${named}" of its own`;
}

function whyNot(thing: unknown): string {
  if (typeof thing === 'function') return `a function${thing.name ? ` (${thing.name})` : ''}`;
  if (typeof thing === 'symbol') return `a symbol (${String(thing)})`;
  if (typeof thing !== 'object' || thing === null) return 'a value of an unknown kind';
  if (typeof (thing as { then?: unknown }).then === 'function') return 'a promise or future: await it first';
  const tag = defaultStringifyOperations.tagOf(thing);
  const refused = BARE_BUILT_INS.has(tag) ? whyRefused(thing, tag) : null;
  if (refused) return refused;
  if (Object.getOwnPropertySymbols(thing).length > 0) return 'an object with symbols as keys';
  if (Object.hasOwn(thing, '__proto__')) return 'an object with a "__proto__" key';
  return `an instance of ${thing.constructor?.name || tag}`;
}
