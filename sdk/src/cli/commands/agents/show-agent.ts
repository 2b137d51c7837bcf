import { formatMs } from '../../../duration.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { instant } from '../../output/time.ts';
import { agentStatus } from './agent-status.ts';
import { findAgent } from './find-agent.ts';

/** From this on a clock is worth mentioning; nothing depends on it. */
const OFFSET_SHOWN_MS = 1_000;

export async function showAgent(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const client = await context.client();
  const agent = await client.agents.get.query({ agent: await findAgent(client, ref) });
  if (context.json) return context.printJson(agent);
  const { style } = context;
  const now = context.host.now();
  const offset = agent.clockOffsetMs ?? 0;
  context.print(`${style.bold(agent.name)}  ${agentStatus(agent, style)}`, '');
  context.printFields([
    ['id', agent.id],
    ['pool', agent.pool.name],
    ['running', `${agent.held} of ${agent.slots ?? '-'}`],
    ['warm', agent.warm === null ? null : String(agent.warm)],
    ['spool', agent.spoolBytes ? `${agent.spoolBytes} bytes not yet reported` : null],
    ['version', agent.version],
    [
      'host',
      agent.host &&
        Object.entries(agent.host)
          .map(([key, value]) => `${key} ${String(value)}`)
          .join(', '),
    ],
    ['clock', Math.abs(offset) >= OFFSET_SHOWN_MS ? `${formatMs(Math.abs(offset))} ${offset > 0 ? 'ahead' : 'behind'}` : null],
    ['last seen', instant(agent.lastSeenAt, now)],
    ['enrolled', instant(agent.createdAt, now)],
  ]);
}
