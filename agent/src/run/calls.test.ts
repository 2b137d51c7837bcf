import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RefusedError, SilenceError } from '../channel/channel.ts';
import type { Ask } from '../session.ts';
import { RunCalls } from './calls.ts';

const run = { run: 'run_01h455vb4pex5vsknk084sn02q', epoch: 1 } as const;
const frame = (id: number, op: object = { name: 'getParameters' }) => ({ type: 'call' as const, id, op: op as { name: string } });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function openCalls(ask: Ask) {
  const answers: object[] = [];
  const calls = new RunCalls({ ask, run, answer: (answer) => void answers.push(answer) });
  return { calls, answers };
}

test('a call is repeated through silence and outages until it is answered', async () => {
  const asked: unknown[] = [];
  const { calls, answers } = openCalls(async (verb, body) => {
    asked.push([verb, body]);
    if (asked.length === 1) throw new SilenceError('no answer');
    if (asked.length === 2) throw new RefusedError({ code: 'UNAVAILABLE', message: 'the database is away' });
    return { value: 1 };
  });
  calls.ask(frame(7));
  await vi.runAllTimersAsync();
  expect(answers).toEqual([{ type: 'answer', id: 7, ok: { value: 1 } }]);
  expect(asked).toEqual(Array(3).fill(['call', { ...run, op: { name: 'getParameters' } }]));
});

test('a refusal is the answer, at once', async () => {
  const body = { code: 'NOT_FOUND', message: 'no such limit' } as const;
  const ask = vi.fn<Ask>().mockRejectedValue(new RefusedError(body));
  const { calls, answers } = openCalls(ask);
  calls.ask(frame(1));
  await vi.runAllTimersAsync();
  expect(answers).toEqual([{ type: 'answer', id: 1, error: body }]);
  expect(ask).toHaveBeenCalledOnce();
});

test('a failure of the control plane that does not pass is told after five tries', async () => {
  const ask = vi.fn<Ask>().mockRejectedValue(new RefusedError({ code: 'INTERNAL', message: 'a bug' }));
  const { calls, answers } = openCalls(ask);
  calls.ask(frame(1));
  await vi.runAllTimersAsync();
  expect(ask).toHaveBeenCalledTimes(5);
  expect(answers).toMatchObject([{ id: 1, error: { code: 'INTERNAL' } }]);
});

test('a call told again after a reconnect is carried once', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const ask = vi.fn<Ask>().mockReturnValue(promise);
  const { calls, answers } = openCalls(ask);
  calls.ask(frame(1));
  calls.ask(frame(1));
  resolve('once');
  await vi.runAllTimersAsync();
  expect(ask).toHaveBeenCalledOnce();
  expect(answers).toHaveLength(1);
});

test('an operation that fits no message is refused with its size', async () => {
  const ask = vi.fn<Ask>();
  const { calls, answers } = openCalls(ask);
  calls.ask(frame(1, { name: 'createRun', parameters: 'x'.repeat(200_000) }));
  expect(answers).toMatchObject([
    { id: 1, error: { code: 'INVALID_INPUT', message: expect.stringContaining('createRun: expected at most') } },
  ]);
  expect(ask).not.toHaveBeenCalled();
});

test('nothing is asked or answered once the run is over', async () => {
  const ask = vi.fn<Ask>().mockRejectedValue(new SilenceError('no answer'));
  const { calls, answers } = openCalls(ask);
  calls.ask(frame(1));
  await vi.advanceTimersByTimeAsync(50);
  calls.close();
  calls.ask(frame(2));
  const before = ask.mock.calls.length;
  await vi.runAllTimersAsync();
  expect(ask.mock.calls).toHaveLength(before);
  expect(answers).toEqual([]);
});
