import type { NatsConnection } from '@nats-io/transport-node';
import { uuidToSuffix } from '@signalbox/proto';
import type { LiveEvent } from '@signalbox/proto/api';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLive } from './live.ts';

const [OURS, THEIRS] = ['01993a10-0000-7000-8000-000000000001', '01993a10-0000-7000-8000-000000000002'];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that hands each message to its subscribers at once. */
function server() {
  const heard: [(subject: string) => boolean, (error: null, message: object) => void][] = [];
  const sent: string[] = [];
  const publish = (subject: string, data: string) => {
    sent.push(subject);
    for (const [fits, call] of heard) if (fits(subject)) call(null, { subject, json: () => JSON.parse(data) });
  };
  const subscribe = (pattern: string, { callback }: { callback: (typeof heard)[number][1] }) =>
    void heard.push([(subject) => subject.startsWith(pattern.replace(/[*>]$/, '')), callback]);
  const nc = { publish, subscribe } as unknown as NatsConnection;
  const replica = () => {
    const told: LiveEvent[] = [];
    const live = openLive(nc, { error() {} });
    live.onLive(OURS, (event) => told.push(event));
    return { ...live, told };
  };
  return { replica, sent, publish };
}

test('what is told within a moment reaches every replica in one message a workspace, a thing once with all that changed', () => {
  const { replica, sent } = server();
  const [one, two] = [replica(), replica()];
  one.live(OURS, { kind: 'run', id: 'run_a', what: ['state'] });
  one.live(OURS, { kind: 'run', id: 'run_a', what: ['logs', 'state'] });
  one.live(OURS, { kind: 'event', id: '7' });
  one.live(THEIRS, { kind: 'run', id: 'run_b', what: ['state'] });
  expect(sent).toEqual([]);
  vi.runAllTimers();
  const expected = [
    { kind: 'run', id: 'run_a', what: ['state', 'logs'] },
    { kind: 'event', id: '7' },
  ];
  expect([one.told, two.told]).toEqual([expected, expected]);
  expect(sent).toHaveLength(2);
});

test('a replica of the build before tells of one thing a message', () => {
  const { replica, publish } = server();
  const { told } = replica();
  publish(`int.live.${uuidToSuffix(OURS)}.run.a`, JSON.stringify({ kind: 'run', id: 'run_a' }));
  expect(told).toEqual([{ kind: 'run', id: 'run_a' }]);
});
