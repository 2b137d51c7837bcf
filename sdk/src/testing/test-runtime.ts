/** Runs flows in this process with virtual time and nothing around them. @see createTestRuntime */
import { executeRun } from '../engine/execute-flow.ts';
import { Holds } from '../engine/holds.ts';
import { MemoryReporter } from '../engine/memory-reporter.ts';
// Loaded before the first run: nothing is to be read from the disk while virtual time waits.
import '../engine/results/execute-cached.ts';
import { preload } from '../engine/results/run-results.ts';
import '../engine/transactions/live-transaction.ts';
import '../engine/transactions/task-participant.ts';
import { CancelledError, TimeoutError } from '../errors.ts';
import type { Flow } from '../flow.ts';
import { FLOW, type FlowDefinition } from '../flow-definition.ts';
import { memoryStorage } from '../results/memory-storage.ts';
import type { ResultStorage } from '../results/storage.ts';
import { retryDelayMs } from '../retry.ts';
import type { RunInfo } from '../run-info.ts';
import { abortableDelay } from '../sleep.ts';
import type { Task } from '../task.ts';
import { type FakeDeployment, type Fault, type NamedTask, type TaskCall, TestDoubles } from './doubles.ts';
import { type Prepared, TestCalls } from './test-calls.ts';
import { TestRun } from './test-run.ts';
import { VirtualClock, type VirtualClockOptions } from './virtual-clock.ts';

export interface TestRuntimeOptions extends VirtualClockOptions {
  /** Variables of the workspace. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Where pauses between attempts lie inside their jitter, 0 up to 1. Default 0.5: in the middle. */
  readonly random?: number;
}

/** A flow that runs: wait for `done`, or act on it before. */
export interface Running<R> {
  /** When it has ended, was suspended, or crashed. Never rejects: assert on the run. */
  readonly done: Promise<TestRun<R>>;
  cancel(reason?: string): void;
}

interface Life {
  readonly id: string;
  readonly definition: FlowDefinition;
  readonly parameters: unknown;
  readonly told: MemoryReporter;
  readonly storage: ResultStorage;
  readonly beganAtMs: number;
  epoch: number;
  attempt: number;
}

const CRASH = Symbol('crash');

export class TestRuntime {
  readonly clock: VirtualClock;
  readonly #doubles = new TestDoubles();
  readonly #prepared: Prepared;
  readonly #random: number;
  readonly #lives = new WeakMap<TestRun<never>, Life>();
  readonly #calls = new Set<TestCalls>();
  readonly #crashes = new Map<string, (reason: Error) => void>();
  #runs = 0;

  constructor({ variables = {}, random = 0.5, ...time }: TestRuntimeOptions = {}) {
    this.clock = new VirtualClock(time);
    this.#random = random;
    this.#prepared = {
      answers: new Map(),
      expired: new Set(),
      variables: new Map(Object.entries(variables)),
      blocks: new Map(),
      events: new Map(),
    };
  }

  /** Puts a function in the place of a task's own; its retries, timeout and states stay. */
  mock<A extends readonly unknown[], R>(task: Task<A, R>, fn: (...args: NoInfer<A>) => NoInfer<R> | PromiseLike<NoInfer<R>>): this {
    this.#doubles.mock(task, fn);
    return this;
  }

  /** Takes back `mock`. */
  unmock(task: NamedTask): this {
    this.#doubles.unmock(task);
    return this;
  }

  /** The calls of a task so far, retries among them, with what it was given. */
  callsOf(task: NamedTask): readonly TaskCall[] {
    return this.#doubles.callsOf(task);
  }

  /** Lets calls of a task throw. @example runtime.fail(load, new Error('no network'), { onCall: 2 }); */
  fail(task: NamedTask, error: unknown, fault: Fault = {}): this {
    this.#doubles.plan(task, fault, () => {
      throw error;
    });
    return this;
  }

  /** Lets calls of a task never come back, as code that hangs: only its timeout ends them. */
  hang(task: NamedTask, fault: Fault = {}): this {
    this.#doubles.plan(task, fault, () => new Promise<never>(() => {}));
    return this;
  }

  /** Lets the process die in a call of a task: the run is CRASHED, and `resume` begins its next attempt. */
  crash(task: NamedTask, fault: Fault = {}): this {
    this.#doubles.plan(task, fault, () => {
      for (const crash of this.#crashes.values())
        crash(Object.assign(new Error(`the process died in task "${task.name}"`), { [CRASH]: true }));
      return new Promise<never>(() => {});
    });
    return this;
  }

  /** What `runDeployment(ref)` gives; a function that throws lets the run fail. */
  deployment(ref: string, ends: FakeDeployment): this {
    this.#doubles.fakeDeployment(ref, ends);
    return this;
  }

  /** What a person answers to a question: `pause-1`, `suspend-1`, or its `key`. Before it is asked or while it waits. */
  answer(key: string, input: unknown = {}): this {
    this.#prepared.answers.set(key, input);
    for (const calls of this.#calls) calls.wake();
    return this;
  }

  /** Lets the deadline of a question pass that nobody answered: then `resume` a run that is Suspended. That of a pause passes by itself. */
  expire(key: string): this {
    this.#prepared.expired.add(key);
    for (const calls of this.#calls) calls.wake();
    return this;
  }

  /** Sets a variable of the workspace. */
  variable(name: string, value: unknown): this {
    this.#prepared.variables.set(name, value);
    return this;
  }

  /** Sets a block of the workspace; secret fields hold references: `{ $secret: 'env:DB_PASSWORD' }`. */
  block(type: string, name: string, value: Readonly<Record<string, unknown>>): this {
    this.#prepared.blocks.set(`${type}/${name}`, value);
    return this;
  }

  /** Runs a flow to its end, retries included. Never rejects: assert on what it gives. */
  run<I, R>(flow: Flow<I, R>, parameters?: I): Promise<TestRun<R>> {
    return this.start(flow, parameters).done;
  }

  /** Starts a flow. */
  start<I, R>(flow: Flow<I, R>, parameters?: I): Running<R> {
    const id = `run_test_${++this.#runs}`;
    const told = new MemoryReporter();
    const life: Life = {
      id,
      definition: flow[FLOW],
      parameters: parameters ?? {},
      told,
      storage: memoryStorage(),
      beganAtMs: this.clock.now(),
      epoch: 0,
      attempt: 0,
    };
    return this.#begin(life);
  }

  /** The next attempt of a run that crashed, failed, or was suspended: what finished in it is not run again. */
  resume<R>(run: TestRun<R>): Promise<TestRun<R>> {
    const life = this.#lives.get(run as TestRun<never>);
    if (!life) throw new Error('resume: expected a run of this runtime');
    return this.#begin<R>(life).done;
  }

  #begin<R>(life: Life): Running<R> {
    const controller = new AbortController();
    const done = this.#untilItStands(life, controller).then((outcome) => {
      const { id, attempt: attempts, told } = life;
      const durationMs = this.clock.now() - life.beganAtMs;
      const run = new TestRun<R>({ id, outcome, attempts, durationMs, events: [...this.#prepared.events.values()] }, told);
      this.#lives.set(run as TestRun<never>, life);
      return run;
    });
    return { done, cancel: (reason) => controller.abort(new CancelledError(reason)) };
  }

  async #untilItStands(life: Life, controller: AbortController): Promise<TestRun['outcome']> {
    await preload();
    const { retry } = life.definition;
    for (let retries = 0; ; retries++) {
      const outcome = await this.#attempt(life, controller);
      const { failure } = outcome;
      if (outcome.state !== 'FAILED' || failure?.retryable === false || retries >= retry.retries) return outcome;
      const delayMs = failure?.retryAfterMs ?? retryDelayMs(retry, retries + 1, this.#random, outcome.error);
      await abortableDelay(delayMs, controller.signal, this.clock).catch(() => {});
    }
  }

  async #attempt(life: Life, controller: AbortController): Promise<TestRun['outcome']> {
    const { id, definition, told, storage } = life;
    life.epoch++;
    life.attempt++;
    const { promise: left, resolve: leave } = Promise.withResolvers<TestRun['outcome']>();
    const { signal } = controller;
    const ended = new AbortController();
    const die = (error: Error) => {
      ended.abort(error);
      leave({ state: 'CRASHED', name: 'Crashed', message: error.message, error });
    };
    const unanswered = (key: string) => controller.abort(new TimeoutError(`nobody answered "${key}" in time`, { timeoutMs: null }));
    const calls = new TestCalls(this.#prepared, this.clock, unanswered);
    this.#calls.add(calls);
    this.#crashes.set(id, die);
    const holds = new Holds({ paused: () => {}, leave: () => leave({ state: 'SUSPENDED', name: 'Suspended' }) });
    try {
      const run = runInfo(life);
      const executed = executeRun({
        definition,
        run,
        // A process that died tells nothing any more.
        reporter: silencedBy(ended.signal, told),
        calls,
        signal: AbortSignal.any([signal, ended.signal]),
        timeoutMs: definition.timeoutMs,
        giveUpMs: 5_000,
        results: { persist: true, scratch: storage, replayFloor: 0 },
        holds,
        clock: this.clock,
        onSession: (session) => {
          session.doubles = this.#doubles;
        },
      });
      return await Promise.race([executed, left]);
    } finally {
      this.#calls.delete(calls);
      this.#crashes.delete(id);
    }
  }
}

function runInfo({ id, definition, parameters, epoch, attempt }: Life): RunInfo {
  return {
    id,
    name: `${definition.name}-test`,
    epoch,
    fencingToken: String(epoch),
    attempt,
    flow: definition.name,
    deployment: null,
    parameters: parameters as RunInfo['parameters'],
    tags: [],
  };
}

function silencedBy(signal: AbortSignal, told: MemoryReporter): MemoryReporter {
  return new Proxy(told, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (...args: unknown[]) => (signal.aborted ? undefined : value.apply(target, args)) : value;
    },
  });
}
