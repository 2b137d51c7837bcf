import { toUuid } from '@signalbox/proto';
import {
  createScheduleInput,
  listFindingsInput,
  listFiresInput,
  previewScheduleInput,
  scheduleRefInput,
  setScheduleActiveInput,
  skipFireInput,
  unskipFireInput,
  upcomingFiresInput,
  updateScheduleInput,
} from '@signalbox/proto/api';
import { audited } from '../../platform/audit.ts';
import { command, query } from '../../platform/command.ts';
import { listFindings, listFires } from './list-fires.ts';
import { createSchedule, deleteSchedule, updateSchedule } from './operator-schedules.ts';
import { setScheduleActive } from './set-schedule-active.ts';
import { skipFire, unskipFire } from './skip-fire.ts';
import { listUpcoming, previewSchedule } from './upcoming-fires.ts';

export const schedulesRouter = {
  preview: query({ scope: 'deployments:read', single: true, input: previewScheduleInput, run: previewSchedule }),
  upcoming: query({ scope: 'deployments:read', single: true, input: upcomingFiresInput, run: listUpcoming }),
  fires: query({ scope: 'deployments:read', single: true, input: listFiresInput, run: listFires }),
  findings: query({ scope: 'deployments:read', single: true, input: listFindingsInput, run: listFindings }),
  create: command({
    scope: 'deployments:operate',
    single: true,
    action: 'schedule.create',
    input: createScheduleInput,
    run: createSchedule,
  }),
  update: command({
    scope: 'deployments:operate',
    single: true,
    action: 'schedule.update',
    input: updateScheduleInput,
    run: updateSchedule,
  }),
  delete: command({ scope: 'deployments:operate', single: true, action: 'schedule.delete', input: scheduleRefInput, run: deleteSchedule }),
  skip: command({ scope: 'deployments:operate', single: true, action: 'schedule.skip', input: skipFireInput, run: skipFire }),
  unskip: command({ scope: 'deployments:operate', single: true, action: 'schedule.unskip', input: unskipFireInput, run: unskipFire }),
  setActive: command({
    scope: 'deployments:operate',
    single: true,
    action: 'schedule.set-active',
    input: setScheduleActiveInput,
    run: async (ctx, input) => {
      const { schedule, before } = await setScheduleActive(ctx.tx, ctx.workspace.id, input);
      ctx.afterCommit(() => ctx.bus.live(ctx.workspace.id, { kind: 'deployment', id: schedule.deployment.id }));
      const id = toUuid('schedule', schedule.id);
      return audited(schedule, { target: { kind: 'schedule', id }, before: { active: before.active }, after: { active: schedule.active } });
    },
  }),
};
