/**
 * What a deploy says about schedules. Absent: they stay as they are. A list, even an empty one: that is all of them.
 * What a person switched on or off survives, and a schedule whose spec did not change loses no fire.
 */
import { isDeepStrictEqual } from 'node:util';
import { uuidv7 } from '@signalbox/proto';
import type { deployInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { firesOf } from '../../domain/schedule/next-fires.ts';
import type { Tx } from '../../platform/db.ts';
import { invalidInput } from '../../platform/errors.ts';
import { describeSpecProblems } from './preview-schedule.ts';
import { isActive } from './show-schedule.ts';
import { databaseNow, deleteSchedules, insertSchedule, lockSchedulesOf, type ScheduleRow, updateSchedule, type Written } from './store.ts';

export type CodeSchedules = z.output<typeof deployInput>['schedules'];

/**
 * Brings a deployment's schedules to what its code says; answers the differences in plain words, empty when there is none.
 * @throws INVALID_INPUT for a bad spec or a slug given twice, before anything is written.
 */
export async function scheduleRowsForDeploy(
  tx: Tx,
  { workspaceId, deploymentId, schedules }: { workspaceId: string; deploymentId: string; schedules: CodeSchedules },
): Promise<string[]> {
  if (schedules === undefined) return [];
  const now = await databaseNow(tx);
  const issues = schedules.flatMap(({ spec, slug }, i) => [
    ...describeSpecProblems(spec, `schedules.${i}.spec`, now),
    ...(schedules.findIndex((other) => other.slug === slug) < i
      ? [{ field: `schedules.${i}.slug`, expected: 'a slug of its own', received: JSON.stringify(slug) }]
      : []),
  ]);
  if (issues.length > 0) throw invalidInput(issues);

  const stored = new Map((await lockSchedulesOf(tx, workspaceId, deploymentId)).map((row) => [row.slug, row]));
  const changes: string[] = [];
  for (const wanted of schedules) {
    const before = stored.get(wanted.slug);
    stored.delete(wanted.slug);
    const written = { spec: wanted.spec, parameters: wanted.parameters, active: wanted.active };
    if (!before) {
      const id = uuidv7(now.getTime());
      await insertSchedule(
        tx,
        { id, workspaceId, deploymentId, slug: wanted.slug },
        { ...written, restart: restartAt(wanted.spec, wanted.active, now) },
      );
      changes.push(`schedule ${wanted.slug}: none -> ${describeSpec(wanted.spec)}`);
      continue;
    }
    const differences = differencesOf(before, wanted);
    if (differences.length === 0) continue;
    const active = isActive({ active: wanted.active, operatorActive: before.operatorActive });
    const restarts = active !== isActive(before) || !isDeepStrictEqual(before.spec, wanted.spec);
    await updateSchedule(tx, before.id, restarts ? { ...written, restart: restartAt(wanted.spec, active, now) } : written);
    changes.push(...differences.map((difference) => `schedule ${wanted.slug}${difference}`));
  }
  await deleteSchedules(
    tx,
    [...stored.values()].map((row) => row.id),
  );
  changes.push(...[...stored.values()].map((row) => `schedule ${row.slug}: ${describeSpec(row.spec)} -> none`));
  return changes;
}

/** Counted from `now` on: nothing of the past is owed. */
export function restartAt(spec: ScheduleRow['spec'], active: boolean, now: Date): NonNullable<Written['restart']> {
  const nextMs = active ? firesOf(spec).next(now.getTime()) : null;
  return { lowWaterAt: now, nextFireAt: nextMs === null ? null : new Date(nextMs) };
}

function differencesOf(before: ScheduleRow, wanted: NonNullable<CodeSchedules>[number]): string[] {
  return [
    ...(isDeepStrictEqual(before.spec, wanted.spec) ? [] : [`: ${describeSpec(before.spec)} -> ${describeSpec(wanted.spec)}`]),
    ...(isDeepStrictEqual(before.parameters, wanted.parameters)
      ? []
      : [`.parameters: ${JSON.stringify(before.parameters)} -> ${JSON.stringify(wanted.parameters)}`]),
    ...(before.active === wanted.active ? [] : [`.active: ${before.active} -> ${wanted.active}`]),
  ];
}

function describeSpec(spec: ScheduleRow['spec']): string {
  return spec.kind === 'cron' ? `${spec.cron} (${spec.timezone})` : `every ${spec.everyMs} ms`;
}
