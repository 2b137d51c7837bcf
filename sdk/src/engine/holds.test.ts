import type { PausedTime } from '@signalbox/proto/messages';
import { describe, expect, test, vi } from 'vitest';
import type { Calls } from './calls.ts';
import { Holds } from './holds.ts';

const never = new AbortController().signal;

function opened(answer: Promise<unknown> = new Promise(() => {})) {
  const events = { paused: vi.fn<(time: PausedTime) => void>(), leave: vi.fn() };
  const asked: object[] = [];
  const calls: Calls = {
    call: async (op) => {
      asked.push(op);
      return { status: 'waiting', expiresAt: '' };
    },
    waitFor: async <T>() => (await answer) as T,
    wake: () => {},
  };
  return { holds: new Holds(events), events, calls, asked };
}

describe('a pause that a person asks for', () => {
  test('begins at the next task, once, and lets all that wait go on with the answer', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const { holds, events, calls, asked } = opened(promise);
    expect(holds.gate(calls, never)).toBeNull();
    holds.ask('pause', 'k');
    const first = holds.gate(calls, never);
    const second = holds.gate(calls, never);
    await vi.waitFor(() => expect(events.paused).toHaveBeenLastCalledWith({ totalMs: 0, isPaused: true }));
    expect(asked).toEqual([expect.objectContaining({ name: 'pause', how: 'pause', key: 'k' })]);
    resolve({ status: 'answered' });
    await Promise.all([first, second]);
    expect(events.paused.mock.lastCall?.[0].isPaused).toBe(false);
    expect(holds.gate(calls, never)).toBeNull();
    holds.ask('pause', 'k');
    expect(holds.gate(calls, never)).toBeNull();
  });

  test('that is refused by then stops no task', async () => {
    const { holds } = opened();
    holds.ask('pause', 'k');
    const calls: Calls = {
      call: () => Promise.reject(new Error('gone')),
      waitFor: () => Promise.reject(new Error('gone')),
      wake: () => {},
    };
    await expect(holds.gate(calls, never)).resolves.toBeUndefined();
  });
});

describe('leaving', () => {
  test('waits for what runs, and keeps the next task from beginning', async () => {
    const { holds, events, calls } = opened();
    holds.begun();
    void holds.leave(never);
    expect(holds.gate(calls, never)).not.toBeNull();
    expect(events.leave).not.toHaveBeenCalled();
    holds.ended();
    expect(events.leave).toHaveBeenCalledOnce();
  });

  test('when a person asks waits for the next task too: no code of the flow is cut short', () => {
    const { holds, events, calls } = opened();
    holds.ask('suspend', 'k');
    expect(events.leave).not.toHaveBeenCalled();
    void holds.gate(calls, never);
    expect(events.leave).toHaveBeenCalledOnce();
  });

  test('in the middle of a pause is at once', () => {
    const { holds, events } = opened();
    void holds.paused(new Promise(() => {}), never);
    holds.ask('suspend', 'k');
    expect(events.leave).toHaveBeenCalledOnce();
  });

  test('ends with the reason of a cancel', async () => {
    const { holds } = opened();
    const controller = new AbortController();
    const left = holds.leave(controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(left).rejects.toThrow('cancelled');
  });
});

test('keys count by kind, in the order of the calls', () => {
  const { holds } = opened();
  expect([holds.nextKey('pause'), holds.nextKey('suspend'), holds.nextKey('pause')]).toEqual(['pause-1', 'suspend-1', 'pause-2']);
});
