/** What a test puts in the place of tasks and deployments, and the faults it injects. */
import type { Doubles, TaskRunRecord } from '../engine/session.ts';
import { type ChildRun, instantOf } from '../run-deployment.ts';
import type { TaskDefinition } from '../task-definition.ts';

/** Any task: found by its name. */
export interface NamedTask {
  readonly name: string;
}

/** When a fault strikes. */
export interface Fault {
  /** The call of the task that it strikes, from 1, retries counted. Default: the next one. */
  readonly onCall?: number;
  /** How many calls from there on. Default 1. */
  readonly times?: number;
  /** True: the task has done its work when it strikes. Default false. */
  readonly afterwards?: boolean;
}

interface Planned {
  readonly first: number;
  readonly last: number;
  readonly afterwards: boolean;
  readonly strike: () => never | Promise<never>;
}

/** A call of a task, as a double saw it. */
export interface TaskCall {
  readonly task: string;
  readonly key: string;
  readonly attempt: number;
  readonly args: readonly unknown[];
}

/** How a fake deployment ends. */
export type FakeDeployment = (parameters: Readonly<Record<string, unknown>>) => unknown;

export class TestDoubles implements Doubles {
  readonly calls: TaskCall[] = [];
  readonly #mocks = new Map<string, (...args: never[]) => unknown>();
  readonly #faults = new Map<string, Planned[]>();
  readonly #deployments = new Map<string, FakeDeployment>();
  #children = 0;

  mock(task: NamedTask, fn: (...args: never[]) => unknown): void {
    this.#mocks.set(task.name, fn);
  }

  unmock(task: NamedTask): void {
    this.#mocks.delete(task.name);
  }

  plan(task: NamedTask, { onCall, times = 1, afterwards = false }: Fault, strike: Planned['strike']): void {
    const first = onCall ?? this.callsOf(task).length + 1;
    if (!Number.isInteger(first) || first < 1) throw new RangeError(`onCall: expected a whole number of at least 1, got ${first}`);
    this.#faults.set(task.name, [...(this.#faults.get(task.name) ?? []), { first, last: first + times - 1, afterwards, strike }]);
  }

  fakeDeployment(ref: string, ends: FakeDeployment): void {
    this.#deployments.set(ref, ends);
  }

  callsOf(task: NamedTask): readonly TaskCall[] {
    return this.calls.filter((call) => call.task === task.name);
  }

  task({ name }: TaskDefinition, record: TaskRunRecord, args: readonly unknown[], call: () => unknown): unknown {
    this.calls.push({ task: name, key: record.key, attempt: record.attempt, args });
    const number = this.callsOf({ name }).length;
    const fault = this.#faults.get(name)?.find(({ first, last }) => number >= first && number <= last);
    const mock = this.#mocks.get(name);
    const work = mock ? () => mock(...(args as never[])) : call;
    if (!fault) return work();
    return fault.afterwards ? Promise.resolve(work()).then(fault.strike) : fault.strike();
  }

  async deployment(ref: string, options: Parameters<Doubles['deployment']>[1]): Promise<ChildRun> {
    const ends = this.#deployments.get(ref);
    if (!ends)
      throw new Error(`the flow ran deployment "${ref}", for which the test has none: runtime.deployment('${ref}', (parameters) => ...)`);
    const id = `run_test${++this.#children}` as ChildRun['id'];
    const at = instantOf(new Date(0));
    try {
      const result = await ends(options.parameters ?? {});
      return { id, name: ref, state: { type: 'COMPLETED', name: 'Completed', at }, result, failure: null };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return {
        id,
        name: ref,
        state: { type: 'FAILED', name: 'Failed', at, message },
        result: undefined,
        failure: { kind: 'application', message },
      };
    }
  }
}
