/** Deployments and their schedules, paused and resumed as by hand. */
import { isId, toUuid } from '@signalbox/proto';
import { notFound } from '../../../platform/errors.ts';
import { pauseDeployment, resumeDeployment } from '../../deployments/index.ts';
import { setScheduleActive } from '../../schedules/index.ts';
import { type ActionOf, type InsideKind, type Reference, targetOf } from './action-kind.ts';

export const ofDeployment = ({ deployment }: { deployment?: string | undefined }): Reference[] =>
  deployment === undefined ? [] : [{ field: 'deployment', kind: 'deployment', ref: deployment }];

export const pauseDeploymentKind: InsideKind<ActionOf<'pause-deployment'>> = {
  scope: 'deployments:operate',
  audit: 'deployment.pause',
  references: ofDeployment,
  async inside(ctx, action, fired) {
    const deployment = targetOf('deployment', action.deployment, fired);
    const reason = action.reason || `Automation "${fired.automation.name}": ${fired.firing.why}`;
    const { output, facts } = await pauseDeployment(ctx, { deployment, reason: reason.slice(0, 500) });
    return { outcome: { message: `Paused ${output.flow.name}/${output.name}`, target: { kind: 'deployment', id: output.id } }, facts };
  },
};

export const resumeDeploymentKind: InsideKind<ActionOf<'resume-deployment'>> = {
  scope: 'deployments:operate',
  audit: 'deployment.resume',
  references: ofDeployment,
  async inside(ctx, action, fired) {
    const { output, facts } = await resumeDeployment(ctx, { deployment: targetOf('deployment', action.deployment, fired) });
    return { outcome: { message: `Resumed ${output.flow.name}/${output.name}`, target: { kind: 'deployment', id: output.id } }, facts };
  },
};

const ofSchedule = (active: boolean): InsideKind<{ schedule?: string | undefined }> => ({
  scope: 'deployments:operate',
  audit: 'schedule.set-active',
  references: ({ schedule }): Reference[] => (schedule === undefined ? [] : [{ field: 'schedule', kind: 'schedule', ref: schedule }]),
  async inside(ctx, action, fired) {
    const id = targetOf('schedule', action.schedule, fired);
    if (!isId('schedule', id)) throw notFound('schedule', id);
    const { schedule, before } = await setScheduleActive(ctx.tx, ctx.workspace.id, { schedule: id, active });
    ctx.afterCommit(() => ctx.bus.live(ctx.workspace.id, { kind: 'deployment', id: schedule.deployment.id }));
    return {
      outcome: { message: `Switched schedule ${schedule.slug} ${active ? 'on' : 'off'}`, target: { kind: 'schedule', id } },
      facts: { target: { kind: 'schedule', id: toUuid('schedule', id) }, before: { active: before.active }, after: { active } },
    };
  },
});
export const pauseScheduleKind = ofSchedule(false);
export const resumeScheduleKind = ofSchedule(true);
