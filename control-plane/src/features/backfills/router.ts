import { backfillRefInput, cancelBackfillInput, createBackfillInput, listBackfillsInput } from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import { createBackfill } from './create-backfill.ts';
import { cancelBackfill, getBackfill, listBackfills, pauseBackfill, resumeBackfill } from './service.ts';

export const backfillsRouter = {
  list: query({ scope: 'deployments:read', input: listBackfillsInput, run: listBackfills }),
  get: query({ scope: 'deployments:read', input: backfillRefInput, run: getBackfill }),
  create: command({ scope: 'runs:create', action: 'backfill.create', input: createBackfillInput, run: createBackfill }),
  pause: command({ scope: 'deployments:operate', action: 'backfill.pause', input: backfillRefInput, run: pauseBackfill }),
  resume: command({ scope: 'deployments:operate', action: 'backfill.resume', input: backfillRefInput, run: resumeBackfill }),
  cancel: command({ scope: 'runs:cancel', action: 'backfill.cancel', input: cancelBackfillInput, run: cancelBackfill }),
};
