import type { Agent } from '@signalbox/proto/api';
import type { Style } from '../../output/style.ts';

/** The agent's status as a colored word. */
export function agentStatus(agent: Agent, style: Style): string {
  const color = { online: style.green, draining: style.yellow, offline: style.gray, quarantined: style.red, revoked: style.red }[
    agent.status
  ];
  return color(agent.status);
}
