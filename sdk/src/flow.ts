/** Declaring a flow: a named function whose runs are recorded, retried, scheduled and cancelled. */
import type { DeployedDeployment, DeployTarget } from './deploy.ts';
import type { DeploymentDefinition, DeploymentOptions } from './deployment.ts';
import { DEPLOYMENT } from './deployment.ts';
import type { Duration } from './duration.ts';
import { toMs } from './duration.ts';
import { findEngineContext } from './engine/context.ts';
import { executeSubflow } from './engine/execute-flow.ts';
import type { ResultOptions } from './engine/results/result-policy.ts';
import { resultPolicy } from './engine/results/result-policy.ts';
import type { AnyFlow, FlowDefinition } from './flow-definition.ts';
import { FLOW } from './flow-definition.ts';
import { isMain } from './is-main.ts';
import { isLoading } from './loading.ts';
import { nameOf } from './names.ts';
import type { FlowRetryOptions } from './retry.ts';
import { retryPolicy } from './retry.ts';
import type { Unwrapped } from './returned-state.ts';
import type { RunContext } from './run-context.ts';
import { runNamer } from './run-name.ts';
import type { ServeOptions } from './serve.ts';
import type { JsonSchema, SchemaInput, SchemaOutput, StandardSchema } from './standard-schema.ts';
import { type FlowHookOptions, stateHooks } from './state-hooks.ts';

export interface FlowOptions<S extends StandardSchema | undefined = undefined, P = S extends StandardSchema ? SchemaOutput<S> : never>
  extends FlowRetryOptions,
    ResultOptions,
    FlowHookOptions {
  /** What people see and deployments name; 1 to 200 characters. Default: the name of the function. */
  readonly name?: string;
  readonly description?: string;
  /** Schema of the parameters, from any library that follows Standard Schema. Default: an object, unchecked. */
  readonly parameters?: S;
  /** JSON Schema of the parameters, for libraries that cannot say theirs; forms in the console are made from it. */
  readonly jsonSchema?: JsonSchema;
  /**
   * Name of a run, from its checked parameters: `({ repos }) => \`stars-${repos.length}\``, or a template: `'stars of {owner.name}'`.
   * It replaces the name that the run was made with. At most 200 characters; one that cannot be made is logged.
   */
  readonly runName?: string | ((parameters: NoInfer<P>) => string);
  /** Longest one attempt of a run may take. Default: none. */
  readonly timeout?: Duration;
  /** Most tasks of one run at once, at least 1; what tasks call is not counted. Default: no limit. */
  readonly maxConcurrency?: number;
}

export interface RunOptions {
  /** Abort it to cancel the run. */
  readonly signal?: AbortSignal;
  readonly tags?: readonly string[];
}

type FlowArguments<I> = Record<string, never> extends I ? [parameters?: I, options?: RunOptions] : [parameters: I, options?: RunOptions];

/** A declared flow. */
export interface Flow<I, R> extends AnyFlow {
  /**
   * Runs it here and gives its result. In a flow it becomes a task run of kind `flow`; outside any run it needs no
   * server and prints what happens.
   * @throws TaskFailedError, TimeoutError or CancelledError inside a flow; outside, what the flow threw.
   */
  (...args: FlowArguments<I>): Promise<R>;
  readonly name: string;
  /** The same flow with some options changed. */
  with(options: Partial<Omit<FlowOptions, 'parameters' | 'jsonSchema'>>): Flow<I, R>;
  /** The function itself, without an engine around it. */
  readonly fn: (parameters: never, ctx: RunContext) => unknown;
  /** The same as calling it. */
  run(...args: FlowArguments<I>): Promise<R>;
  /**
   * At the end of a flow file: when this file is the program (`node flow.ts`), runs the flow with parameters from the
   * command line (`--param key=value`, `--params '{...}'`, `--help`), prints, and sets the exit code. Else nothing.
   * @example await weather.cli(import.meta);
   */
  cli(meta: ImportMeta): Promise<void>;
  /** How and where this flow shall run by itself; a file exports these, `signalbox deploy <file>` sends them. */
  deployment(options: DeploymentOptions<I>): DeploymentDefinition;
  /**
   * Registers a deployment of this flow with a control plane. Without `from` the flow must be an export of the program that
   * was started; elsewhere give `from: import.meta` in the file that exports it. Does nothing, and gives undefined, while the
   * file is only read.
   * @example await stars.deploy({ name: 'prod', pool: 'k8s', interval: '10m' });
   * @throws RangeError when an option is out of range, Error when the flow is not found, SignalboxError when it is refused.
   */
  deploy(options: DeploymentOptions<I>, target?: DeployTarget): Promise<DeployedDeployment | undefined>;
  /**
   * Registers a deployment of this flow, as `deploy` does, then runs the installed agent for its pool (default `local`) until
   * Ctrl-C, as `serve([...])` does. Does nothing while the file is only read.
   * @example await stars.serve({ name: 'daily', cron: '0 8 * * *', timezone: 'Europe/Berlin', parameters: { repos: [] } });
   * @throws as `deploy`; Error when `@signalbox/agent` is not installed or fails.
   */
  serve(options: Omit<DeploymentOptions<I>, 'pool'> & { readonly pool?: string }, serving?: ServeOptions): Promise<void>;
}

/**
 * Declares a flow: with options, by name alone, or as a function that has a name.
 * @example
 * export const hello = flow('hello', async ({ who }: { who?: string }) => `Hello, ${who ?? 'world'}`);
 * export const weather = flow({ name: 'weather', parameters: z.object({ years: z.array(z.int()) }) }, async ({ years }) => ...);
 * @throws RangeError when an option is out of range.
 */
export function flow<S extends StandardSchema, R>(
  options: FlowOptions<S> & { readonly parameters: S },
  fn: (parameters: SchemaOutput<S>, ctx: RunContext) => R,
): Flow<SchemaInput<S>, Unwrapped<Awaited<R>>>;
export function flow<P extends object = Record<string, unknown>, R = unknown>(
  options: FlowOptions<undefined, P> | string,
  fn: (parameters: P, ctx: RunContext) => R,
): Flow<P, Unwrapped<Awaited<R>>>;
export function flow<P extends object = Record<string, unknown>, R = unknown>(
  fn: (parameters: P, ctx: RunContext) => R,
): Flow<P, Unwrapped<Awaited<R>>>;
export function flow(
  first: FlowOptions<StandardSchema | undefined> | string | FlowDefinition['fn'],
  second?: FlowDefinition['fn'],
): Flow<unknown, unknown> {
  const options = typeof first === 'string' ? { name: first } : typeof first === 'function' ? {} : first;
  const fn = (typeof first === 'function' ? first : second) as FlowDefinition['fn'];
  if (typeof fn !== 'function') throw new RangeError('flow: expected a function');
  const definition = define(options, fn);
  const call = async (parameters?: unknown, how: RunOptions = {}): Promise<unknown> => {
    const ctx = findEngineContext();
    if (ctx) return executeSubflow(definition, ctx, parameters);
    // Its author means it for the program alone, most likely: it would run with each deploy, and with each run of an agent.
    if (isLoading())
      console.warn(`flow "${definition.name}" runs because its file is read: call it by .cli(), which runs it for the program alone`);
    const { runLocally } = await import('./engine/run-locally.ts');
    return runLocally(definition, parameters, how);
  };
  const methods = {
    [FLOW]: definition,
    run: call,
    fn,
    with: (changed: Partial<FlowOptions>) => flow({ ...options, ...changed } as FlowOptions, fn),
    cli: async (meta: ImportMeta) => {
      // Asked first: under an agent nothing of a command line is loaded.
      if (!isMain(meta)) return;
      const { runFromCommandLine } = await import('./flow-cli.ts');
      await runFromCommandLine(definition);
    },
    deployment: (given: DeploymentOptions): DeploymentDefinition => ({ [DEPLOYMENT]: true, flow: declared, options: given }),
    deploy: async (given: DeploymentOptions, target?: DeployTarget) => {
      const { deploy } = await import('./deploy.ts');
      const [deployed] = await deploy([{ [DEPLOYMENT]: true, flow: declared, options: given }], target);
      return deployed;
    },
    serve: async (given: Partial<DeploymentOptions> & { readonly name: string }, serving?: ServeOptions) => {
      const { serve } = await import('./serve.ts');
      await serve([{ [DEPLOYMENT]: true, flow: declared, options: { ...given, pool: given.pool ?? 'local' } }], serving);
    },
  };
  Object.defineProperty(call, 'name', { value: definition.name });
  const declared = Object.assign(call, methods) as unknown as Flow<unknown, unknown>;
  return declared;
}

function define(options: FlowOptions<StandardSchema | undefined>, fn: FlowDefinition['fn']): FlowDefinition {
  const name = nameOf(options.name, fn, 'flow');
  const owner = `flow "${name}"`;
  const { maxConcurrency = null } = options;
  if (maxConcurrency !== null && !(Number.isInteger(maxConcurrency) && maxConcurrency >= 1))
    throw new RangeError(`${owner}: maxConcurrency: expected a whole number of at least 1, got ${maxConcurrency}`);
  return {
    name,
    description: options.description ?? '',
    parameters: options.parameters ?? null,
    jsonSchema: options.jsonSchema ?? null,
    retry: retryPolicy(options, owner),
    runName: runNamer(options.runName, owner, ([parameters]) => parameters),
    timeoutMs: options.timeout === undefined ? null : toMs(options.timeout, `${owner}: timeout`),
    results: resultPolicy(options),
    states: stateHooks(options, owner),
    maxConcurrency,
    fn,
  };
}
