/** Following the feed: from now on, from a position, and through what breaks. */
import type { Event } from '@signalbox/proto/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../test/fake-control-plane.ts';
import { createClient } from './index.ts';

let controlPlane: FakeControlPlane;
beforeEach(async () => {
  controlPlane = await startFakeControlPlane();
});
afterEach(() => controlPlane[Symbol.asyncDispose]());

const client = () => createClient({ url: controlPlane.url, apiKey: 'sbk_test', retry: { retries: 0 } });
const emit = (...names: string[]) => {
  for (const name of names) controlPlane.state.events.push(event(controlPlane.state.events.length + 1, name));
};
const event = (position: number, name: string): Event => ({
  position,
  id: `e${position}`,
  name,
  occurredAt: '2026-01-01T00:00:00.000Z',
  receivedAt: '2026-01-01T00:00:00.000Z',
  resource: { id: 'x' },
  related: [],
  payload: {},
  follows: null,
});

/** Names of what is told until `count` are. */
async function take(count: number, options: Parameters<ReturnType<typeof client>['watchEvents']>[0] = {}): Promise<string[]> {
  const seen: string[] = [];
  for await (const { name } of client().watchEvents({ pollMs: 10, ...options })) if (seen.push(name) === count) break;
  return seen;
}

test('tells what happens from now on, in order, each once', async () => {
  emit('before');
  const seen = take(3);
  await expect.poll(() => controlPlane.state.calls.filter(({ path }) => path === 'events.list').length).toBeGreaterThan(1);
  emit('one', 'two', 'three');
  expect(await seen).toEqual(['one', 'two', 'three']);
});

test('goes on after a position, past whole pages', async () => {
  emit(...Array.from({ length: 450 }, (_, i) => `e.${i + 1}`));
  const seen = await take(440, { after: 10 });
  expect([seen[0], seen.at(-1), new Set(seen).size]).toEqual(['e.11', 'e.450', 440]);
});

test('reads on when the control plane is back, and hints are not to be had', async () => {
  controlPlane.state.liveStatus = 503;
  emit('one');
  const seen = take(2, { after: 0 });
  await expect.poll(() => controlPlane.state.calls.some(({ path }) => path === 'events.list')).toBe(true);
  emit('two');
  expect(await seen).toEqual(['one', 'two']);
});

test('ends without an error with its signal, and with one where it may not', async () => {
  const stop = new AbortController();
  const watching = take(1, { signal: stop.signal });
  stop.abort();
  expect(await watching).toEqual([]);
  const stranger = createClient({ url: controlPlane.url, apiKey: 'wrong', retry: { retries: 0 } });
  await expect(stranger.watchEvents({ after: 0 }).next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});
