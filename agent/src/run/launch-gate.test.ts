import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LaunchGate } from './launch-gate.ts';

const never = new AbortController().signal;
const none = () => null;
const nobody = () => 0;

test('so many start at once; the next waits until one has loaded', async () => {
  const gate = new LaunchGate(2);
  const entered: number[] = [];
  const enter = async (n: number) => {
    const turnOf = await gate.enter('code', none, nobody, never);
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
  await gate.enter('code', none, nobody, never);
  let free: string | null = null;
  const waiting = gate.enter('code', () => free, nobody, never);
  free = 'a warm child';
  gate.ring();
  expect(await waiting).toEqual({ found: 'a warm child' });
});

test('as many as are about to serve again have none started, and no more', async () => {
  const gate = new LaunchGate(2);
  let free: string | null = null;
  let coming = 1;
  const find = () => free;
  const enter = (key: string) => gate.enter(key, find, () => coming, never);
  const first = enter('code');
  expect(await enter('code')).toHaveProperty('leave');
  free = 'a child that served';
  gate.ring();
  expect(await first).toEqual({ found: 'a child that served' });
  free = null;
  const third = enter('code');
  coming = 0;
  gate.ring();
  expect(await third).toHaveProperty('leave');
});

test('one that does not load holds up the others for a while only, and who is stopped waits no longer', async () => {
  const gate = new LaunchGate(1, 1);
  await gate.enter('code', none, nobody, never);
  expect(await gate.enter('code', none, nobody, never)).toHaveProperty('leave');
  const stop = new AbortController();
  const stuck = new LaunchGate(1);
  await stuck.enter('code', none, nobody, never);
  const waiting = stuck.enter('code', none, nobody, stop.signal);
  stop.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
});
