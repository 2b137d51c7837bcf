import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LaunchGate } from './launch-gate.ts';

const never = new AbortController().signal;
const none = () => null;
const no = () => false;

test('so many start at once; the next waits until one has loaded', async () => {
  const gate = new LaunchGate(2);
  const entered: number[] = [];
  const enter = async (n: number) => {
    const turnOf = await gate.enter(none, no, never);
    entered.push(n);
    return 'leave' in turnOf ? turnOf.leave : () => {};
  };
  const [first, , third, fourth] = [enter(1), enter(2), enter(3), enter(4)];
  const leave = await first;
  await turn();
  expect(entered).toEqual([1, 2]);
  leave();
  leave();
  (await third)();
  await fourth;
  expect(entered).toEqual([1, 2, 3, 4]);
});

test('who waits takes a process that serves again instead of starting one', async () => {
  const gate = new LaunchGate(1);
  await gate.enter(none, no, never);
  let free: string | null = null;
  const waiting = gate.enter(() => free, no, never);
  free = 'a warm child';
  gate.ring();
  expect(await waiting).toEqual({ found: 'a warm child' });
});

test('none is started while one is about to serve again', async () => {
  const gate = new LaunchGate(1);
  let free: string | null = null;
  let isComing = true;
  const enter = () => gate.enter(() => free, () => isComing, never); // biome-ignore format: one line
  const served = enter();
  free = 'a child that served';
  gate.ring();
  expect(await served).toEqual({ found: 'a child that served' });
  free = null;
  const started = enter();
  isComing = false;
  gate.ring();
  expect(await started).toHaveProperty('leave');
});

test('one that does not load holds up the others for a while only, and who is stopped waits no longer', async () => {
  const gate = new LaunchGate(1, 1);
  await gate.enter(none, no, never);
  expect(await gate.enter(none, no, never)).toHaveProperty('leave');
  const stop = new AbortController();
  const stuck = new LaunchGate(1);
  await stuck.enter(none, no, never);
  const waiting = stuck.enter(none, no, stop.signal);
  stop.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
});
