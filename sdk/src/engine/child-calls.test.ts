import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isSignalboxError } from '../client/signalbox-error.ts';
import { ChildCalls } from './child-calls.ts';

const op = { name: 'getParameters' } as const;
const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function openCalls() {
  const said: { id: number }[] = [];
  return { said, calls: new ChildCalls((frame) => void said.push(frame)) };
}

test('answers find their calls by number', async () => {
  const { calls, said } = openCalls();
  const [first, second] = [calls.call(op, never), calls.call(op, never)];
  expect(said).toEqual([
    { type: 'call', id: 1, op },
    { type: 'call', id: 2, op },
  ]);
  calls.answer({ type: 'answer', id: 2, ok: 'b' });
  calls.answer({ type: 'answer', id: 1, ok: 'a' });
  expect(await Promise.all([first, second])).toEqual(['a', 'b']);
});

test('a refusal is thrown with its code', async () => {
  const { calls } = openCalls();
  const call = calls.call(op, never);
  calls.answer({ type: 'answer', id: 1, error: { code: 'NOT_FOUND', message: 'no such limit' } });
  await expect(call).rejects.toSatisfy((error) => isSignalboxError(error, 'NOT_FOUND'));
});

test('what is open is told again on a new connection, and nothing else', async () => {
  const { calls, said } = openCalls();
  const [first] = [calls.call(op, never), calls.call(op, never)];
  calls.answer({ type: 'answer', id: 1, ok: 'a' });
  await first;
  calls.repeat();
  expect(said.map(({ id }) => id)).toEqual([1, 2, 2]);
});

test('the signal ends a call with its reason', async () => {
  const { calls } = openCalls();
  const controller = new AbortController();
  const call = calls.call(op, controller.signal);
  controller.abort(new Error('cancelled by ada'));
  await expect(call).rejects.toThrow('cancelled by ada');
});

test('a wait asks again on a wake, and by itself when the wake was lost', async () => {
  const { calls, said } = openCalls();
  const wait = calls.waitFor<{ done: boolean }>(op, ({ done }) => done, never);
  const answer = async (done: boolean) => {
    calls.answer({ type: 'answer', id: said.length, ok: { done } });
    await vi.advanceTimersByTimeAsync(0);
  };
  await answer(false);
  calls.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(said).toHaveLength(2);
  await answer(false);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(said).toHaveLength(3);
  await answer(true);
  expect(await wait).toEqual({ done: true });
  expect(vi.getTimerCount()).toBe(0);
});

test('a wake that comes while the answer is on its way is not missed', async () => {
  const { calls, said } = openCalls();
  void calls.waitFor<boolean>(op, Boolean, never);
  calls.wake();
  calls.answer({ type: 'answer', id: 1, ok: false });
  await vi.advanceTimersByTimeAsync(0);
  expect(said).toHaveLength(2);
});
