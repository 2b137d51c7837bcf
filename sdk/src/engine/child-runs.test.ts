/** A flow that runs other deployments, against a control plane of three lines. */
import type { RunId } from '@signalbox/proto';
import type { CallOp, EndedChild } from '@signalbox/proto/messages';
import { describe, expect, test } from 'vitest';
import { isChildRunError, isTaskFailed, isTimeout } from '../errors.ts';
import { flow } from '../flow.ts';
import { FLOW } from '../flow-definition.ts';
import { runDeployment } from '../run-deployment.ts';
import { task } from '../task.ts';
import { WakingCalls } from './calls.ts';
import { executeRun } from './execute-flow.ts';
import { MemoryReporter } from './memory-reporter.ts';

type End = Partial<EndedChild> | 'never';

/** Makes runs `run_1`, `run_2` ...; each ends as told when asked for, unless it never does. */
class FakeControlPlane extends WakingCalls {
  readonly ops: CallOp[] = [];
  readonly #ends: (op: CallOp & { name: 'children.create' }) => End;
  readonly #ended = new Map<string, EndedChild>();
  readonly #live = new Set<string>();
  /** True: `children.resume` is granted. */
  hasRoom = true;
  /** Runs end at once, or when the slots were given up. */
  needsSlot = false;
  #isGiven = false;
  #made = 0;

  constructor(ends: (op: CallOp & { name: 'children.create' }) => End = () => ({})) {
    super();
    this.#ends = ends;
  }

  names(): string[] {
    return this.ops.map(({ name }) => name);
  }

  async call(op: CallOp, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    this.ops.push(op);
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    switch (op.name) {
      case 'children.create': {
        const run = `run_${++this.#made}` as RunId;
        const end = this.#ends(op);
        const state = { type: 'COMPLETED' as const, name: 'Completed', at: '' };
        if (end === 'never') this.#live.add(run);
        else this.#ended.set(run, { run, runName: `child-${this.#made}`, state, result: null, failure: null, ...end });
        return { run, runName: `child-${this.#made}`, isNew: true };
      }
      case 'children.read': {
        const mayRun = !this.needsSlot || this.#isGiven;
        return { ended: mayRun ? op.runs.flatMap(({ run }) => this.#ended.get(run) ?? []) : [], gone: [] };
      }
      case 'children.await':
        this.#isGiven = true;
        queueMicrotask(() => this.wake());
        return { waiting: true };
      case 'children.resume':
        if (this.hasRoom) this.#isGiven = false;
        else setTimeout(() => this.wake(), 5);
        return { resumed: this.hasRoom };
      default:
        throw new Error(`not expected: ${op.name}`);
    }
  }
}

async function run(body: () => unknown, calls: FakeControlPlane, signal = new AbortController().signal) {
  const definition = flow('parent', body)[FLOW];
  const told = new MemoryReporter();
  const info = {
    id: 'run_0',
    name: 'parent',
    epoch: 1,
    fencingToken: '1',
    attempt: 1,
    flow: 'parent',
    deployment: 'test',
    parameters: {},
    tags: [],
  };
  const outcome = await executeRun({
    definition,
    run: info,
    reporter: told,
    calls,
    signal,
    timeoutMs: null,
    giveUpMs: null,
    results: { persist: false, scratch: null, replayFloor: 0 },
  });
  return { outcome, told };
}
const result = (body: unknown) => ({ result: { encoding: 'json' as const, body } });
const failed = { state: { type: 'FAILED' as const, name: 'Failed', message: 'boom', at: '' } };

describe('runDeployment in a flow', () => {
  test('gives the result, as a task run of kind flow that names the child', async () => {
    const plane = new FakeControlPlane(() => result(42));
    const { outcome, told } = await run(() => runDeployment<number>('etl/load', { parameters: { n: 1 }, tags: ['x'] }), plane);
    expect(outcome.result).toMatchObject({ id: 'run_1', name: 'child-1', state: { type: 'COMPLETED' }, result: 42 });
    expect(plane.ops[0]).toMatchObject({ step: 'etl/load#1', ordinal: 1, parameters: { n: 1 }, tags: ['x'], onParentEnd: 'cancel' });
    expect(told.statesOf('etl/load#1')).toEqual(['Running', 'AwaitingChild', 'Completed']);
    expect(told.tasks.find(({ stateName }) => stateName === 'AwaitingChild')).toMatchObject({ kind: 'flow', message: 'child-1 (run_1)' });
  });

  test('without waiting comes back at once, and leaves the run when the flow ends', async () => {
    const plane = new FakeControlPlane(() => 'never');
    const { outcome } = await run(() => runDeployment('etl/load', { wait: false }), plane);
    expect(outcome.result).toMatchObject({ id: 'run_1', state: { type: 'SCHEDULED' } });
    expect(plane.names()).toEqual(['children.create']);
    expect(plane.ops[0]).toMatchObject({ onParentEnd: 'leave' });
  });

  test('of a run that did not complete throws with the run as cause, or gives it back when told to', async () => {
    const { outcome } = await run(() => runDeployment('etl/load'), new FakeControlPlane(() => failed));
    expect(outcome).toMatchObject({ state: 'FAILED', message: 'flow "etl/load" failed: run child-1 (run_1) ended as Failed: boom' });
    expect(isTaskFailed(outcome.error)).toBe(true);
    const cause = (outcome.error as Error).cause;
    expect(isChildRunError(cause) && cause.run.state.type).toBe('FAILED');
    const quiet = await run(() => runDeployment('etl/load', { throwOnFailure: false }), new FakeControlPlane(() => failed));
    expect(quiet.outcome.result).toMatchObject({ state: { type: 'FAILED', message: 'boom' } });
  });

  test('a step that is asked for again in the same attempt wants another run than the one it saw fail', async () => {
    const plane = new FakeControlPlane(() => failed);
    const inner = flow({ name: 'inner', retries: 1 }, () => runDeployment('etl/load'));
    await run(() => inner(), plane);
    const made = plane.ops.filter((op) => op.name === 'children.create');
    expect(made.map(({ step, replaces }) => [step, replaces])).toEqual([
      ['inner#1/etl/load#1', undefined],
      ['inner#1/etl/load#1', 'run_1'],
    ]);
  });

  test('stops waiting at its timeout, and on cancel', async () => {
    const plane = new FakeControlPlane(() => 'never');
    const { outcome } = await run(() => runDeployment('etl/load', { timeout: 30 }), plane);
    expect(isTimeout(outcome.error)).toBe(true);
    const controller = new AbortController();
    const cancelled = run(() => runDeployment('etl/load'), new FakeControlPlane(() => 'never'), controller.signal);
    setTimeout(() => controller.abort(new Error('cancelled by Ada')), 60);
    expect((await cancelled).outcome.state).toBe('CANCELLED');
  });

  test('refuses an instant that is none', async () => {
    const { outcome } = await run(() => runDeployment('etl/load', { dueAt: 'tomorrow' }), new FakeControlPlane());
    expect(outcome.message).toContain('dueAt: expected a Date or an ISO 8601 instant, got tomorrow');
  });
});

describe('slots', () => {
  test('are given up while nothing but waits runs, and taken again before a wait comes back', async () => {
    const plane = new FakeControlPlane(() => result(1));
    plane.needsSlot = true;
    const { outcome } = await run(async () => {
      const first = await runDeployment<number>('etl/load');
      const order = plane.names();
      const second = await runDeployment<number>('etl/load');
      return [first.result, second.result, order.lastIndexOf('children.resume') > order.lastIndexOf('children.await')];
    }, plane);
    expect(outcome.result).toEqual([1, 1, true]);
    const slots = plane.names().filter((name) => name === 'children.await' || name === 'children.resume');
    expect(slots).toEqual(['children.await', 'children.resume', 'children.await', 'children.resume']);
  });

  test('are kept while a task runs beside the wait', async () => {
    const plane = new FakeControlPlane(() => result(1));
    plane.needsSlot = true;
    let release = () => {};
    const busy = task(
      'busy',
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    const running = run(async () => Promise.all([busy(), runDeployment('etl/load')]), plane);
    await expect.poll(() => plane.names().filter((name) => name === 'children.read').length).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(plane.names()).not.toContain('children.await');
    release();
    expect((await running).outcome.state).toBe('COMPLETED');
    expect(plane.names()).toContain('children.await');
  });

  test('are taken again before a task begins, however long that takes', async () => {
    const plane = new FakeControlPlane(() => 'never');
    plane.hasRoom = false;
    const controller = new AbortController();
    let hasRun = false;
    const late = task('late', () => {
      hasRun = true;
      controller.abort(new Error('enough'));
    });
    const running = run(
      async () => {
        const waiting = runDeployment('etl/load');
        waiting.catch(() => {});
        while (!plane.names().includes('children.await')) await new Promise((resolve) => setTimeout(resolve, 5));
        await late();
      },
      plane,
      controller.signal,
    );
    await expect.poll(() => plane.names().filter((name) => name === 'children.resume').length).toBeGreaterThan(2);
    expect(hasRun).toBe(false);
    plane.hasRoom = true;
    await running;
    expect(hasRun).toBe(true);
  });

  test('one question is for all that is waited for', async () => {
    const plane = new FakeControlPlane((op) => result(op.parameters.n));
    const { outcome } = await run(async () => {
      const all = await Promise.all([1, 2, 3].map((n) => runDeployment<number>('etl/load', { parameters: { n } })));
      return all.map((each) => each.result);
    }, plane);
    expect(outcome.result).toEqual([1, 2, 3]);
    expect(plane.ops.filter((op) => op.name === 'children.read').map(({ runs }) => runs.length)).toContain(3);
  });
});
