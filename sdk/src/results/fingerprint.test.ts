import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprint, TooLargeError } from './fingerprint.ts';

test('equal values have equal fingerprints, whatever the order of keys and members', () => {
  expect(fingerprint({ a: 1, b: [new Date(0), new Map([['x', 1n]])] })).toBe(fingerprint({ b: [new Date(0), new Map([['x', 1n]])], a: 1 }));
  expect(fingerprint(new Set([1, { a: 2 }]))).toBe(fingerprint(new Set([{ a: 2 }, 1])));
  const twice = { n: 1 };
  expect(fingerprint([twice, twice])).toBe(fingerprint([{ n: 1 }, { n: 1 }]));
});

test('a copy has the fingerprint of what it was copied from, and a change another', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const copy: unknown = JSON.parse(JSON.stringify(one));
      expect(fingerprint(copy)).toBe(fingerprint(copy));
      expect(fingerprint([copy, 1])).not.toBe(fingerprint([copy, 2]));
      if (JSON.stringify(one) !== JSON.stringify(other)) return;
      expect(fingerprint(one)).toBe(fingerprint(other));
    }),
  );
});

test.each([
  [1, '1'],
  [0, -0],
  [null, undefined],
  [
    ['ab', 'c'],
    ['a', 'bc'],
  ],
  [[], {}],
  [new Date(5), 5],
  [1n, 1],
  [new Uint8Array([1, 0]), new Uint16Array([1])],
  [new Error('a'), new TypeError('a')],
  [{ a: undefined }, {}],
  [/a/, '/a/'],
])('%o and %o are told apart', (one, other) => {
  expect(fingerprint(one)).not.toBe(fingerprint(other));
});

test('circles end, and are told from what is only alike', () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  expect(fingerprint(circle)).toBe(fingerprint(circle));
  expect(fingerprint(circle)).not.toBe(fingerprint({ self: { self: null } }));
});

test('what has no content of its own is refused by its path, and what is too large early', () => {
  expect(() => fingerprint({ a: [() => 1] })).toThrow('.a[0] is a function');
  expect(() => fingerprint([{ later: Promise.resolve() }])).toThrow('[0].later is a promise');
  expect(() => fingerprint(new Array(100).fill(1), { maxParts: 50 })).toThrow(TooLargeError);
  expect(() => fingerprint('x'.repeat(100_000), { maxParts: 50 })).toThrow(TooLargeError);
});
