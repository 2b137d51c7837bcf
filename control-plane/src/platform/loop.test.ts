import { describe, expect, it } from 'vitest';
import { startLoop } from './loop.ts';
import { registry } from './metrics.ts';

const NEVER = 2_000_000;

function recorder() {
  const errors: string[] = [];
  return { errors, log: { error: (_: object, message: string) => errors.push(message), info() {} } };
}

describe('a loop', () => {
  it('runs at once, and again when kicked', async () => {
    const { log } = recorder();
    const turns = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let runs = 0;
    const loop = startLoop({ name: 'kicked', everyMs: NEVER, log, run: async () => turns[runs++]?.resolve() });
    await turns[0]?.promise;
    loop.kick();
    await turns[1]?.promise;
    await loop.stop();
    expect(runs).toBe(2);
  });

  it('never overlaps: a kick during a run makes one more after it', async () => {
    const { log } = recorder();
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    let running = 0;
    let most = 0;
    let runs = 0;
    const loop = startLoop({
      name: 'single',
      everyMs: NEVER,
      log,
      run: async () => {
        most = Math.max(most, ++running);
        if (++runs === 1) {
          entered.resolve();
          await gate.promise;
        } else second.resolve();
        running--;
      },
    });
    await entered.promise;
    loop.kick();
    loop.kick();
    gate.resolve();
    await second.promise;
    await loop.stop();
    expect({ most, runs }).toEqual({ most: 1, runs: 2 });
  });

  it('goes on after a failure, says so once in a row, and counts each', async () => {
    const { log, errors } = recorder();
    const done = Promise.withResolvers<void>();
    let runs = 0;
    const loop = startLoop({
      name: 'failing',
      everyMs: 0,
      log,
      run: async () => {
        if (++runs === 3) done.resolve();
        throw new Error('no');
      },
    });
    await done.promise;
    await loop.stop();
    expect(errors).toEqual(['loop failed, will try again']);
    expect(await registry.metrics()).toMatch(/signalbox_loop_runs_total\{loop="failing",outcome="failed"\} [23]/);
  });

  it('waits in stop() for the run that is under way, whose signal is aborted', async () => {
    const { log } = recorder();
    const entered = Promise.withResolvers<void>();
    let ended = false;
    const loop = startLoop({
      name: 'stopped',
      everyMs: NEVER,
      log,
      run: async (signal) => {
        entered.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        ended = true;
      },
    });
    await entered.promise;
    await loop.stop();
    expect(ended).toBe(true);
  });
});
