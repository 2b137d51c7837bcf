import { expect, test } from 'vitest';
import type { Identity } from './actor.ts';
import { FRESH_MS, openKnownKeys } from './known-keys.ts';

const hash = (n: number) => new Uint8Array(32).fill(n);
const identity = (organizationId: string, expiresAt: Date | null = null): Identity => ({
  actor: { kind: 'api-key', id: 'k', name: 'k', owner: null },
  workspaces: [],
  organizations: [{ id: organizationId, slug: 'o', name: 'o', role: 'member', scopes: new Set(), everywhere: new Set(), purgeAt: null }],
  expiresAt,
});

test('a key is known from its address for a second, and not a moment longer', () => {
  let now = 0;
  const keys = openKnownKeys(() => now);
  const one = identity('a');
  keys.keep(hash(1), '::1', one, keys.generation);
  expect(keys.find(hash(1), '::1')).toBe(one);
  expect(keys.find(hash(1), '::2')).toBeNull();
  expect(keys.find(hash(2), '::1')).toBeNull();
  now = FRESH_MS;
  expect(keys.find(hash(1), '::1')).toBeNull();
});

test('one whose key has ended meanwhile is not', () => {
  const keys = openKnownKeys();
  keys.keep(hash(1), '', identity('a', new Date(Date.now() - 1)), keys.generation);
  expect(keys.find(hash(1), '')).toBeNull();
});

test('what a command may have changed is forgotten, of its organization alone', () => {
  const keys = openKnownKeys();
  keys.keep(hash(1), '', identity('a'), keys.generation);
  keys.keep(hash(2), '', identity('b'), keys.generation);
  const nowhere: Identity = { ...identity('a'), organizations: [] };
  keys.keep(hash(3), '', nowhere, keys.generation);
  keys.forget('a');
  expect([1, 2, 3].map((n) => keys.find(hash(n), '') !== null)).toEqual([false, true, false]);
  keys.forget(null);
  expect(keys.find(hash(2), '')).toBeNull();
});

test('an answer that Postgres gave before something was forgotten is not kept', () => {
  const keys = openKnownKeys();
  const asked = keys.generation;
  keys.forget('b');
  keys.keep(hash(1), '', identity('a'), asked);
  expect(keys.find(hash(1), '')).toBeNull();
});

test('there is a most', () => {
  const keys = openKnownKeys(() => 0);
  const many = Array.from({ length: 10_001 }, (_, n) => `address ${n}`);
  for (const address of many) keys.keep(hash(1), address, identity('a'), keys.generation);
  expect(keys.find(hash(1), 'address 0')).toBeNull();
  expect(keys.find(hash(1), 'address 1')).not.toBeNull();
});
