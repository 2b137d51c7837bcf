import type { Context, GlobalOptions } from '../../context.ts';
import { findAgent } from './find-agent.ts';

export async function drainAgent(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const client = await context.client();
  const agent = await client.agents.drain.mutate({ agent: await findAgent(client, ref) });
  if (context.json) return context.printJson(agent);
  context.print(`Draining ${agent.name}: ${agent.held} ${agent.held === 1 ? 'run' : 'runs'} to finish, no new ones.`);
}
