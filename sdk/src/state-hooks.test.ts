/** State hooks, names, retries by a function, tasks at once, background tasks. */
import { describe, expect, test } from 'vitest';
import { runBody } from '../test/run-in-memory.ts';
import { backgroundFlow } from './background.ts';
import { exponentialBackoff, flow, NonRetryableError, type StateEvent, sleep, task } from './index.ts';
import { createTestRuntime } from './testing/index.ts';

const noted = (into: string[]) => (event: StateEvent) => void into.push(`${event.kind} ${event.name} ${event.state.name}`);

describe('state hooks', () => {
  test('of a task are told of each attempt, and of its end once', async () => {
    const seen: string[] = [];
    const note = noted(seen);
    const all = { onRunning: note, onCompletion: [note], onFailure: note, onCancellation: note };
    const good = task({ name: 'good', retries: 1, retryDelay: '1h', ...all }, () => 1);
    const bad = task({ name: 'bad', ...all }, () => Promise.reject(new Error('no')));
    const run = await createTestRuntime()
      .fail(good, new Error('once'))
      .run(flow('hooked', async () => [await good(), await bad().catch(() => 0)]));
    run.expectCompleted();
    expect(seen).toEqual(['task good Running', 'task good Retrying', 'task good Completed', 'task bad Running', 'task bad Failed']);
  });

  test('of a flow are told of its end; a failure that is retried is none yet', async () => {
    const seen: string[] = [];
    const note = noted(seen);
    const hooked = flow({ name: 'hooked', retries: 1, onRunning: note, onFailure: note, onCompletion: note }, () => {
      throw new Error('no');
    });
    (await createTestRuntime().run(hooked)).expectFailed('no');
    expect(seen).toEqual(['flow hooked Running', 'flow hooked Running', 'flow hooked Failed']);
    const stopped = flow({ name: 'stopped', onCancellation: note, onFailure: note }, () => sleep('1h'));
    const running = createTestRuntime({ autoAdvance: false }).start(stopped);
    running.cancel();
    (await running.done).expectCancelled();
    expect(seen.at(-1)).toBe('flow stopped Cancelled');
  });

  test('that throw are logged and change nothing; a hook that is no function is refused', async () => {
    const broken = () => {
      throw new Error('hook broke');
    };
    const { outcome, told } = await runBody(() => task({ name: 'fine', onCompletion: broken }, () => 7)());
    expect(outcome.result).toBe(7);
    expect(told.lines.map(({ message }) => message)).toContain('fine: its onCompletion hook failed: hook broke');
    expect(() => task({ name: 'x', onFailure: 'no' as never }, () => 1)).toThrow('task "x": onFailure: expected a function');
  });
});

describe('a name', () => {
  test('is that of the function where options have none', async () => {
    async function getStars(repo: string) {
      return repo.length;
    }
    const stars = flow(async function countStars() {
      return task(getStars)('a/b');
    });
    expect(stars.name).toBe('countStars');
    const run = await createTestRuntime().run(stars);
    expect(run.expectCompleted()).toBe(3);
    expect(run.task('getStars').state).toBe('Completed');
    expect(stars.with({ name: 'other' }).name).toBe('other');
  });

  test('is asked for where the function has none either', () => {
    expect(() => task(() => 1)).toThrow("task: name: expected a name, since its function has none: task({ name: 'load' }, ...)");
    expect(() => flow({}, async () => 1)).toThrow('flow: name: expected a name');
  });
});

describe('retries', () => {
  test('pause as a function of the attempt and its error says', async () => {
    const seen: unknown[] = [];
    const retryDelay = (attempt: number, error: unknown) => {
      seen.push([attempt, (error as Error).message]);
      return `${attempt}h` as const;
    };
    const flaky = task({ name: 'flaky', retries: 2, retryDelay }, () => 1);
    const run = await createTestRuntime()
      .fail(flaky, new Error('no'), { times: 2 })
      .run(flow('f', () => flaky()));
    expect(run.durationMs).toBe(3 * 3_600_000);
    expect(seen).toEqual([
      [1, 'no'],
      [2, 'no'],
    ]);
    const whole = flow({ name: 'whole', retries: 2, retryDelay: (attempt) => `${attempt}d` }, () => Promise.reject(new Error('no')));
    expect((await createTestRuntime().run(whole)).durationMs).toBe(3 * 86_400_000);
    const never = flow({ name: 'never', retries: 5, retryDelay }, () => Promise.reject(new NonRetryableError('no')));
    expect((await createTestRuntime().run(never)).attempts).toBe(1);
  });

  test('back off from a first pause, with the jitter that the backoff names', () => {
    expect(exponentialBackoff('1s', { factor: 3, max: '10s', jitter: 0.2 })).toEqual([1_000, 3_000, 9_000, 10_000]);
    expect(exponentialBackoff({ initial: '1s', max: '2s' })).toEqual([1_000, 2_000]);
  });
});

test('a flow runs as many tasks at once as its maxConcurrency says; what tasks call is not counted', async () => {
  let now = 0;
  let most = 0;
  const inner = task('inner', async () => sleep('1m'));
  const outer = task('outer', async (_n: number) => {
    most = Math.max(most, ++now);
    await inner();
    now--;
  });
  const bounded = flow({ name: 'bounded', maxConcurrency: 3 }, async () => {
    await Promise.all([outer.map([1, 2, 3, 4]), outer(5), outer.submit(6), outer(7)]);
  });
  const run = await createTestRuntime().run(bounded);
  run.expectCompleted();
  expect([most, run.durationMs]).toEqual([3, 3 * 60_000]);
  expect(() => flow({ name: 'x', maxConcurrency: 0 }, () => 1)).toThrow('maxConcurrency: expected a whole number of at least 1, got 0');
});

describe('a background task', () => {
  const send = task({ name: 'send', retries: 1, retryDelay: '1m' }, async (to: string, at: Date) => `${to} ${at.toISOString()}`);

  test('is delayed with arguments that arrive as they were', async () => {
    const runtime = createTestRuntime();
    const given: unknown[] = [];
    runtime.deployment('send/background', (parameters) => void given.push(parameters));
    const delays = flow('delays', async () => (await send.delay('a@example.com', new Date(0))).state.type);
    (await runtime.run(delays)).expectCompleted();
    const run = await createTestRuntime()
      .fail(send, new Error('busy'))
      .run(backgroundFlow(send) as typeof delays, given[0] as never);
    expect(run.expectCompleted()).toBe('a@example.com 1970-01-01T00:00:00.000Z');
    run.task('send').expectStates('Running', 'AwaitingRetry', 'Retrying', 'Completed');
  });

  test('takes plain arguments as plain JSON, and refuses what is no list', async () => {
    const plain = task('plain', (n: number) => n + 1);
    const runtime = createTestRuntime().deployment('plain/background', (parameters) => {
      expect(parameters).toEqual({ args: [41] });
    });
    (await runtime.run(flow('delays', () => plain.delay(41)))).expectCompleted();
    const served = backgroundFlow(plain) as unknown as Parameters<typeof runtime.run>[0];
    expect((await createTestRuntime().run(served, { args: [41] })).expectCompleted()).toBe(42);
    (await createTestRuntime().run(served, { args: 5 })).expectFailed('args: expected a list of arguments');
  });
});
