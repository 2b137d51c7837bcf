import { toUuid } from '@signalbox/proto';
import type { Schedule, setScheduleActiveInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { checkSpec, describeProblems } from '../../domain/schedule/check.ts';
import type { Tx } from '../../platform/db.ts';
import { notFound, preconditionFailed } from '../../platform/errors.ts';
import { restartAt } from './check-schedule.ts';
import { isActive, showSchedule } from './show-schedule.ts';
import { databaseNow, lockSchedule, setOperatorActive } from './store.ts';

/**
 * Switches a schedule on or off as a person; it stays so over deploys. Switched on, it counts from now: what it missed
 * while it was off is not made up. `before` is for the audit row.
 * @throws NOT_FOUND, or PRECONDITION_FAILED when its spec is broken.
 */
export async function setScheduleActive(
  tx: Tx,
  workspaceId: string,
  input: z.output<typeof setScheduleActiveInput>,
): Promise<{ schedule: Schedule; before: Schedule }> {
  const id = toUuid('schedule', input.schedule);
  const row = await lockSchedule(tx, workspaceId, id);
  if (!row) throw notFound('schedule', input.schedule);
  const now = await databaseNow(tx);
  if (input.active) {
    const issues = checkSpec(row.spec, now);
    if (issues.length > 0) throw preconditionFailed(`The schedule cannot be switched on: ${describeProblems(issues)}`);
  }
  // One that is on already keeps its place: a fire that is owed this very moment is not lost.
  const restart = isActive(row) === input.active && row.problem === null ? undefined : await restartAt(tx, row, input.active, now);
  await setOperatorActive(tx, id, input.active, restart);
  const after = {
    ...row,
    operatorActive: input.active,
    ...(restart ? { nextFireAt: restart.nextFireAt, problem: null, retryAt: null } : {}),
  };
  return { schedule: showSchedule(after), before: showSchedule(row) };
}
