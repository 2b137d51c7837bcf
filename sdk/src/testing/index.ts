/**
 * Tests of flows without a server, in no time: flows run in the test's own process, clocks jump, tasks can be replaced,
 * made to fail, to hang, and to die.
 *
 * ```ts
 * const runtime = createTestRuntime();
 * runtime.mock(fetchPage, async () => '<html>').fail(load, new Error('no network'), { onCall: 1 });
 * const run = await runtime.run(report, { city: 'Seattle' });
 * expect(run.expectCompleted()).toBe(6);
 * run.task('load').expectStates('Running', 'AwaitingRetry', 'Retrying', 'Completed');
 * ```
 *
 * - **Time** is virtual: `sleep('30d')`, timeouts and pauses between attempts pass at once. `Date` and `setTimeout` of
 *   user code are real, and hold the virtual clock while they last.
 * - **A run that crashed or was suspended** goes on with `runtime.resume(run)`: what finished is not run again.
 * - Each runtime stands for itself; make one a test.
 */
import { TestRuntime, type TestRuntimeOptions } from './test-runtime.ts';

export type { FakeDeployment, Fault, NamedTask, TaskCall } from './doubles.ts';
export { TestRun, TestTaskRun } from './test-run.ts';
export { type Running, TestRuntime, type TestRuntimeOptions } from './test-runtime.ts';
export { VirtualClock, type VirtualClockOptions } from './virtual-clock.ts';

/** A runtime for one test: its own clock, doubles and variables. */
export function createTestRuntime(options: TestRuntimeOptions = {}): TestRuntime {
  return new TestRuntime(options);
}
