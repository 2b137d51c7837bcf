import { agentRefInput, createJoinCodeInput, listAgentsInput } from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import { createJoinCode } from './join-code.ts';
import { drainAgent, getAgent, listAgents, quarantineAgent, releaseAgent, revokeAgent } from './service.ts';

export const agentsRouter = {
  list: query({ scope: 'agents:read', single: true, input: listAgentsInput, run: listAgents }),
  get: query({ scope: 'agents:read', single: true, input: agentRefInput, run: getAgent }),
  createJoinCode: command({
    scope: 'agents:enroll',
    single: true,
    action: 'agent.create-join-code',
    input: createJoinCodeInput,
    run: createJoinCode,
  }),
  revoke: command({ scope: 'agents:manage', single: true, action: 'agent.revoke', input: agentRefInput, run: revokeAgent }),
  drain: command({ scope: 'agents:manage', single: true, action: 'agent.drain', input: agentRefInput, run: drainAgent }),
  quarantine: command({ scope: 'agents:manage', single: true, action: 'agent.quarantine', input: agentRefInput, run: quarantineAgent }),
  release: command({ scope: 'agents:manage', single: true, action: 'agent.release', input: agentRefInput, run: releaseAgent }),
};
