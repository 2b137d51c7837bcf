import type { FieldIssue } from '@signalbox/proto';
import type { previewScheduleInput, ScheduleSpec } from '@signalbox/proto/api';
import type { z } from 'zod';
import { checkSpec } from '../../domain/schedule/check.ts';
import { nextFires } from '../../domain/schedule/next-fires.ts';
import { invalidInput } from '../../platform/errors.ts';

/**
 * The next fires of a spec that need not be stored anywhere.
 * @throws INVALID_INPUT that names the field of the pattern, or the zone.
 */
export function previewSchedule(input: z.output<typeof previewScheduleInput>, now: Date): { fires: string[] } {
  const issues = describeSpecProblems(input.spec, 'spec', now);
  if (issues.length > 0) throw invalidInput(issues);
  return { fires: nextFires(input.spec, now, input.count).map((fire) => fire.toISOString()) };
}

/** Problems of a spec that stands at `path` of an input: `spec.cron: field minute`. */
export function describeSpecProblems(spec: ScheduleSpec, path: string, now: Date): FieldIssue[] {
  return checkSpec(spec, now).map((issue) => ({ ...issue, field: `${path}.${issue.field}` }));
}
