import {
  createWorkPoolInput,
  listSlotsInput,
  listWorkPoolsInput,
  moveWorkQueueInput,
  setPoolTemplateInput,
  updateWorkPoolInput,
  upsertWorkQueueInput,
  workPoolRefInput,
  workQueueRefInput,
} from '@signalbox/proto/api';
import { command, query } from '../../platform/command.ts';
import { deleteWorkPool } from './delete-work-pool.ts';
import { deleteWorkQueue, moveWorkQueue, pauseWorkQueue, resumeWorkQueue, upsertWorkQueue } from './queues.ts';
import { createWorkPool, getWorkPool, listSlots, listWorkPools, pauseWorkPool, resumeWorkPool, updateWorkPool } from './service.ts';
import { getPoolTemplate, setPoolTemplate } from './template.ts';

export const workPoolsRouter = {
  list: query({ scope: 'pools:read', single: true, input: listWorkPoolsInput, run: listWorkPools }),
  get: query({ scope: 'pools:read', single: true, input: workPoolRefInput, run: getWorkPool }),
  create: command({ scope: 'pools:write', action: 'work-pool.create', input: createWorkPoolInput, run: createWorkPool }),
  update: command({ scope: 'pools:write', single: true, action: 'work-pool.update', input: updateWorkPoolInput, run: updateWorkPool }),
  pause: command({ scope: 'pools:operate', single: true, action: 'work-pool.pause', input: workPoolRefInput, run: pauseWorkPool }),
  resume: command({ scope: 'pools:operate', single: true, action: 'work-pool.resume', input: workPoolRefInput, run: resumeWorkPool }),
  delete: command({ scope: 'pools:write', single: true, action: 'work-pool.delete', input: workPoolRefInput, run: deleteWorkPool }),
  slots: query({ scope: 'pools:read', single: true, input: listSlotsInput, run: listSlots }),
  getTemplate: query({ scope: 'pools:read', single: true, input: workPoolRefInput, run: getPoolTemplate }),
  setTemplate: command({
    scope: 'pools:write',
    single: true,
    action: 'work-pool.set-template',
    input: setPoolTemplateInput,
    run: setPoolTemplate,
  }),
  upsertQueue: command({
    scope: 'pools:write',
    single: true,
    action: 'work-queue.upsert',
    input: upsertWorkQueueInput,
    run: upsertWorkQueue,
  }),
  moveQueue: command({ scope: 'pools:write', single: true, action: 'work-queue.move', input: moveWorkQueueInput, run: moveWorkQueue }),
  pauseQueue: command({ scope: 'pools:operate', single: true, action: 'work-queue.pause', input: workQueueRefInput, run: pauseWorkQueue }),
  resumeQueue: command({
    scope: 'pools:operate',
    single: true,
    action: 'work-queue.resume',
    input: workQueueRefInput,
    run: resumeWorkQueue,
  }),
  deleteQueue: command({ scope: 'pools:write', single: true, action: 'work-queue.delete', input: workQueueRefInput, run: deleteWorkQueue }),
};
