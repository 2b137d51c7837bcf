/** What a file deploys: one that exports deployments, or the configuration of a project. */
import type { DeployInput } from '@signalbox/proto/api';
import { loadDeployments, toDeployInput } from '../../../deployments.ts';
import { hintFor } from '../../../project/discover-flows.ts';
import { findConfig, isConfigFile, loadProject } from '../../../project/find-config.ts';
import { projectDeployments, withLoader } from '../../../project/project-deployments.ts';
import { useLoader } from '../../../project/use-loader.ts';
import { CliError } from '../../cli-error.ts';

/** @throws CliError when there is none. */
export function nearestConfig(): string {
  const found = findConfig(process.cwd());
  if (found) return found;
  throw new CliError(`no signalbox.config.ts in ${process.cwd()} or above`, {
    hint: 'name the files that export deployments (signalbox deploy flow.ts), or make a project with signalbox init',
  });
}

/** @throws CliError naming the file and what is wrong. */
export async function readFile(file: string): Promise<DeployInput[]> {
  try {
    return await Promise.all((await deploymentsOf(file)).map(toDeployInput));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const hint = hintFor((error as NodeJS.ErrnoException).code ?? null, message);
    throw new CliError(message.includes(file) ? message : `${file}: ${message}`, { cause: error, hint: hint ?? undefined });
  }
}

async function deploymentsOf(file: string) {
  if (isConfigFile(file)) {
    const deployments = await projectDeployments(await loadProject(process.cwd(), file));
    if (deployments.length === 0)
      throw new Error('declares no deployment, and no flow file exports one: signalbox doctor says what was found');
    return deployments;
  }
  const project = await loadProject(process.cwd());
  await useLoader(project);
  return (await loadDeployments(file)).map((each) => withLoader(each, project.config.loader));
}
