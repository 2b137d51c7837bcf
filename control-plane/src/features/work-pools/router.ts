import { createWorkPoolInput, listWorkPoolsInput, updateWorkPoolInput, upsertWorkQueueInput, workPoolRefInput } from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import { deleteWorkPool } from './delete-work-pool.ts';
import { createWorkPool, getWorkPool, listWorkPools, pauseWorkPool, resumeWorkPool, updateWorkPool, upsertWorkQueue } from './service.ts';

export const workPoolsRouter = {
  list: query({ scope: 'pools:read', input: listWorkPoolsInput, run: listWorkPools }),
  get: query({ scope: 'pools:read', input: workPoolRefInput, run: getWorkPool }),
  create: command({ scope: 'pools:write', action: 'work-pool.create', input: createWorkPoolInput, run: createWorkPool }),
  update: command({ scope: 'pools:write', action: 'work-pool.update', input: updateWorkPoolInput, run: updateWorkPool }),
  pause: command({ scope: 'pools:operate', action: 'work-pool.pause', input: workPoolRefInput, run: pauseWorkPool }),
  resume: command({ scope: 'pools:operate', action: 'work-pool.resume', input: workPoolRefInput, run: resumeWorkPool }),
  delete: command({ scope: 'pools:write', action: 'work-pool.delete', input: workPoolRefInput, run: deleteWorkPool }),
  upsertQueue: command({ scope: 'pools:write', action: 'work-queue.upsert', input: upsertWorkQueueInput, run: upsertWorkQueue }),
};
