/** What must be right of a deployment before anything is written. */
import type { FieldIssue } from '@signalbox/proto';
import type { deployInput, FieldValues, OverlayEntry } from '@signalbox/proto/api';
import type { z } from 'zod';
import { mergeVariables } from '../../domain/layers/resolve.ts';
import { invalidInput } from '../../platform/errors.ts';
import { checkDefaults, checkMany, checkSchema, sizeOfParameters } from '../../platform/parameter-schema.ts';
import { checkVariables } from '../work-pools/index.ts';
import type { HeldPool } from './place.ts';

/** They travel with every claim, whose answer is one message. */
const VARIABLES_MAX_BYTES = 64 * 1024;
const PARAMETERS_MAX_BYTES = 512 * 1024;

/** @throws INVALID_INPUT for values above their bound, a schema that does not compile, parameters and variables that break theirs. */
export async function checkDeployInput(input: z.output<typeof deployInput>, pool: HeldPool): Promise<void> {
  const { parameterSchema: schema = null, parameters = {}, variables = {}, schedules = [] } = input;
  refuse(limitIssues(input));
  refuse([...sizeIssues('variables', variables, VARIABLES_MAX_BYTES), ...sizeIssues('parameters', parameters, PARAMETERS_MAX_BYTES)]);
  refuse(schedules.flatMap((schedule, i) => sizeOfParameters({ ...parameters, ...schedule.parameters }, `schedules.${i}.parameters`)));
  refuse(schema ? await checkSchema(schema) : []);
  const found = await checkMany(
    schema,
    schedules.map(({ parameters: own, instantParameter }) => ({
      ...parameters,
      ...own,
      // What each fire brings.
      ...(instantParameter ? { [instantParameter]: new Date(0).toISOString() } : {}),
    })),
  );
  refuse([
    ...(await checkDefaults(schema, parameters)),
    ...found.flatMap((list, i) => list.map((issue) => ({ ...issue, field: `schedules.${i}.${issue.field}` }))),
    ...(await checkVariables(pool, mergeVariables(variables), 'defaults')),
  ]);
}

/** Two numbers for the same limit: which of them counts? */
function limitIssues({ concurrency, concurrencyLimit }: z.output<typeof deployInput>): FieldIssue[] {
  if (!concurrency || concurrency.key !== null || concurrencyLimit == null) return [];
  const expected = 'to be left out where concurrency.limit is given without a key';
  return [{ field: 'concurrencyLimit', expected, received: String(concurrencyLimit) }];
}

export function sizeIssues(field: string, value: unknown, maxBytes: number): FieldIssue[] {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return bytes > maxBytes ? [{ field, expected: `at most ${maxBytes} bytes of JSON`, received: `${bytes} bytes` }] : [];
}

/** Deploying never touches what people set; where that no longer fits the code, it says so. */
export async function warningsOf(values: FieldValues, overlay: readonly OverlayEntry[]): Promise<string[]> {
  const issues = overlay.length > 0 ? await checkDefaults(values.parameterSchema, values.parameters) : [];
  return issues.flatMap(({ field, expected }) => {
    const entry = overlay.find(({ path }) => field === path || field.startsWith(`${path}.`));
    return entry
      ? [`${field}: set by ${entry.author} ("${entry.reason}"), but the code now expects ${expected}. Its runs are refused.`]
      : [];
  });
}

function refuse(issues: readonly FieldIssue[]): void {
  if (issues.length > 0) throw invalidInput(issues);
}
