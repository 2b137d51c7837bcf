import { expect, test, vi } from 'vitest';
import { RefusedError, SilenceError } from '../channel/channel.ts';
import { askPermit } from './permit.ts';

const run = { run: 'run_01h455vb4pex5vsknk084sn02q', epoch: 1 } as const;
const never = new AbortController().signal;
const idsOf = (asked: object[]) => asked.map((body) => (body as { requestId: string }).requestId);

test('an unanswered request is repeated under the same id, and its 10 s count from the first sending', async () => {
  vi.useFakeTimers();
  try {
    const asked: object[] = [];
    const beganMs = performance.now();
    let answeredMs = 0;
    const permission = askPermit(
      async (_verb, body) => {
        asked.push(body);
        if (asked.length < 4) throw new SilenceError('no answer');
        answeredMs = performance.now();
        return { answer: 'granted', inMs: 150.5 };
      },
      run,
      never,
    );
    await vi.runAllTimersAsync();
    expect(await permission).toEqual({ answer: 'granted', fromMs: answeredMs + 150.5, untilMs: beganMs + 10_000 });
    expect(new Set(idsOf(asked)).size).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

test('an answer that came after the 10 s is not used: another request is made', async () => {
  vi.useFakeTimers();
  try {
    const asked: object[] = [];
    const permission = askPermit(
      async (_verb, body) => {
        asked.push(body);
        if (asked.length === 1) await vi.advanceTimersByTimeAsync(11_000);
        return asked.length === 1 ? { answer: 'granted' } : { answer: 'refused', reason: 'granted before' };
      },
      run,
      never,
    );
    await vi.runAllTimersAsync();
    expect(await permission).toEqual({ answer: 'refused', reason: 'granted before' });
    expect(new Set(idsOf(asked)).size).toBe(2);
  } finally {
    vi.useRealTimers();
  }
});

test('an epoch that is not ours any more is refused', async () => {
  const ask = async () => {
    throw new RefusedError({ code: 'CONFLICT', message: 'epoch 2 is current' });
  };
  expect(await askPermit(ask, run, never)).toMatchObject({ answer: 'refused' });
});
