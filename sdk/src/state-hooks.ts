/** Functions of an author that are told when a task run or a run enters a state. */
import type { RunInfo, TaskRunInfo } from './run-info.ts';

/** What happened. */
export interface StateEvent {
  readonly kind: 'task' | 'flow';
  /** Of the task or the flow. */
  readonly name: string;
  readonly state: { readonly type: string; readonly name: string; readonly message?: string };
  readonly run: RunInfo;
  /** Null for the run itself. */
  readonly task: TaskRunInfo | null;
  /** What it failed with, or why it stopped. */
  readonly error?: unknown;
  /** What it gave, of one that completed. */
  readonly result?: unknown;
}

/** Called in the process of the run, which waits for it. What it throws is logged, and changes nothing. */
export type StateHook = (event: StateEvent) => unknown;
type Hooks = StateHook | readonly StateHook[];

/** Hooks of tasks and flows. A process that is killed runs none: what must be told then is an automation of the workspace. */
export interface StateHookOptions {
  /** Each attempt begins. */
  readonly onRunning?: Hooks;
  /** It completed; not when its result was there already (Cached). */
  readonly onCompletion?: Hooks;
  /** It failed for good, after its retries. */
  readonly onFailure?: Hooks;
  /** It was cancelled. */
  readonly onCancellation?: Hooks;
}

export interface FlowHookOptions extends StateHookOptions {
  /** Something escaped the flow's code (an uncaught exception, an unhandled rejection), and the process is about to end. */
  readonly onCrashed?: Hooks;
}

export type HookName = keyof FlowHookOptions;
/** Checked hooks. */
export type StateHooks = { readonly [Name in HookName]?: readonly StateHook[] };

const NAMES: readonly HookName[] = ['onRunning', 'onCompletion', 'onFailure', 'onCancellation', 'onCrashed'];

/** Null: none. @throws RangeError for a hook that is no function. */
export function stateHooks(options: FlowHookOptions, owner: string): StateHooks | null {
  const given: Partial<Record<HookName, readonly StateHook[]>> = {};
  for (const name of NAMES) {
    const hooks = options[name];
    if (hooks === undefined) continue;
    const list = typeof hooks === 'function' ? [hooks] : hooks;
    if (!Array.isArray(list) || list.some((hook) => typeof hook !== 'function'))
      throw new RangeError(`${owner}: ${name}: expected a function, or a list of functions`);
    given[name] = list;
  }
  return Object.keys(given).length === 0 ? null : given;
}

/** Calls them one after the other. Never throws. */
export async function callHooks(
  hooks: readonly StateHook[] | undefined,
  event: StateEvent,
  onError: (error: unknown) => void,
): Promise<void> {
  for (const hook of hooks ?? []) {
    try {
      await hook(event);
    } catch (error) {
      onError(error);
    }
  }
}
