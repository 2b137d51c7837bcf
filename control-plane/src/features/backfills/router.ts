import { backfillRefInput, cancelBackfillInput, createBackfillInput, listBackfillsInput } from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import { createBackfill } from './create-backfill.ts';
import { cancelBackfill, getBackfill, listBackfills, pauseBackfill, resumeBackfill } from './service.ts';

export const backfillsRouter = {
  list: query({ scope: 'deployments:read', single: true, input: listBackfillsInput, run: listBackfills }),
  get: query({ scope: 'deployments:read', single: true, input: backfillRefInput, run: getBackfill }),
  create: command({ scope: 'runs:create', single: true, action: 'backfill.create', input: createBackfillInput, run: createBackfill }),
  pause: command({ scope: 'deployments:operate', single: true, action: 'backfill.pause', input: backfillRefInput, run: pauseBackfill }),
  resume: command({ scope: 'deployments:operate', single: true, action: 'backfill.resume', input: backfillRefInput, run: resumeBackfill }),
  cancel: command({ scope: 'runs:cancel', single: true, action: 'backfill.cancel', input: cancelBackfillInput, run: cancelBackfill }),
};
