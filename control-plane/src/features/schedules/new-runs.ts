import { openEnvelope } from '@signalbox/proto';
import { jitterOf } from '../../domain/schedule/jitter.ts';
import type { NewRun } from '../dispatch/index.ts';
import type { DueSchedule } from './due-store.ts';

/** The run of an instant. It is due at the instant and the jitter, which is the same whenever it is asked for. */
export function runOf(schedule: DueSchedule, id: string, atMs: number): NewRun {
  const at = new Date(atMs).toISOString();
  const { instantParameter, parameters } = schedule;
  return {
    id,
    workspaceId: schedule.workspaceId,
    deploymentId: schedule.deploymentId,
    scheduleId: schedule.id,
    name: `${schedule.deploymentName} ${at.replace(/\.000Z$/, 'Z')}`,
    tags: schedule.tags,
    parameters: openEnvelope(instantParameter === null ? parameters : { ...parameters, [instantParameter]: at }),
    createdBy: 'schedule',
    dueAt: new Date(atMs + jitterOf(schedule.id, atMs, schedule.jitterMs)),
  };
}
