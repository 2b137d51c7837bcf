import type { Context, GlobalOptions } from '../../context.ts';
import { relative } from '../../output/time.ts';
import { agentStatus } from './agent-status.ts';

export async function listAgents(context: Context, options: GlobalOptions & { pool?: string }): Promise<void> {
  const page = await (await context.client()).agents.list.query({ pool: options.pool, limit: 200 });
  if (context.json) return context.printJson(page);
  const { style } = context;
  context.printTable(
    page.items,
    [
      { header: 'AGENT', value: (agent) => agent.name, min: 10 },
      { header: 'STATUS', value: (agent) => agentStatus(agent, style) },
      { header: 'POOL', value: (agent) => agent.pool.name, drop: 2 },
      { header: 'RUNNING', value: (agent) => `${agent.held}/${agent.slots ?? '-'}`, align: 'right' },
      { header: 'SEEN', value: (agent) => (agent.lastSeenAt ? relative(agent.lastSeenAt, context.host.now()) : 'never'), drop: 1 },
      { header: 'VERSION', value: (agent) => agent.version ?? '-', drop: 3 },
      { header: 'ID', value: (agent) => style.dim(agent.id), drop: 4 },
    ],
    'No agents. Make a join code with `signalbox agents join-code POOL`.',
  );
}
