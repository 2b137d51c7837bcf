import { expect, test } from 'vitest';
import type { Offer } from '../channel/channel.ts';
import { Doorbell } from './doorbell.ts';

const where = { stream: 'D0', consumer: 'c', pullMs: 20_000 };
const never = new AbortController().signal;
const inAMinute = () => performance.now() + 60_000;

function pulls() {
  const open: ((offer: Offer | null) => void)[] = [];
  const door = new Doorbell({ nextOffer: () => new Promise<Offer | null>((resolve) => open.push(resolve)) });
  return { open, wait: (isOver = () => false) => door.wait(where, inAMinute(), isOver, never), door };
}
const offer: Offer = { acknowledge() {} };

test('a word that came while nobody waited is heard at the next wait, once', async () => {
  const { door, wait, open } = pulls();
  door.wake();
  door.wake();
  expect(await wait()).toBeNull();
  const next = wait();
  open[0]?.(offer);
  expect(await next).toBe(offer);
});

test('one pull stands open across waits, and what it brought in between is the next reason', async () => {
  const { door, wait, open } = pulls();
  const first = wait();
  door.wake();
  expect(await first).toBeNull();
  open[0]?.(offer);
  expect(await wait()).toBe(offer);
  expect(open).toHaveLength(1);
});

test('what came when a wait was over already is the next reason', async () => {
  const { open, wait, door } = pulls();
  const first = wait();
  door.wake();
  expect(await first).toBeNull();
  open[0]?.(offer);
  door.wake();
  expect(await wait(() => true)).toBeNull();
  expect(await wait()).toBe(offer);
});

test('it ends with its session, and throws what pulling threw', async () => {
  const { wait } = pulls();
  expect(await wait(() => true)).toBeNull();
  const broken = new Doorbell({ nextOffer: () => Promise.reject(new Error('closed connection')) });
  await expect(broken.wait(where, inAMinute(), () => false, never)).rejects.toThrow('closed connection');
});
