/** JSON Schemas of parameters (draft 2020-12): compiled once, remembered, and told apart from values in plain words. */
import type { FieldIssue } from '@signalbox/proto';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { runBounded } from './bounded-work.ts';
import { showValue } from './classify-error.ts';
import { limitExceeded } from './errors.ts';

export const SCHEMA_MAX_BYTES = 64 * 1024;
/** Compiling is paid once a schema; a busy machine may take long over the first. */
const COMPILE_MS = 3_000;
/** A check holds up everybody: it is short, and a schema that was too slow three times in a row rests for a while. */
const CHECK_MS = 500;
const STRIKES = 3;
const REST_MS = 60_000;
const MAX_REMEMBERED = 500;
const MAX_ISSUES = 20;

const remembered = new Map<string, ValidateFunction>();
const tooSlow = new WeakMap<ValidateFunction, { strikes: number; atMs: number }>();

/** What is wrong with a schema itself; empty when it may be stored. */
export function checkSchema(schema: Record<string, unknown>): FieldIssue[] {
  const field = 'parameterSchema';
  const bytes = Buffer.byteLength(JSON.stringify(schema));
  if (bytes > SCHEMA_MAX_BYTES) return [{ field, expected: `at most ${SCHEMA_MAX_BYTES} bytes of JSON`, received: `${bytes} bytes` }];
  if (schema['type'] !== undefined && schema['type'] !== 'object') {
    return [{ field: `${field}.type`, expected: '"object": parameters have names', received: showValue(schema['type']) }];
  }
  try {
    validatorOf(schema);
    return [];
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'AppError') throw error;
    return [{ field, expected: `a JSON Schema of draft 2020-12 (${error.message.slice(0, 300)})` }];
  }
}

/** What of `parameters` breaks the schema, one issue a field. */
export function checkParameters(schema: Record<string, unknown> | null, parameters: Record<string, unknown>): FieldIssue[] {
  return schema ? issuesOf(errorsOf(schema, parameters), parameters) : [];
}

/** The same for defaults, which a run completes: what is missing is no issue yet. */
export function checkDefaults(schema: Record<string, unknown> | null, parameters: Record<string, unknown>): FieldIssue[] {
  if (!schema) return [];
  const errors = errorsOf(schema, parameters).filter((error) => {
    const aboutWhole = error.instancePath === '' && INCOMPLETE_KEYWORDS.has(error.keyword);
    return !aboutWhole && !/^#\/(anyOf|oneOf|if|then|else|dependentSchemas)\b/.test(error.schemaPath);
  });
  return issuesOf(errors, parameters);
}

const INCOMPLETE_KEYWORDS = new Set(['required', 'dependentRequired', 'minProperties', 'anyOf', 'oneOf', 'if']);

function errorsOf(schema: Record<string, unknown>, parameters: unknown): ErrorObject[] {
  const validate = validatorOf(schema);
  const what = 'Checking the parameters against their schema';
  const before = tooSlow.get(validate);
  const now = performance.now();
  if (before && before.strikes >= STRIKES && now < before.atMs + REST_MS) {
    throw limitExceeded(`${what} took too long before; mend its patterns and deploy again.`, { retryAfterMs: before.atMs + REST_MS - now });
  }
  try {
    runBounded(CHECK_MS, what, () => validate(parameters));
    tooSlow.delete(validate);
  } catch (error) {
    tooSlow.set(validate, { strikes: (before?.strikes ?? 0) + 1, atMs: now });
    throw error;
  }
  return validate.errors ?? [];
}

function validatorOf(schema: Record<string, unknown>): ValidateFunction {
  const key = JSON.stringify(schema);
  const known = remembered.get(key);
  if (known) return known;
  // A validator each: two tenants' schemas may carry the same $id.
  const { $schema: _draft, $id: _id, ...rest } = schema;
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, validateSchema: true });
  addFormats.default(ajv);
  const validate = runBounded(COMPILE_MS, 'Compiling the parameter schema', () => ajv.compile(rest));
  remembered.set(key, validate);
  if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value as string);
  return validate;
}

function issuesOf(errors: readonly ErrorObject[], parameters: unknown): FieldIssue[] {
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
