import { isNamed } from '../../../config.ts';
import type { DeploymentDefinition } from '../../../deployment.ts';
import { toDeployInput } from '../../../deployments.ts';
import { type DiscoveredFile, discoverFlows } from '../../../project/discover-flows.ts';
import { findConfig, loadProject, type Project } from '../../../project/find-config.ts';
import { projectDeployments } from '../../../project/project-deployments.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';
import { checkControlPlane } from './check-control-plane.ts';
import { checkAgentPackage, checkNode, checkSdk } from './check-machine.ts';
import type { Finding } from './finding.ts';

/** Answers 0 when nothing failed, 6 when all that failed is the control plane, else 2. */
export async function runDoctor(context: Context, options: GlobalOptions & { offline?: boolean }, folder: string): Promise<number> {
  const findings: Finding[] = [checkNode(), checkSdk(folder), checkAgentPackage(folder)];
  const { project, finding } = await readProject(folder);
  findings.push(finding);
  let files: DiscoveredFile[] = [];
  try {
    files = project ? await discoverFlows(project) : [];
  } catch (error) {
    findings.push({ check: 'flow files', status: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
  if (project) findings.push(...checkFiles(project, files), ...(await checkDeployments(project)));
  const remote = options.offline ? [] : await checkControlPlane(context, project ? poolsOf(project) : []);
  findings.push(...remote);

  if (context.json) context.printJson({ findings, files });
  else print(context, findings, files);
  const failed = findings.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return EXIT.ok;
  return failed.every((each) => remote.includes(each)) ? EXIT.unavailable : EXIT.invalidInput;
}

async function readProject(folder: string): Promise<{ project: Project | null; finding: Finding }> {
  const check = 'configuration';
  const configFile = findConfig(folder);
  try {
    const project = await loadProject(folder, configFile);
    const message = configFile ?? 'no signalbox.config.ts: flow files are looked for under their usual names';
    return { project, finding: { check, status: 'ok', message } };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      project: null,
      finding: { check, status: 'failed', message: message.includes('signalbox.config') ? message : `${configFile}: ${message}` },
    };
  }
}

function checkFiles(project: Project, files: readonly DiscoveredFile[]): Finding[] {
  const check = 'flow files';
  const flows = files.flatMap(({ file, flows: found }) => found.map(({ name }) => ({ name, file })));
  const findings: Finding[] = [];
  if (flows.length === 0) {
    const message = files.length === 0 ? `no file of ${project.root} matches` : `none of ${files.length} files gives a flow`;
    const hint = files.length === 0 ? "name them: flows: ['src/**/*.ts'] in signalbox.config.ts" : 'the reasons stand above';
    findings.push({ check, status: 'failed', message, hint });
  }
  const byName = Map.groupBy(flows, ({ name }) => name);
  for (const [name, several] of byName) {
    const where = [...new Set(several.map(({ file }) => file))];
    if (where.length > 1) {
      const hint = 'a deployment by name takes the first; give one another name';
      findings.push({ check, status: 'warning', message: `the flow ${name} is exported by ${where.join(' and ')}`, hint });
    }
  }
  const broken = files.filter(({ why, flows: found }) => why !== null && found.length === 0);
  if (broken.length > 0 && flows.length > 0)
    findings.push({ check, status: 'warning', message: `${broken.length} of ${files.length} files give no flow (reasons above)` });
  for (const declared of project.config.deployments ?? []) {
    if (!isNamed(declared) || byName.has(declared.flow)) continue;
    const message = `the deployment ${declared.flow}/${declared.name} names a flow that no file exports`;
    findings.push({ check, status: 'failed', message });
  }
  return findings;
}

/** Whether each deployment leads to code that an agent could load: its file, its export, its folder. */
async function checkDeployments(project: Project): Promise<Finding[]> {
  const check = 'deployments';
  let definitions: DeploymentDefinition[];
  try {
    definitions = await projectDeployments(project);
  } catch (error) {
    // The file that fails is named among the files; without it nothing can be deployed.
    const message = error instanceof Error ? error.message : String(error);
    return [{ check, status: 'warning', message, hint: 'signalbox deploy refuses while this is so' }];
  }
  const findings = await Promise.all(
    definitions.map(async (definition): Promise<Finding[]> => {
      const name = `${definition.flow.name}/${definition.options.name}`;
      try {
        await toDeployInput(definition);
        return [];
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return [{ check: `deployment ${name}`, status: 'failed', message, hint: 'signalbox deploy refuses it for the same reason' }];
      }
    }),
  );
  const broken = findings.flat();
  if (definitions.length === 0 || broken.length > 0) return broken;
  return [{ check, status: 'ok', message: `${definitions.length} lead to code that an agent can load` }];
}

function poolsOf({ config }: Project): string[] {
  return [...new Set((config.deployments ?? []).map((each) => (isNamed(each) ? each.pool : each.options.pool)))];
}

function print(context: Context, findings: readonly Finding[], files: readonly DiscoveredFile[]): void {
  const { style } = context;
  const signs = { ok: style.green('✓'), warning: style.yellow('!'), failed: style.red('✗') };
  for (const { file, flows, deployments, why, hint } of files) {
    for (const flow of flows)
      context.print(`${signs.ok} flow ${style.bold(flow.name)}  ${style.dim(`${file} (export ${flow.exportName})`)}`);
    for (const name of deployments) context.print(`    ${style.dim(`deployment ${name}`)}`);
    if (why !== null) context.print(`${signs.warning} ${file}: ${why}`);
    if (hint !== null) context.print(`    ${style.dim(hint)}`);
  }
  for (const { check, status, message, hint } of findings) {
    context.print(`${signs[status]} ${check}: ${message}`);
    if (hint) context.print(`    ${style.dim(hint)}`);
  }
}
