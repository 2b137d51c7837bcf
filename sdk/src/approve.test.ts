/** Approvals: what is asked, and what an answer becomes. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { approve, flow, task } from './index.ts';
import { createTestRuntime } from './testing/index.ts';

const pay = flow('pay', async ({ amount }: { amount: number }) =>
  approve({
    message: `Pay ${amount}?`,
    from: { teams: ['finance'], people: ['ada@example.com'] },
    input: z.object({ account: z.string().min(3) }),
    deadline: '2d',
    remindEvery: '4h',
  }),
);

describe('approve', () => {
  test('gives a yes with the comment and the checked input, in the attempt after the answer', async () => {
    const runtime = createTestRuntime();
    const asked = await runtime.run(pay, { amount: 5 });
    expect(asked.state.name).toBe('Suspended');
    expect(asked.logs.map(({ message }) => message).join()).toContain('waits for the answer of ada@example.com, finance (approve-1)');
    const run = await runtime.answer('approve-1', { approved: true, comment: 'ok', account: 'main' }).resume(asked);
    expect(run.expectCompleted()).toEqual({ status: 'approved', approved: true, comment: 'ok', by: null, input: { account: 'main' } });
  });

  test('gives a no as it is, without what a yes needs', async () => {
    const run = await createTestRuntime().answer('approve-1', { approved: false, comment: 'too much' }).run(pay, { amount: 5 });
    expect(run.expectCompleted()).toEqual({ status: 'rejected', approved: false, comment: 'too much', by: null });
  });

  test('may keep its process, under a key of its own', async () => {
    const quick = flow('quick', () => approve({ message: 'Go?', how: 'pause', key: 'go', deadline: '1m' }));
    expect((await createTestRuntime().run(quick)).state.name).toBe('TimedOut');
    const yes = await createTestRuntime().answer('go', { approved: true }).run(quick);
    expect(yes.expectCompleted()).toEqual({ status: 'approved', approved: true, comment: '', by: null, input: undefined });
  });

  test('after its deadline fails, or goes on where it is told to', async () => {
    const asking = (options: { how?: 'pause'; onExpire?: 'fail' | 'return' }) =>
      flow('asking', async () => (await approve({ message: 'Go?', deadline: '1m', ...options })).status);
    const left = async (options: { onExpire?: 'fail' | 'return' }) => {
      const runtime = createTestRuntime();
      return runtime.expire('approve-1').resume(await runtime.run(asking(options)));
    };
    for (const options of [{}, { onExpire: 'fail' }] as const) (await left(options)).expectState('TimedOut');
    expect((await left({ onExpire: 'return' })).expectCompleted()).toBe('expired');
    const runtime = createTestRuntime({ autoAdvance: false });
    const paused = runtime.start(asking({ how: 'pause', onExpire: 'return' }));
    await runtime.clock.advance('1m');
    expect((await paused.done).expectCompleted()).toBe('expired');
  });

  test('is refused in a task, with nobody to ask, and with reminders that would be noise', async () => {
    const run = (body: () => unknown) => createTestRuntime().run(flow('f', async () => body()));
    (await run(() => task('t', () => approve({ message: 'x' }))())).expectFailed('approve() was called in task "t"');
    (await run(() => approve({ message: 'x', from: {} }))).expectFailed('from: expected at least one of people or teams');
    (await run(() => approve({ message: 'x', remindEvery: '5s' }))).expectFailed('remindEvery: expected at least 1m, got 5s');
    (await run(() => approve({ message: 'x', onExpire: 'stop' as 'fail' }))).expectFailed(
      'onExpire: expected "fail" or "return", got stop',
    );
    await expect(approve({ message: 'x' })).rejects.toThrow('outside of a run');
  });
});
