import {
  assignFailureGroupInput,
  failureGroupRefInput,
  listFailureGroupsInput,
  muteFailureGroupInput,
  resolveFailureGroupInput,
  retryFailureGroupInput,
} from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import {
  acknowledgeGroup,
  assignGroup,
  getFailureGroup,
  listFailureGroups,
  muteGroup,
  reopenGroup,
  resolveGroup,
  retryGroup,
} from './service.ts';

export const failuresRouter = {
  list: query({ scope: 'runs:read', input: listFailureGroupsInput, run: listFailureGroups }),
  get: query({ scope: 'runs:read', input: failureGroupRefInput, run: getFailureGroup }),
  acknowledge: command({
    scope: 'failures:triage',
    action: 'failure-group.acknowledge',
    input: failureGroupRefInput,
    run: acknowledgeGroup,
  }),
  assign: command({ scope: 'failures:triage', action: 'failure-group.assign', input: assignFailureGroupInput, run: assignGroup }),
  mute: command({ scope: 'failures:triage', action: 'failure-group.mute', input: muteFailureGroupInput, run: muteGroup }),
  resolve: command({ scope: 'failures:triage', action: 'failure-group.resolve', input: resolveFailureGroupInput, run: resolveGroup }),
  reopen: command({ scope: 'failures:triage', action: 'failure-group.reopen', input: failureGroupRefInput, run: reopenGroup }),
  retry: command({ scope: 'runs:retry', action: 'failure-group.retry', input: retryFailureGroupInput, run: retryGroup }),
};
