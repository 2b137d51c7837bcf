/**
 * Background tasks: `task.delay(...)` makes a run of the deployment `<task>/background`, which `serveTasks` registers and
 * serves. Its flow calls the task, so that retries, timeout, tags and states are the task's own.
 */

import { flow } from './flow.ts';
import type { AnyFlow } from './flow-definition.ts';
import { losslessSerializer } from './results/serializer.ts';
import { type ChildRun, runDeployment } from './run-deployment.ts';
import type { Task } from './task.ts';

/** Any task. */
export type AnyTask = Task<never, unknown>;

const NAME = 'background';
const lossless = losslessSerializer();
const flows = new WeakMap<object, AnyFlow>();
const made = new WeakSet<AnyFlow>();

/** Whether a value is a task, as its methods tell. */
export function isTask(value: unknown): value is AnyTask {
  return typeof value === 'function' && 'delay' in value && 'submit' in value && 'fn' in value;
}

/** Whether a flow only calls a task that is delayed. */
export function isBackgroundFlow(flow: AnyFlow): boolean {
  return made.has(flow);
}

/** The flow of a task's background runs: one a task. */
export function backgroundFlow(task: AnyTask): AnyFlow {
  const known = flows.get(task);
  if (known) return known;
  const background = flow(
    { name: task.name, description: `runs of the task ${task.name} in the background` },
    async (given: { args?: unknown }) => {
      const call = task as unknown as (...args: unknown[]) => Promise<unknown>;
      return call(...(await decode(task.name, given.args)));
    },
  );
  flows.set(task, background);
  made.add(background);
  return background;
}

export async function runInBackground(name: string, args: readonly unknown[]): Promise<ChildRun> {
  const parameters = { args: await encode(args) };
  return runDeployment(`${name}/${NAME}`, { parameters, wait: false, tags: ['task'] });
}

/** Plain JSON as it is, so that people can read it; else lossless, as text. */
async function encode(args: readonly unknown[]): Promise<unknown> {
  if (isPlain(args)) return args;
  return Buffer.from(await lossless.serialize(args)).toString('utf8');
}

async function decode(task: string, args: unknown): Promise<unknown[]> {
  if (args === undefined) return [];
  const list = typeof args === 'string' ? await lossless.parse(Buffer.from(args)) : args;
  if (!Array.isArray(list)) throw new RangeError(`task "${task}": args: expected a list of arguments, got ${typeof args}`);
  return list;
}

function isPlain(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || depth > 20) return false;
  if (Array.isArray(value)) return value.every((part) => isPlain(part, depth + 1));
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every((part) => isPlain(part, depth + 1));
}
