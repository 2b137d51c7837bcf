import { describe, expect, test } from 'vitest';
import { flow, NonRetryableError, pause, runDeployment, sleep, suspend, task } from '../index.ts';
import { createTestRuntime } from './index.ts';

const load = task({ name: 'load', retries: 2, retryDelay: '1h', timeout: '10m' }, async (n: number) => n * 2);
const save = task('save', async (n: number) => n + 1);
const etl = flow('etl', async ({ n = 1 }: { n?: number }) => save(await load(n)));

test('a thirty-day sleep takes no time, and the clock says it took thirty days', async () => {
  const runtime = createTestRuntime({ startAt: '2026-03-01T00:00:00Z' });
  const run = await runtime.run(flow('sleeper', () => sleep('30d')));
  run.expectCompleted();
  expect(run.durationMs).toBe(30 * 86_400_000);
  expect(new Date(runtime.clock.now()).toISOString()).toBe('2026-03-31T00:00:00.000Z');
});

test('sleeps of several tasks end in the order of their instants', async () => {
  const order: string[] = [];
  const nap = task('nap', async (name: string, days: number) => {
    await sleep(`${days}d`);
    order.push(name);
  });
  const run = await createTestRuntime().run(
    flow('naps', async () => {
      await Promise.all([nap('c', 40), nap('a', 1), nap('b', 7)]);
    }),
  );
  run.expectCompleted();
  expect(order).toEqual(['a', 'b', 'c']);
});

test('a clock that does not advance by itself stands until it is told', async () => {
  const runtime = createTestRuntime({ autoAdvance: false });
  let woke = false;
  const running = runtime.start(
    flow('waits', async () => {
      await sleep('2h');
      woke = true;
    }),
  );
  await runtime.clock.advance('1h');
  expect(woke).toBe(false);
  await runtime.clock.advance('1h');
  (await running.done).expectCompleted();
  expect(woke).toBe(true);
});

test('real work in flight holds the virtual clock, so that its timeout does not strike', async () => {
  const real = task({ name: 'real', timeout: '1m' }, () => new Promise<string>((resolve) => setTimeout(resolve, 60, 'done')));
  const run = await createTestRuntime().run(flow('reads', () => real()));
  expect(run.expectCompleted()).toBe('done');
});

describe('doubles', () => {
  test('a mock takes the place of a task, and its calls are kept', async () => {
    const runtime = createTestRuntime().mock(load, (n) => n * 100);
    expect((await runtime.run(etl, { n: 3 })).expectCompleted()).toBe(301);
    expect(runtime.callsOf(load)).toEqual([{ task: 'load', key: 'load#1', attempt: 1, args: [3] }]);
    expect((await runtime.unmock(load).run(etl, { n: 3 })).expectCompleted()).toBe(7);
  });

  test('an injected failure is retried after its pause', async () => {
    const run = await createTestRuntime().fail(load, new Error('no network'), { times: 2 }).run(etl);
    expect(run.expectCompleted()).toBe(3);
    run.task('load').expectStates('Running', 'AwaitingRetry', 'Retrying', 'AwaitingRetry', 'Retrying', 'Completed');
    expect(run.durationMs).toBe(2 * 3_600_000);
  });

  test('a failure that is not to be retried ends the run', async () => {
    const run = await createTestRuntime().fail(load, new NonRetryableError('wrong password')).run(etl);
    run.expectFailed(/wrong password/);
    expect(() => run.expectCompleted()).toThrow('run: expected Completed, got Failed');
    expect(() => run.task('save')).toThrow('expected a task run "save", got load#1');
  });

  test('code that hangs is ended by its timeout', async () => {
    const run = await createTestRuntime().hang(load).run(etl);
    run.task('load').expectStates('Running', 'AwaitingRetry', 'Retrying', 'Completed');
    expect(run.durationMs).toBe(3_600_000 + 10 * 60_000 + 1_000);
  });

  test('a run whose process died goes on where it was', async () => {
    const runtime = createTestRuntime().crash(save);
    const crashed = await runtime.run(etl, { n: 5 });
    crashed.expectState('Crashed');
    expect((await runtime.resume(crashed)).expectCompleted()).toBe(11);
    expect(runtime.callsOf(load)).toHaveLength(1);
    expect(runtime.callsOf(save)).toHaveLength(2);
  });

  test('a deployment is what the test says it is', async () => {
    const parent = flow('parent', async () => (await runDeployment<number>('etl/prod', { parameters: { n: 2 } })).result);
    const runtime = createTestRuntime().deployment('etl/prod', ({ n }) => Number(n) * 10);
    expect((await runtime.run(parent)).expectCompleted()).toBe(20);
    (await createTestRuntime().run(parent)).expectFailed('for which the test has none');
    const broken = createTestRuntime().deployment('etl/prod', () => {
      throw new Error('disk full');
    });
    (await broken.run(parent)).expectFailed('disk full');
  });
});

describe('people', () => {
  const asks = flow('asks', async () => {
    await save(1);
    await pause({ key: 'first', timeout: '2h' });
    await suspend({ key: 'second' });
    return 'done';
  });

  test('an answer that is there is given at once', async () => {
    expect((await createTestRuntime().answer('first').answer('second').run(asks)).expectCompleted()).toBe('done');
  });

  test('a suspended run has ended until it is answered and resumed', async () => {
    const runtime = createTestRuntime().answer('first');
    const suspended = await runtime.run(asks);
    suspended.expectState('Suspended');
    expect((await runtime.answer('second').resume(suspended)).expectCompleted()).toBe('done');
    expect(runtime.callsOf(save)).toHaveLength(1);
  });

  test('nobody answers a pause: its time passes, and the run fails', async () => {
    const run = await createTestRuntime().run(asks);
    run.expectFailed('nobody answered "first" in time');
    expect(run.durationMs).toBe(2 * 3_600_000);
  });
});

test('a flow that is retried has its pauses in virtual time', async () => {
  let attempts = 0;
  const flaky = flow({ name: 'flaky', retries: 3, retryDelay: ['1d', '2d'] }, () => {
    if (++attempts < 4) throw new Error('not yet');
    return attempts;
  });
  const run = await createTestRuntime().run(flaky);
  expect(run.expectCompleted()).toBe(4);
  expect(run.attempts).toBe(4);
  expect(run.durationMs).toBe(5 * 86_400_000);
});

test('a run is cancelled from outside', async () => {
  const runtime = createTestRuntime({ autoAdvance: false });
  const running = runtime.start(flow('long', () => sleep('1h')));
  running.cancel('enough');
  (await running.done).expectCancelled();
});

test('a thousand runs of a flow with sleeps, retries and a mock stand apart', async () => {
  const runs = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => {
      const runtime = createTestRuntime()
        .mock(save, (given) => given)
        .fail(load, new Error('once'));
      return runtime.run(etl, { n });
    }),
  );
  expect(runs.map((run) => run.expectCompleted())).toEqual(runs.map((_, n) => n * 2));
});
