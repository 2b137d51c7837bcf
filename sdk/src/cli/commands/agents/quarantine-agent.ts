import type { Context, GlobalOptions } from '../../context.ts';
import { findAgent } from './find-agent.ts';

export async function quarantineAgent(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const client = await context.client();
  const agent = await client.agents.quarantine.mutate({ agent: await findAgent(client, ref) });
  if (context.json) return context.printJson(agent);
  context.print(`${agent.name} is in quarantine: it finishes ${agent.held} ${agent.held === 1 ? 'run' : 'runs'} and is given nothing new.`);
}

export async function releaseAgent(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const client = await context.client();
  const agent = await client.agents.release.mutate({ agent: await findAgent(client, ref) });
  if (context.json) return context.printJson(agent);
  context.print(`${agent.name} is given runs again.`);
}
