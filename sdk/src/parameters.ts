/** Checking what a run was given against what its flow declares. */
import type { FieldIssue } from '@signalbox/proto';
import { ParameterError } from './errors.ts';
import type { SchemaIssue, StandardSchema } from './standard-schema.ts';

/** What a flow's function gets: the checked parameters. @throws ParameterError naming field, value and expectation. */
export async function checkParameters(flow: string, schema: StandardSchema | null, given: unknown): Promise<unknown> {
  const value = given ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ParameterError(flow, [{ field: 'parameters', expected: 'expected an object', received: show(value) }]);
  }
  if (schema === null) return value;
  const result = await schema['~standard'].validate(value);
  if (!result.issues) return result.value;
  throw new ParameterError(
    flow,
    result.issues.map((issue) => toFieldIssue(issue, value)),
  );
}

/** What `pause` and `suspend` give: the checked answer. @throws ParameterError naming field, value and expectation. */
export async function checkInput(key: string, schema: StandardSchema, given: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(given);
  if (!result.issues) return result.value;
  const issues = result.issues.map((issue) => toFieldIssue(issue, given, 'input'));
  throw new ParameterError('', issues, `fields of the answer to "${key}"`);
}

function toFieldIssue(issue: SchemaIssue, given: unknown, whole = 'parameters'): FieldIssue {
  const path = (issue.path ?? []).map((segment) => (typeof segment === 'object' ? segment.key : segment));
  let value: unknown = given;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return { field: [whole, ...path.map(String)].join('.'), expected: issue.message, received: show(value) };
}

function show(value: unknown): string {
  const text = value === undefined ? 'undefined' : (JSON.stringify(value) ?? String(value));
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
