/** What a JSON Schema's validator found, told in plain words: one issue a field. */
import type { FieldIssue } from '@signalbox/proto';
import type { ErrorObject } from 'ajv/dist/2020.js';
import { showValue } from './show-value.ts';

const MAX_ISSUES = 20;
const INCOMPLETE_KEYWORDS = new Set(['required', 'dependentRequired', 'minProperties', 'anyOf', 'oneOf', 'if']);

/** Errors that more values could not mend: defaults may leave out what a run completes. */
export function withoutIncomplete(errors: readonly ErrorObject[]): ErrorObject[] {
  return errors.filter((error) => {
    const aboutWhole = error.instancePath === '' && INCOMPLETE_KEYWORDS.has(error.keyword);
    return !aboutWhole && !/^#\/(anyOf|oneOf|if|then|else|dependentSchemas)\b/.test(error.schemaPath);
  });
}

/** Fields are named below `parameters`. */
export function issuesOf(errors: readonly ErrorObject[], parameters: unknown): FieldIssue[] {
  const issues = new Map<string, FieldIssue>();
  for (const error of errors) {
    const path = error.instancePath
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const { extra, expected, missing } = expectationOf(error);
    const field = ['parameters', ...path, ...extra].join('.');
    if (issues.has(field) || issues.size === MAX_ISSUES) continue;
    issues.set(field, { field, expected, received: missing ? 'nothing' : showValue(valueAt(parameters, [...path, ...extra])) });
  }
  return [...issues.values()];
}

function expectationOf(error: ErrorObject): { extra: string[]; expected: string; missing?: boolean } {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return { extra: [String(params['missingProperty'])], expected: 'a value: it is required', missing: true };
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return {
        extra: [String(params['additionalProperty'] ?? params['unevaluatedProperty'])],
        expected: 'nothing: the schema has no such parameter',
      };
    case 'type':
      return { extra: [], expected: [params['type']].flat().join(' or ') };
    case 'enum':
      return { extra: [], expected: `one of ${JSON.stringify(params['allowedValues']).slice(1, -1)}` };
    case 'const':
      return { extra: [], expected: JSON.stringify(params['allowedValue']) };
    case 'pattern':
      return { extra: [], expected: `text that matches ${String(params['pattern'])}` };
    case 'format':
      return { extra: [], expected: `text in the format ${String(params['format'])}` };
    default:
      // Ajv says "must be >= 1", "must NOT have fewer than 2 items".
      return { extra: [], expected: (error.message ?? error.keyword).replace(/^must (be )?/, '').replace('NOT have', 'not to have') };
  }
}

function valueAt(input: unknown, path: readonly string[]): unknown {
  let value = input;
  for (const part of path) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined;
  return value;
}
