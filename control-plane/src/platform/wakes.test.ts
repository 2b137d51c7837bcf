import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openWakes } from './wakes.ts';

type Message = { subject: string; string: () => string };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that hands each message to all, its sender included, when told to. */
function server() {
  const callbacks: ((error: null, message: Message) => void)[] = [];
  const held: { subject: string; data: string }[] = [];
  const nc = {
    subscribe: (_: string, { callback }: { callback: (error: null, message: Message) => void }) => void callbacks.push(callback),
    publish: (subject: string, data: string) => void held.push({ subject, data }),
  } as unknown as NatsConnection;
  const deliver = () => {
    for (const { subject, data } of held.splice(0)) for (const call of callbacks) call(null, { subject, string: () => data });
  };
  const replica = (name: string) => {
    const heard: string[] = [];
    const wakes = openWakes(nc, name, { error() {} });
    wakes.onWake('appended', () => void heard.push('appended'));
    return { ...wakes, heard };
  };
  return { replica, deliver, held };
}

test('a wake is heard by its own replica at once, by the others when it arrives, by each once, and by listeners of its topic alone', () => {
  const { replica, deliver } = server();
  const [one, two] = [replica('one'), replica('two')];
  one.wake('appended');
  one.wake('sequenced');
  expect([one.heard, two.heard]).toEqual([['appended'], []]);
  vi.advanceTimersByTime(5);
  deliver();
  expect([one.heard, two.heard]).toEqual([['appended'], ['appended']]);
});

test('many wakes in a moment are one message', () => {
  const { replica, held } = server();
  const one = replica('one');
  for (let i = 0; i < 100; i++) one.wake('appended');
  vi.advanceTimersByTime(5);
  expect([one.heard.length, held.length]).toEqual([100, 1]);
  one.wake('appended');
  vi.advanceTimersByTime(5);
  expect(held).toHaveLength(2);
});
