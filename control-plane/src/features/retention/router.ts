import { placeHoldInput, releaseHoldInput, setRetentionInput } from '@signalbox/proto/api';
import { z } from 'zod';
import { command, query } from '../../platform/command.ts';
import { placeHold, releaseHold } from './hold.ts';
import { getRetention, setRetention } from './service.ts';

export const retentionRouter = {
  get: query({ scope: 'workspace:read', input: z.void(), run: getRetention }),
  set: command({ scope: 'workspace:write', action: 'retention.set', input: setRetentionInput, run: setRetention }),
  hold: command({ scope: 'workspace:write', action: 'retention.hold', input: placeHoldInput, run: placeHold }),
  release: command({ scope: 'workspace:write', action: 'retention.release', input: releaseHoldInput, run: releaseHold }),
};
