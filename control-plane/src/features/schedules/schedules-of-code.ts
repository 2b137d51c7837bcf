/**
 * What a deploy says about schedules. Absent: they stay as they are. A list, even an empty one: that is all that come from
 * code; those that people made stay. What a person switched on or off survives, and a schedule that fires when it did
 * before loses no fire.
 */
import { isDeepStrictEqual } from 'node:util';
import { uuidv7 } from '@signalbox/proto';
import { type deployInput, describeSpec, type ScheduleRules, scheduleRulesSchema } from '@signalbox/proto/api';
import type { z } from 'zod';
import type { Tx } from '../../platform/db.ts';
import { conflict, invalidInput } from '../../platform/errors.ts';
import { sqlOfTx } from '../../platform/sql.ts';
import { calendarIdOf } from '../calendars/index.ts';
import { problemsOf, restartAt } from './check-schedule.ts';
import { liveRunsOf } from './fire-store.ts';
import { isActive } from './show-schedule.ts';
import { databaseNow, deleteSchedules, insertSchedule, lockSchedulesOf, type ScheduleRow, updateSchedule, type Written } from './store.ts';

export type CodeSchedules = z.output<typeof deployInput>['schedules'];

/**
 * Brings a deployment's schedules to what its code says; answers the differences in plain words, empty when there is none.
 * @throws INVALID_INPUT for a bad spec, an unknown calendar or a slug given twice, CONFLICT for the slug of a schedule that
 *   a person made; before anything is written.
 */
export async function scheduleRowsForDeploy(
  tx: Tx,
  { workspaceId, deploymentId, schedules }: { workspaceId: string; deploymentId: string; schedules: CodeSchedules },
): Promise<string[]> {
  if (schedules === undefined) return [];
  const now = await databaseNow(tx);
  const issues = schedules.flatMap(({ spec, slug, ...rules }, i) => [
    ...problemsOf({ spec, rules }, `schedules.${i}.`, now),
    ...(schedules.findIndex((other) => other.slug === slug) < i
      ? [{ field: `schedules.${i}.slug`, expected: 'a slug of its own', received: JSON.stringify(slug) }]
      : []),
  ]);
  if (issues.length > 0) throw invalidInput(issues);
  const calendarIds: (string | null)[] = [];
  for (const [i, { calendar }] of schedules.entries())
    calendarIds.push(await calendarIdOf(tx, workspaceId, calendar, `schedules.${i}.calendar`));

  const rows = await lockSchedulesOf(tx, workspaceId, deploymentId);
  const taken = rows.find((row) => row.origin === 'operator' && schedules.some(({ slug }) => slug === row.slug));
  if (taken) throw conflict(`Schedule "${taken.slug}" was made by a person: give the one in the code another slug.`, { slug: taken.slug });
  const stored = new Map(rows.filter(({ origin }) => origin === 'code').map((row) => [row.slug, row]));
  const changes: string[] = [];
  for (const [i, wanted] of schedules.entries()) {
    const before = stored.get(wanted.slug);
    stored.delete(wanted.slug);
    const { slug, spec, parameters, active: wantedActive } = wanted;
    const written: Written = { spec, parameters, active: wantedActive, rules: rulesOf(wanted), calendarId: calendarIds[i] ?? null };
    if (!before) {
      const key = { id: uuidv7(now.getTime()), workspaceId, deploymentId, slug, origin: 'code' as const };
      await insertSchedule(tx, key, { ...written, restart: await restartAt(tx, written, wantedActive, now) });
      changes.push(`schedule ${slug}: none -> ${describeSpec(spec)}`);
      continue;
    }
    const differences = differencesOf(before, written);
    if (differences.length === 0) continue;
    await rewriteSchedule(tx, before, written, now);
    changes.push(...differences.map((difference) => `schedule ${slug}${difference}`));
  }
  await deleteSchedules(
    tx,
    [...stored.values()].map((row) => row.id),
  );
  changes.push(...[...stored.values()].map((row) => `schedule ${row.slug}: ${describeSpec(row.spec)} -> none`));
  return changes;
}

/** Writes a schedule anew. Its fires count from now on if it fires at other instants than before, or was switched on or off by it. */
export async function rewriteSchedule(tx: Tx, before: ScheduleRow, written: Written & { slug?: string }, now: Date): Promise<void> {
  const active = isActive({ active: written.active, operatorActive: before.operatorActive });
  const restarts = active !== isActive(before) || !isDeepStrictEqual(timingOf(before), timingOf(written));
  // From now on somebody asks whether its runs have ended: those it made while nobody did are found once.
  const openRuns = before.rules.overlap === 'allow' && written.rules.overlap !== 'allow' ? await liveRunsOf(sqlOfTx(tx), before.id) : null;
  await updateSchedule(tx, before.id, {
    ...written,
    ...(openRuns ? { openRuns } : {}),
    ...(restarts ? { restart: await restartAt(tx, written, active, now) } : {}),
  });
}

/** What decides at which instants it fires. */
function timingOf({ spec, rules, calendarId }: Pick<Written, 'spec' | 'rules' | 'calendarId'>) {
  const { startsAt, endsAt, dstGap, dstOverlap, onClosedDay } = rules;
  // As it comes back from the database: without what JSON cannot say.
  return JSON.parse(JSON.stringify({ spec, calendarId, startsAt, endsAt, dstGap, dstOverlap, onClosedDay })) as object;
}

/** The rules among the fields of an input, with instants written as the database gives them back. */
export function rulesOf(input: ScheduleRules): ScheduleRules {
  const rules = scheduleRulesSchema.parse(input);
  const same = (instant: string | null) => (instant === null ? null : new Date(instant).toISOString());
  return { ...rules, startsAt: same(rules.startsAt), endsAt: same(rules.endsAt) };
}

function differencesOf(before: ScheduleRow, wanted: Written): string[] {
  const said = (value: unknown) => (value === null ? 'none' : JSON.stringify(value));
  return [
    ...(isDeepStrictEqual(before.spec, wanted.spec) ? [] : [`: ${describeSpec(before.spec)} -> ${describeSpec(wanted.spec)}`]),
    ...(isDeepStrictEqual(before.parameters, wanted.parameters)
      ? []
      : [`.parameters: ${JSON.stringify(before.parameters)} -> ${JSON.stringify(wanted.parameters)}`]),
    ...(before.active === wanted.active ? [] : [`.active: ${before.active} -> ${wanted.active}`]),
    ...(Object.keys(wanted.rules) as (keyof ScheduleRules)[])
      .filter((rule) => before.rules[rule] !== wanted.rules[rule])
      .map((rule) => `.${rule}: ${said(before.rules[rule])} -> ${said(wanted.rules[rule])}`),
  ];
}
