/** Port: how results become bytes and values again. Adapters: lossless (the default) and plain JSON. */

/** Names itself in what it wrote, so that a result is read by the serializer that wrote it. */
export interface ResultSerializer {
  /** Stored beside each result, 1 to 50 characters. */
  readonly name: string;
  /** @throws UnserializableError, which names the place, for a value that would lose something. */
  serialize(value: unknown): string | Uint8Array | Promise<string | Uint8Array>;
  parse(stored: Uint8Array): unknown;
}

/** A class of your own that is kept whole: `pack` gives what is kept, `unpack` makes the value again. */
export interface LosslessType<T = never, P = never> {
  is(value: unknown): boolean;
  pack(value: T): unknown;
  unpack(packed: P): unknown;
}

/**
 * Keeps Date, Map, Set, BigInt, Error (cause, stack, own properties), typed arrays, Buffer, URL, RegExp, undefined,
 * NaN, -0, Infinity, holes and circles. Refuses functions, symbols, promises and instances of classes, save those of
 * `types`; what it refuses it names by path.
 * @example losslessSerializer({ types: { Money: { is: (v) => v instanceof Money, pack: (m: Money) => m.cents, unpack: (c: number) => new Money(c) } } })
 */
export function losslessSerializer(options: { readonly types?: Readonly<Record<string, LosslessType>> } = {}): ResultSerializer {
  const types = options.types ?? {};
  return {
    name: 'lossless',
    serialize: async (value) => (codec ?? (await loadCodec())).toLossless(value, types),
    parse: async (stored) => (codec ?? (await loadCodec())).fromLossless(Buffer.from(stored).toString('utf8'), types),
  };
}

/** Loaded once: an import that is already there still costs a search. */
let codec: typeof import('./lossless.ts') | null = null;

async function loadCodec(): Promise<typeof import('./lossless.ts')> {
  codec = await import('./lossless.ts');
  return codec;
}

/** Plain JSON, for results that other programs read. What JSON would change (a Date, undefined) it changes. */
export function jsonSerializer(): ResultSerializer {
  return {
    name: 'json',
    serialize: (value) => JSON.stringify(value) ?? 'null',
    parse: (stored) => JSON.parse(Buffer.from(stored).toString('utf8')) as unknown,
  };
}
