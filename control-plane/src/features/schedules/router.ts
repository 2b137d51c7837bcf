import { toUuid } from '@signalbox/proto';
import { previewScheduleInput, setScheduleActiveInput } from '@signalbox/proto/api';
import { audited } from '../../platform/audit.ts';
import { command, query } from '../../platform/command.ts';
import { previewSchedule } from './preview-schedule.ts';
import { setScheduleActive } from './set-schedule-active.ts';
import { databaseNow } from './store.ts';

export const schedulesRouter = {
  preview: query({
    scope: 'deployments:read',
    input: previewScheduleInput,
    run: async (ctx, input) => previewSchedule(input, await databaseNow(ctx.tx)),
  }),
  setActive: command({
    scope: 'deployments:operate',
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
