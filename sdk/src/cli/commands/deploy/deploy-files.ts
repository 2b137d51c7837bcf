import type { DeployInput } from '@signalbox/proto/api';
import { isSignalboxError } from '../../../client/index.ts';
import { type DeployedDeployment, deployBlockTypes, deployLimits } from '../../../deploy.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { harmless } from '../../output/width.ts';
import { printDeployed } from './print-deployed.ts';
import { nearestConfig, readFile } from './read-file.ts';

/** All files are read before anything is sent, so that a slip in the last one leaves nothing half deployed. */
export async function deployFiles(context: Context, options: GlobalOptions & { dryRun?: boolean }, files: string[]): Promise<void> {
  const inputs: DeployInput[] = [];
  for (const file of files.length > 0 ? files : [nearestConfig()]) inputs.push(...(await readFile(file)));
  const client = await context.client();
  const replies: DeployedDeployment[] = [];
  for (const input of inputs) {
    try {
      const reply = await client.deployments[options.dryRun ? 'plan' : 'deploy'].mutate(input);
      replies.push(reply);
      if (!context.json) printDeployed(context, reply);
    } catch (error) {
      // Which one it was; the error itself speaks of fields only.
      if (isSignalboxError(error)) error.message = `${input.flow}/${input.name}: ${error.message}`;
      throw error;
    }
  }
  // Limits and types of blocks that code names are made, which a dry run does not.
  const limits = options.dryRun ? [] : await deployLimits(client);
  const blockTypes = options.dryRun ? [] : await deployBlockTypes(client);
  if (context.json) return context.printJson(replies);
  if (options.dryRun) return context.note(context.style.dim('Nothing was written: this is what a deploy would do.'));
  for (const limit of limits) showLimit(context, limit);
  for (const type of blockTypes) context.print(`${context.style.bold(`block type ${harmless(type)}`)}  as the code declares it`);
  const [first] = replies;
  if (first) context.note(context.style.dim(`Run it: signalbox run ${first.deployment.flow.name}/${first.deployment.name} --watch`));
}

function showLimit(context: Context, { name, created, differs }: Awaited<ReturnType<typeof deployLimits>>[number]): void {
  const { style } = context;
  const what = created ? style.green('created') : differs.length > 0 ? style.yellow('left as it is') : style.dim('unchanged');
  context.print(`${style.bold(`limit ${harmless(name)}`)}  ${what}`);
  context.print(...differs.map((difference) => `  ${style.dim('~')} ${harmless(difference)}`));
}
