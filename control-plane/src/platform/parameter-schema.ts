/** JSON Schemas of parameters (draft 2020-12): checked, and values told apart from them in plain words. */
import { type FieldIssue, PARAMETERS_MAX_BYTES } from '@signalbox/proto';
import { runSchemaJob } from './schema-checks.ts';
import { showValue } from './show-value.ts';

export const SCHEMA_MAX_BYTES = 64 * 1024;
/** For one set of values. */
const CHECK_MS = 500;
/** For many at once. */
const CHECK_MANY_MS = 2_000;

type Schema = Record<string, unknown>;
type Values = Record<string, unknown>;

/** Whether a run could take these parameters: empty, or what of their size is wrong. */
export function sizeOfParameters(parameters: Values, field: string): FieldIssue[] {
  const bytes = Buffer.byteLength(JSON.stringify(parameters));
  if (bytes <= PARAMETERS_MAX_BYTES) return [];
  const expected = `at most ${PARAMETERS_MAX_BYTES} bytes of JSON (pass large data by reference)`;
  return [{ field, expected, received: `${bytes} bytes` }];
}

/** What is wrong with a schema itself; empty when it may be stored. */
export async function checkSchema(schema: Schema, field = 'parameterSchema'): Promise<FieldIssue[]> {
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes > SCHEMA_MAX_BYTES) return [{ field, expected: `at most ${SCHEMA_MAX_BYTES} bytes of JSON`, received: `${bytes} bytes` }];
  if (schema['type'] !== undefined && schema['type'] !== 'object') {
    return [{ field: `${field}.type`, expected: '"object": parameters have names', received: showValue(schema['type']) }];
  }
  const answer = await runSchemaJob({ schema: JSON.stringify(schema), values: [], mode: 'complete' }, CHECK_MS);
  return 'unusable' in answer ? [{ field, expected: `a JSON Schema of draft 2020-12 (${answer.unusable})` }] : [];
}

/** What of `parameters` breaks the schema, one issue a field. */
export async function checkParameters(schema: Schema | null, parameters: Values): Promise<FieldIssue[]> {
  const [issues = []] = await check(schema, [parameters], 'complete', CHECK_MS);
  return issues;
}

/** The same for defaults, which a run completes: what is missing is no issue yet. */
export async function checkDefaults(schema: Schema | null, parameters: Values): Promise<FieldIssue[]> {
  const [issues = []] = await check(schema, [parameters], 'defaults', CHECK_MS);
  return issues;
}

/** Issues of each, in order. @throws LIMIT_EXCEEDED when all together take too long. */
export async function checkMany(schema: Schema | null, parameters: readonly Values[]): Promise<FieldIssue[][]> {
  return check(schema, parameters, 'complete', CHECK_MANY_MS);
}

async function check(
  schema: Schema | null,
  values: readonly Values[],
  mode: 'complete' | 'defaults',
  checkMs: number,
): Promise<FieldIssue[][]> {
  if (!schema) return values.map(() => []);
  const answer = await runSchemaJob({ schema: JSON.stringify(schema), values, mode }, checkMs);
  // It compiled when it was deployed; a newer validator may see more.
  if ('unusable' in answer)
    return values.map(() => [{ field: 'parameters', expected: `a schema that compiles; deploy again (${answer.unusable})` }]);
  return answer.issues;
}
