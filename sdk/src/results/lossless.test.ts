import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CancelledError, isCancelled, TaskFailedError } from '../errors.ts';
import { losslessSerializer } from './serializer.ts';
import { UnserializableError } from './unserializable-error.ts';

const codec = losslessSerializer();

async function roundTrip(value: unknown, by = codec): Promise<unknown> {
  return by.parse(Buffer.from(await by.serialize(value)));
}

async function refusal(value: unknown): Promise<UnserializableError> {
  const error = await roundTrip(value).catch((thrown: unknown) => thrown);
  if (!(error instanceof UnserializableError)) throw new Error(`expected it to be refused, got ${String(error)}`);
  return error;
}

const leaf = fc.oneof(
  fc.anything({ maxDepth: 0, withBigInt: true, withDate: true, withTypedArray: true, withSparseArray: true }),
  fc.date({ noInvalidDate: false }),
  fc.bigInt(),
  fc.double(),
  fc.constantFrom(undefined, null, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.string({ unit: 'binary' }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.webUrl().map((text) => new URL(text)),
  fc.constantFrom(/a+/giu, /^\/$/m),
  fc.record({ message: fc.string(), code: fc.integer() }).map(({ message, code }) => Object.assign(new RangeError(message), { code })),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    leaf,
    fc.array(tie('any')),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('any'),
    ),
    fc.array(fc.tuple(tie('any'), tie('any'))).map((entries) => new Map(entries)),
    fc.array(tie('any')).map((members) => new Set(members)),
    tie('any').map((cause) => new Error('wrapped', { cause })),
  ),
})).any;

describe('the lossless serializer', () => {
  test('gives back what it was given, whatever that is made of', async () => {
    await fc.assert(
      fc.asyncProperty(value, async (given) => {
        expect(await roundTrip(given)).toStrictEqual(given);
      }),
      { numRuns: 80, endOnFailure: true },
    );
  }, 30_000);

  test('keeps circles through objects, maps and errors, and one object as one', async () => {
    const shared = { n: 1 };
    const circle: Record<string, unknown> = { first: shared, second: shared };
    circle.self = circle;
    const map = new Map<string, unknown>();
    map.set('me', map);
    const error = new Error('circular') as Error & { self?: unknown; within?: unknown };
    error.self = error;
    error.within = { error };
    error.cause = error;
    const back = (await roundTrip({ circle, map, error })) as { circle: typeof circle; map: typeof map; error: typeof error };
    expect(back.circle.self).toBe(back.circle);
    expect(back.circle.first).toBe(back.circle.second);
    expect(back.map.get('me')).toBe(back.map);
    expect(back.error.self).toBe(back.error);
    expect(back.error.cause).toBe(back.error);
    expect((back.error.within as { error: Error }).error).toBe(back.error);
  });

  test('keeps errors with class, name, message, stack, cause, errors and own properties', async () => {
    class PaymentError extends TypeError {
      override readonly name = 'PaymentError';
      readonly code = 'DECLINED';
    }
    const given = new AggregateError([new PaymentError('card', { cause: 'bank' })], 'several');
    const back = (await roundTrip(given)) as AggregateError;
    expect(back).toBeInstanceOf(AggregateError);
    expect(back.stack).toBe(given.stack);
    const [first] = back.errors as [PaymentError];
    expect(first).toBeInstanceOf(TypeError);
    expect(first).toMatchObject({ name: 'PaymentError', message: 'card', cause: 'bank', code: 'DECLINED' });
    expect(Object.keys(back)).toEqual(Object.keys(given));
    const stopped = (await roundTrip(new DOMException('gone', 'AbortError'))) as DOMException;
    expect([stopped instanceof DOMException, stopped.name, stopped.message]).toEqual([true, 'AbortError', 'gone']);
  });

  test('keeps the brand of the errors of this package', async () => {
    expect(isCancelled(await roundTrip(new CancelledError()))).toBe(true);
    const failed = new TaskFailedError('x', { task: 'load', attempts: 2, cause: new Error('y') });
    expect(await roundTrip(failed)).toMatchObject({ task: 'load', attempts: 2, cause: { message: 'y' } });
  });

  test('keeps of a view its own bytes alone, and of a Buffer that it is one', async () => {
    const pool = new Uint8Array(1_000).fill(7);
    const text = await codec.serialize(pool.subarray(10, 12));
    expect(text.length).toBeLessThan(100);
    const back = (await roundTrip(Buffer.from('hi'))) as Buffer;
    expect([Buffer.isBuffer(back), back.toString(), back.buffer.byteLength]).toEqual([true, 'hi', 2]);
  });

  test('keeps a class of the author that is named', async () => {
    class Money {
      readonly cents: number;
      constructor(cents: number) {
        this.cents = cents;
      }
    }
    const named = losslessSerializer({
      types: { Money: { is: (v) => v instanceof Money, pack: (m: Money) => m.cents, unpack: (cents: number) => new Money(cents) } },
    });
    const back = (await roundTrip([new Money(0), new Money(5)], named)) as Money[];
    expect(back.map((money) => [money instanceof Money, money.cents])).toEqual([
      [true, 0],
      [true, 5],
    ]);
    expect((await refusal({ price: new Money(1) })).message).toBe('.price is an instance of Money, which cannot be kept without loss');
  });

  class Tally extends Map {}
  test.each([
    [{ items: [1, { save: () => 1 }] }, '.items[1].save', 'a function (save)'],
    [{ tag: Symbol('x') }, '.tag', 'a symbol (Symbol(x))'],
    [new Map([['a', { f: Promise.resolve() }]]), '.get("a").f', 'a promise or future: await it first'],
    [{ t: new Tally() }, '.t', 'an instance of Tally, which extends Map'],
    [['abc'.match(/b/)], '[0]', 'an array with a property "groups" of its own'],
    [{ a: { [Symbol('k')]: 1 } }, '.a', 'an object with symbols as keys'],
    [new WeakMap(), '', 'an instance of WeakMap'],
    [JSON.parse('{"a":{"__proto__":{"admin":true}}}'), '.a', 'an object with a "__proto__" key'],
  ])('refuses what it would change, by its path: %o', async (given, path, what) => {
    const error = await refusal(given);
    expect(error.path).toBe(path);
    expect(error.message).toBe(`${path || 'the value'} is ${what}, which cannot be kept without loss`);
  });
});
