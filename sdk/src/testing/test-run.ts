/** What a run told, and assertions on it. */
import type { LogLine } from '@signalbox/proto/messages';
import { describeError } from '../engine/failure.ts';
import type { MemoryReporter } from '../engine/memory-reporter.ts';
import type { ArtifactRecord, RunOutcome, TaskTransition } from '../engine/reporter.ts';

/** One task run of a run. */
export class TestTaskRun {
  readonly key: string;
  readonly name: string;
  readonly kind: 'task' | 'flow';
  /** State names it went through, in order: `['Running', 'AwaitingRetry', 'Retrying', 'Completed']`. */
  readonly states: readonly string[];
  /** Attempts within the last attempt of the run. */
  readonly attempts: number;
  readonly message: string | null;
  /** From its first start to its end, by the virtual clock; null where it did not run to an end. */
  readonly durationMs: number | null;
  readonly upstream: readonly number[];
  readonly ordinal: number;

  /** @internal */
  constructor(transitions: readonly TaskTransition[]) {
    const last = transitions.at(-1) as TaskTransition;
    this.key = last.taskKey;
    this.name = last.name;
    this.kind = last.kind;
    this.states = transitions.map(({ stateName }) => stateName);
    this.attempts = last.attempt;
    this.message = last.message ?? null;
    this.durationMs = last.startedAt && last.endedAt ? Date.parse(last.endedAt) - Date.parse(last.startedAt) : null;
    this.upstream = last.upstream;
    this.ordinal = last.ordinal;
  }

  /** The name of the state it is in. */
  get state(): string {
    return this.states.at(-1) ?? '';
  }

  /** @throws Error unless it went through exactly these states. */
  expectStates(...names: readonly string[]): void {
    if (names.join() !== this.states.join()) fail(`task run ${this.key}`, `states ${names.join(', ')}`, this.states.join(', '));
  }
}

/** A run of a test, from its first attempt to where it stands. */
export class TestRun<R = unknown> {
  readonly id: string;
  readonly outcome: Omit<RunOutcome, 'state'> & { readonly state: RunOutcome['state'] | 'CRASHED' };
  /** Attempts of the run so far. */
  readonly attempts: number;
  /** By the virtual clock. */
  readonly durationMs: number;
  /** Custom events it emitted. */
  readonly events: readonly { readonly event: string; readonly payload: unknown }[];
  readonly #told: MemoryReporter;

  /** @internal */
  constructor(given: Pick<TestRun, 'id' | 'outcome' | 'attempts' | 'durationMs' | 'events'>, told: MemoryReporter) {
    this.id = given.id;
    this.outcome = given.outcome;
    this.attempts = given.attempts;
    this.durationMs = given.durationMs;
    this.events = given.events;
    this.#told = told;
  }

  /** The state it is in: `{ type: 'COMPLETED', name: 'Completed' }`. */
  get state(): { readonly type: string; readonly name: string } {
    return { type: this.outcome.state, name: this.outcome.name };
  }

  get logs(): readonly LogLine[] {
    return this.#told.lines;
  }

  get artifacts(): readonly ArtifactRecord[] {
    return this.#told.artifacts;
  }

  /** All task runs in order of their keys' first appearance. */
  get tasks(): readonly TestTaskRun[] {
    const byKey = Map.groupBy(this.#told.tasks, ({ taskKey }) => taskKey);
    return [...byKey.values()].map((transitions) => new TestTaskRun(transitions));
  }

  /** A task run by its key (`load#2`), or by its name. @throws Error naming those there are. */
  task(keyOrName: string): TestTaskRun {
    const { tasks } = this;
    const found = tasks.find(({ key }) => key === keyOrName) ?? tasks.find(({ name }) => name === keyOrName);
    if (!found) throw new Error(`expected a task run "${keyOrName}", got ${tasks.map(({ key }) => key).join(', ') || 'none'}`);
    return found;
  }

  /** The result. @throws Error unless it completed. */
  expectCompleted(): R {
    this.expectState('Completed', 'COMPLETED');
    return this.outcome.result as R;
  }

  /** What it failed with. @throws Error unless it failed, with a message that fits. */
  expectFailed(message?: string | RegExp): unknown {
    this.expectState('Failed', 'FAILED');
    const text = this.outcome.message ?? '';
    const fits = message === undefined || (typeof message === 'string' ? text.includes(message) : message.test(text));
    if (!fits) fail('run', `a failure that says ${String(message)}`, text);
    return this.outcome.error;
  }

  /** @throws Error unless it was cancelled. */
  expectCancelled(): void {
    this.expectState('Cancelled', 'CANCELLED');
  }

  /** @throws Error unless its state has this name (or this type, where given). */
  expectState(name: string, type?: string): void {
    const { state } = this;
    const isSo = type === undefined ? state.name === name : state.type === type;
    if (!isSo) fail('run', name, `${state.name}${this.outcome.error === undefined ? '' : ` (${describeError(this.outcome.error)})`}`);
  }
}

function fail(what: string, expected: string, got: string): never {
  throw new Error(`${what}: expected ${expected}, got ${got}`);
}
