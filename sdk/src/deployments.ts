/**
 * Deployments as code. A file exports what `weather.deployment({...})` gives, one by one or in lists, under any
 * export names; `signalbox deploy <file>` reads it with {@link loadDeployments} and sends what
 * {@link toDeployInput} makes of each.
 *
 * ```ts
 * // flow.ts                                       // or signalbox.config.ts beside it
 * export const deployments = defineDeployments([   import { weather } from './flow.ts';
 *   weather.deployment({ name: 'daily', pool: 'local', schedules: [cron('0 6 * * *')] }),
 * ]);                                              // there with `entrypoint: './flow.ts'` in each
 * ```
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { DeployInput } from '@signalbox/proto/api';
import { isBackgroundFlow } from './background.ts';
import type { DeploymentDefinition, DeploymentOptions } from './deployment.ts';
import { isDeployment } from './deployment.ts';
import { deploymentSchedules } from './deployment-schedules.ts';
import { digestFolder } from './digest.ts';
import { toMs } from './duration.ts';
import { findExport } from './find-export.ts';
import type { AnyFlow, FlowDefinition } from './flow-definition.ts';
import { FLOW, isFlow } from './flow-definition.ts';
import { loadModule } from './loading.ts';
import { ownProgram } from './program-file.ts';
import { toScheduleInput } from './schedules.ts';
import type { JsonSchema } from './standard-schema.ts';
import { toJsonSchema } from './standard-schema.ts';

/**
 * All deployments a file exports, in the order of its export names, each with the file as its `from` where it names none.
 * @throws Error when the file does not exist or exports no deployment; the message says what it does export.
 */
export async function loadDeployments(file: string): Promise<readonly DeploymentDefinition[]> {
  const absolute = path.resolve(file);
  if (!existsSync(absolute)) throw new Error(`no such file: ${absolute}`);
  const url = pathToFileURL(absolute).href;
  const exports = Object.values(await loadModule(url));
  const found = new Set(exports.flat().filter(isDeployment));
  if (found.size === 0) {
    const flows = exports.filter(isFlow).map((flow) => flow.name);
    const example = `export const deployments = defineDeployments([${flows[0] ?? 'myFlow'}.deployment({ name: 'default', pool: 'local' })]);`;
    throw new Error(`${absolute} exports no deployment (flows: ${flows.join(', ') || 'none'}). Add, for example:\n  ${example}`);
  }
  return [...found].map((found) => ({ ...found, options: { ...found.options, from: found.options.from ?? { url } } }));
}

/**
 * What `deployments.deploy` takes: where the code is, its digest, its schema. Imports the flow's file.
 * @throws RangeError when an option is out of range; Error when the file does not export the flow, or the folder is too large
 * to be digested.
 */
export async function toDeployInput({ flow, options }: DeploymentDefinition): Promise<DeployInput> {
  const definition = flow[FLOW];
  const { name, pool, description, queue, isolation, onLostAgent, variables, concurrencyLimit, concurrency, grace, startTimeout } = options;
  const parameterSchema = schemaOf(definition);
  const schedules = deploymentSchedules(options, `deployment "${definition.name}/${name}"`);
  const source = await findSource(flow, options);
  const { retries, delaysMs, jitter } = definition.retry;
  return {
    flow: definition.name,
    name,
    kind: isBackgroundFlow(flow) ? 'task' : undefined,
    pool,
    queue,
    isolation,
    onLostAgent,
    variables,
    concurrencyLimit,
    concurrency,
    // What the author left out is left to the other layers: absent is not the same as empty.
    description: description ?? (definition.description || undefined),
    tags: options.tags && [...options.tags],
    source,
    digest: await digestFolder(source.root),
    parameterSchema: parameterSchema ?? undefined,
    parameters: options.parameters && { ...options.parameters },
    retry: retries > 0 ? { retries, delaysMs: [...delaysMs], ...(jitter > 0 ? { jitter } : {}) } : undefined,
    timeoutMs: definition.timeoutMs ?? undefined,
    graceMs: grace === undefined ? undefined : toMs(grace, 'grace'),
    startTimeoutMs: startTimeout === undefined ? undefined : toMs(startTimeout, 'startTimeout'),
    schedules: schedules?.map((schedule, i) => toScheduleInput(schedule, i + 1)),
    triggers: options.triggers && [...options.triggers],
    slas: options.slas?.map(({ within, ...sla }, i) => ({ ...sla, seconds: toMs(within, `slas.${i}.within`) / 1_000 })),
  };
}

/** Null when nothing is known of the parameters: they are checked where the flow runs, and there is no form for them. */
function schemaOf({ name, jsonSchema, parameters }: FlowDefinition): JsonSchema | null {
  if (jsonSchema !== null || parameters === null) return jsonSchema;
  try {
    return toJsonSchema(parameters);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const help = 'parameters arrive as JSON, so use types that JSON has, or give the flow a jsonSchema';
    throw new Error(`flow "${name}": parameters: expected a schema that can be written as JSON Schema (${help}), got: ${reason}`, {
      cause,
    });
  }
}

interface PathSource {
  readonly kind: 'path';
  readonly root: string;
  readonly entrypoint: string;
  readonly exportName: string;
}

async function findSource(flow: AnyFlow, options: DeploymentOptions): Promise<PathSource> {
  const deployment = `deployment "${flow.name}/${options.name}"`;
  const from = options.from ?? ownProgram();
  if (!from) throw new Error(`${deployment}: from: expected import.meta of the file that exports the flow, got nothing`);
  const file = new URL(options.entrypoint ?? '', from.url);
  const exportName = await findExport(file, flow);
  const entry = fileURLToPath(file);
  if (!exportName) {
    const help = options.from
      ? 'export it, or name the file that does as entrypoint'
      : 'without from it must be an export of the program that was started; export it there, or give from: import.meta in the file that exports it';
    throw new Error(`${deployment}: ${entry} does not export the flow; ${help}`);
  }
  const root = options.root === undefined ? packageFolder(entry) : fileURLToPath(new URL(options.root, from.url));
  return { kind: 'path', root: path.resolve(root), entrypoint: path.relative(root, entry), exportName };
}

/** The nearest folder upwards with a package.json, else the file's own. */
function packageFolder(file: string): string {
  const own = path.dirname(file);
  for (let folder = own; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json'))) return folder;
    if (path.dirname(folder) === folder) return own;
  }
}
