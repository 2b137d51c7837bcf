import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { findAgent } from './find-agent.ts';

export async function revokeAgent(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  const client = await context.client();
  const id = await findAgent(client, ref);
  await confirm(context, `Revoke agent ${ref}? It must enrol anew.`, options);
  const agent = await client.agents.revoke.mutate({ agent: id });
  if (context.json) return context.printJson(agent);
  context.print(`Revoked ${agent.name}. Its credential is refused from now on.`);
}
