/** Slots as they are asked for under an agent: what goes out, how often, and what is given back when somebody gives up. */
import type { AcquireSlotsOp, CallOp } from '@signalbox/proto/messages';
import { callOpSchema } from '@signalbox/proto/messages';
import { expect, test, vi } from 'vitest';
import { WakingCalls } from './calls.ts';
import { QUIET_REPORTER } from './quiet-reporter.ts';
import { RunSession } from './session.ts';
import { closeSlots, type SlotRequest, takeSlots } from './slots.ts';

/** A control plane that answers as the test says, and keeps what it was asked. */
class ScriptedCalls extends WakingCalls {
  readonly asked: AcquireSlotsOp[] = [];
  readonly released: string[] = [];
  answer: (op: AcquireSlotsOp) => object | Promise<object> = () => ({ granted: true, full: [], unknown: [] });
  isOwnNext = false;

  async call(op: CallOp, signal: AbortSignal): Promise<unknown> {
    const sent = callOpSchema.parse(op);
    if (sent.name === 'slots.release') {
      this.released.push(sent.requestId);
      return { released: true, yours: this.isOwnNext };
    }
    this.asked.push(sent as AcquireSlotsOp);
    const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return Promise.race([this.answer(sent as AcquireSlotsOp), aborted]);
  }
}

const WAITS = { granted: false, full: ['db'], unknown: [] };
const GRANTED = { granted: true, full: [], unknown: [] };

function desk() {
  const calls = new ScriptedCalls();
  const run = { id: 'run_1', name: '', epoch: 1, fencingToken: '1', attempt: 1, flow: 'f', deployment: null, parameters: {}, tags: [] };
  const session = new RunSession(run, QUIET_REPORTER, calls);
  const ctx = { session, task: null, signal: session.signal };
  const request: SlotRequest = { limits: ['db'], slots: 1, strict: false, rateOnly: false, timeoutMs: null, warns: true };
  return { calls, session, ctx, take: (more: Partial<SlotRequest> = {}) => takeSlots(ctx, { ...request, ...more }) };
}

test('a request keeps its id however often it is asked again, and is given back once', async () => {
  const { calls, take } = desk();
  calls.answer = () => (calls.asked.length < 3 ? WAITS : GRANTED);
  const taking = take();
  await vi.waitUntil(() => calls.asked.length === 1);
  calls.wake();
  await vi.waitUntil(() => calls.asked.length === 2);
  calls.wake();
  const held = await taking;
  expect(new Set(calls.asked.map((op) => op.requestId)).size).toBe(1);
  held.release();
  held.release();
  expect(calls.released).toEqual([calls.asked[0]?.requestId]);
});

test('who gives up gives back, also what may be granted while the answer is on its way', async () => {
  const { calls, session, take } = desk();
  calls.answer = () => new Promise(() => {});
  const taking = take();
  await vi.waitUntil(() => calls.asked.length === 1);
  session.abort(new Error('cancelled'));
  await expect(taking).rejects.toThrow('cancelled');
  expect(calls.released).toEqual([calls.asked[0]?.requestId]);
});

test('a time limit ends the wait, and what was asked is given back', async () => {
  const { calls, take } = desk();
  calls.answer = () => WAITS;
  await expect(take({ timeoutMs: 20 })).rejects.toThrow('no room in limit "db" within 20 ms');
  expect(calls.released).toEqual([calls.asked[0]?.requestId]);
});

test('a rate is asked again when it will have room, not seconds later', async () => {
  const { calls, take } = desk();
  calls.answer = () => (calls.asked.length === 1 ? { ...WAITS, retryInMs: 15 } : GRANTED);
  const startedAt = performance.now();
  await take({ rateOnly: true });
  expect(performance.now() - startedAt).toBeLessThan(4_000);
  expect(calls.asked).toHaveLength(2);
});

test('at most four of a run stand in the line of all; one that is given back lets the next ask', async () => {
  const { calls, take } = desk();
  let granted = 0;
  calls.answer = () => (granted < 1 ? { ...GRANTED, granted: ++granted > 0 } : WAITS);
  const first = await take();
  const others = Array.from({ length: 10 }, () => take());
  await vi.waitUntil(() => calls.asked.length === 5);
  calls.wake();
  await vi.waitUntil(() => calls.asked.length === 9);
  expect(new Set(calls.asked.map((op) => op.requestId)).size).toBe(5);
  calls.answer = () => GRANTED;
  calls.isOwnNext = true;
  first.release();
  expect(await Promise.all(others)).toHaveLength(10);
  expect(new Set(calls.asked.map((op) => op.requestId)).size).toBe(11);
});

test('the end of the run gives back what is left', async () => {
  const { calls, session, take } = desk();
  await take();
  await take({ limits: ['other'] });
  closeSlots(session);
  expect(calls.released).toEqual(calls.asked.map((op) => op.requestId));
});
