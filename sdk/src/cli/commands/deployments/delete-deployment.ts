import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { withSuggestion } from './suggest-deployment.ts';

export async function deleteDeployment(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  await confirm(context, `Delete deployment ${ref} and its schedules?`, options);
  const client = await context.client();
  const reply = await withSuggestion(client, ref, () => client.deployments.delete.mutate({ deployment: ref }));
  if (context.json) return context.printJson(reply);
  context.print(`Deleted ${ref}.`);
}
