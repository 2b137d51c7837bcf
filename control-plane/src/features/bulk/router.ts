import {
  bulkJobRefInput,
  listBulkJobsInput,
  previewBulkInput,
  startBulkInput,
  startBulkRetryInput,
  startBulkSetStateInput,
} from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import { TITLE } from '../runs/index.ts';
import { getJob, listJobs } from './read-jobs.ts';
import { previewJob, startJob } from './start-job.ts';
import { pauseJob, resumeJob, stopJob } from './steer-job.ts';

// One command an action, each behind the scope of its single one.
export const bulkRouter = {
  preview: query({ scope: 'runs:read', input: previewBulkInput, run: previewJob }),
  cancel: command({
    scope: 'runs:cancel',
    action: 'bulk.cancel',
    input: startBulkInput,
    run: (ctx, input) => startJob(ctx, 'cancel', input),
  }),
  retry: command({
    scope: 'runs:retry',
    action: 'bulk.retry',
    input: startBulkRetryInput,
    run: (ctx, input) => startJob(ctx, 'retry', input, { mode: input.mode }),
  }),
  delete: command({
    scope: 'runs:delete',
    action: 'bulk.delete',
    input: startBulkInput,
    run: (ctx, input) => startJob(ctx, 'delete', input),
  }),
  setState: command({
    scope: 'runs:set-state',
    action: 'bulk.set-state',
    input: startBulkSetStateInput,
    run: (ctx, input) => startJob(ctx, 'set-state', input, { type: input.type, name: input.name ?? TITLE[input.type] }),
  }),
  list: query({ scope: 'runs:read', input: listBulkJobsInput, run: listJobs }),
  get: query({ scope: 'runs:read', input: bulkJobRefInput, run: getJob }),
  pause: command({ scope: 'runs:cancel', action: 'bulk.pause', input: bulkJobRefInput, run: pauseJob }),
  resume: command({ scope: 'runs:cancel', action: 'bulk.resume', input: bulkJobRefInput, run: resumeJob }),
  stop: command({ scope: 'runs:cancel', action: 'bulk.stop', input: bulkJobRefInput, run: stopJob }),
};
