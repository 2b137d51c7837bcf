/** All deployments of a project: those its flow files export, and those its configuration declares. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NamedDeployment } from '../config.ts';
import { isNamed } from '../config.ts';
import type { DeploymentDefinition } from '../deployment.ts';
import { DEPLOYMENT, isDeployment } from '../deployment.ts';
import type { AnyFlow } from '../flow-definition.ts';
import { isFlow } from '../flow-definition.ts';
import { loadModule } from '../loading.ts';
import { hintFor, listFlowFiles } from './discover-flows.ts';
import type { Project } from './find-config.ts';
import { useLoader } from './use-loader.ts';

interface FoundFlow {
  readonly flow: AnyFlow;
  readonly url: string;
}

/**
 * In the order: flow files by name, then the configuration. One that the configuration declares wins over one of the same
 * name in a flow file. Imports all flow files.
 * @throws Error naming the file that cannot be imported, or the deployment whose flow no file exports.
 */
export async function projectDeployments(project: Project): Promise<DeploymentDefinition[]> {
  await useLoader(project);
  const flows = new Map<string, FoundFlow>();
  const deployments = new Map<string, DeploymentDefinition>();
  const add = (each: DeploymentDefinition) => deployments.set(`${each.flow.name}/${each.options.name}`, each);
  for (const file of listFlowFiles(project)) {
    const url = pathToFileURL(path.join(project.root, file)).href;
    const values = Object.values(await read(file, url));
    for (const flow of values.filter(isFlow)) if (!flows.has(flow.name)) flows.set(flow.name, { flow, url });
    for (const each of values.flat().filter(isDeployment)) add(from(each, url));
  }
  for (const declared of project.config.deployments ?? []) {
    if (isNamed(declared)) add(ofName(project, declared, flows));
    else add(from(declared, flows.get(declared.flow.name)?.url ?? pathToFileURL(project.configFile ?? '').href));
  }
  return [...deployments.values()].map((each) => withLoader(each, project.config.loader));
}

async function read(file: string, url: string): Promise<Record<string, unknown>> {
  try {
    return await loadModule(url);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const hint = hintFor((cause as { code?: string }).code ?? null, message);
    throw new Error(`${file}: ${message}${hint ? `\n  ${hint}` : ''}`, { cause });
  }
}

function from(definition: DeploymentDefinition, url: string): DeploymentDefinition {
  return { ...definition, options: { ...definition.options, from: definition.options.from ?? { url } } };
}

function ofName(
  project: Project,
  { flow: name, ...options }: NamedDeployment,
  flows: ReadonlyMap<string, FoundFlow>,
): DeploymentDefinition {
  const found = flows.get(name);
  if (found) return from({ [DEPLOYMENT]: true, flow: found.flow, options }, found.url);
  const known = [...flows.keys()].join(', ') || 'none';
  throw new Error(
    `${project.configFile}: deployments: expected the name of a flow that a file exports (${known}), got "${name}"; signalbox doctor says why others were not found`,
  );
}

/** Wherever it runs, Node reads the flow file as it was read here. */
export function withLoader(definition: DeploymentDefinition, loader: string | undefined): DeploymentDefinition {
  if (loader === undefined) return definition;
  const { variables = {} } = definition.options;
  const given = Array.isArray(variables['nodeArgs']) ? variables['nodeArgs'] : [];
  return { ...definition, options: { ...definition.options, variables: { ...variables, nodeArgs: [`--import=${loader}`, ...given] } } };
}
