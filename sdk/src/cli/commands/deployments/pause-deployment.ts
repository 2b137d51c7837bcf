import type { Context, GlobalOptions } from '../../context.ts';
import { expiryOf } from './override-deployment.ts';
import { withSuggestion } from './suggest-deployment.ts';

export async function pauseDeployment(
  context: Context,
  options: GlobalOptions & { reason?: string; expires?: string },
  ref: string,
): Promise<void> {
  const client = await context.client();
  const input = { deployment: ref, reason: options.reason, ...expiryOf(context, options.expires) };
  const deployment = await withSuggestion(client, ref, () => client.deployments.pause.mutate(input));
  if (context.json) return context.printJson(deployment);
  context.print(`Paused ${deployment.flow.name}/${deployment.name}. Runs under way go on.`);
}

export async function resumeDeployment(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const client = await context.client();
  const deployment = await withSuggestion(client, ref, () => client.deployments.resume.mutate({ deployment: ref }));
  if (context.json) return context.printJson(deployment);
  context.print(`Resumed ${deployment.flow.name}/${deployment.name}.`);
}
