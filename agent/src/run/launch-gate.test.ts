import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { LaunchGate } from './launch-gate.ts';

afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;
const none = () => null;
const nobody = () => 0;
const wants = <T>(key: string, dueAtMs: number, find: () => T | null, coming: () => number) => ({
  key,
  dueAtMs,
  find,
  coming,
  isShort: () => false,
});

test('so many start at once; the next waits until one has loaded', async () => {
  const gate = new LaunchGate(2);
  const entered: number[] = [];
  const enter = async (n: number) => {
    const turnOf = await gate.enter(wants('code', 0, none, nobody), never);
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
  await gate.enter(wants('code', 0, none, nobody), never);
  let free: string | null = null;
  const waiting = gate.enter(
    wants('code', 0, () => free, nobody),
    never,
  );
  free = 'a warm child';
  gate.ring();
  expect(await waiting).toEqual({ found: 'a warm child' });
});

test('as many as are about to serve again have none started, and no more', async () => {
  const gate = new LaunchGate(2);
  let free: string | null = null;
  let coming = 1;
  const find = () => free;
  const enter = (key: string) =>
    gate.enter(
      wants(key, 0, find, () => coming),
      never,
    );
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

test('who is due first is served first, also before one that came ahead of it', async () => {
  const gate = new LaunchGate(1);
  await gate.enter(wants('another', 0, none, nobody), never);
  const free: string[] = [];
  const served: string[] = [];
  const enter = async (name: string, dueAtMs: number) => {
    const turnOf = await gate.enter(
      wants('code', dueAtMs, () => free.pop() ?? null, nobody),
      never,
    );
    if ('found' in turnOf) served.push(name);
  };
  const all = [enter('in a second', 1_000), enter('due', 0), enter('also due', 0)];
  await turn();
  free.push('one', 'two');
  // It comes when a process is free, and is not the one that has waited.
  all.push(enter('in two seconds', 2_000));
  gate.ring();
  await Promise.all(all.slice(1, 3));
  expect(served).toEqual(['due', 'also due']);
  free.push('three', 'four');
  gate.ring();
  await Promise.all(all);
  expect(served.slice(2)).toEqual(['in a second', 'in two seconds']);
});

test('one that does not load holds up the others for a while only, and who is stopped waits no longer', async () => {
  const gate = new LaunchGate(1, 1);
  await gate.enter(wants('code', 0, none, nobody), never);
  expect(await gate.enter(wants('code', 0, none, nobody), never)).toHaveProperty('leave');
  const stop = new AbortController();
  const stuck = new LaunchGate(1);
  await stuck.enter(wants('code', 0, none, nobody), never);
  const waiting = stuck.enter(wants('code', 0, none, nobody), stop.signal);
  stop.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
});

test('of short runs one process more is started at a time, and only where the processors have room for it', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
  const room = { idleShare: 0 };
  const gate = new LaunchGate(4, 10_000, room);
  const started: (() => void)[] = [];
  const enter = async () => {
    const turnOf = await gate.enter({ ...wants('code', 0, none, nobody), isShort: () => true }, never);
    if ('leave' in turnOf) started.push(turnOf.leave);
  };
  const [first, second] = [enter(), enter()];
  // Runs of another code that take long are not held up by them.
  expect(await gate.enter(wants('another', 0, none, nobody), never)).toHaveProperty('leave');
  await vi.advanceTimersByTimeAsync(60);
  expect(started).toHaveLength(0);
  room.idleShare = 0.5;
  await vi.advanceTimersByTimeAsync(30);
  await first;
  gate.ring();
  await turn();
  expect(started).toHaveLength(1);
  started[0]?.();
  await second;
  expect(started).toHaveLength(2);
});
