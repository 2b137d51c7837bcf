import type { FieldIssue } from '@signalbox/proto';
import type { z } from 'zod';
import { CliError } from './cli-error.ts';
import type { Context } from './context.ts';
import { readText } from './read-text.ts';

const ISSUES_SHOWN = 10;

/** A file of YAML or JSON; `-` is standard input. @throws CliError that names the file and `what` it should hold. */
export async function readYaml(context: Context, file: string, what: string): Promise<unknown> {
  const text = await readText(context, file);
  const { parse } = await import('yaml');
  try {
    // Of JSON, YAML is a superset.
    return parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new CliError(`${file}: expected ${what} as YAML or JSON: ${(error as Error).message}`);
  }
}

/** Value as `schema` has it. @throws CliError with an issue a field; `at` is where the value stands in its file. */
export function checked<S extends z.ZodType>(file: string, schema: S, value: unknown, at: readonly PropertyKey[] = []): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const more = issues.length > ISSUES_SHOWN ? `, here the first ${ISSUES_SHOWN} of ${issues.length} faults` : '';
  const shown = issues.slice(0, ISSUES_SHOWN).map((issue) => fieldIssue(issue, value, at));
  throw new CliError(`${file} is not as expected${more}`, { issues: shown });
}

/** One thing or a list of them, each made by `check` before any is used. @throws CliError for an empty list */
export async function readDefinitions<T>(
  context: Context,
  file: string,
  what: string,
  check: (value: unknown, at: readonly PropertyKey[]) => T,
): Promise<T[]> {
  const value = await readYaml(context, file, what);
  const isList = Array.isArray(value);
  const all: unknown[] = isList ? value : [value];
  if (all.length === 0) throw new CliError(`${file}: expected ${what}, got an empty list`);
  return all.map((each, i) => check(each, isList ? [i] : []));
}

function fieldIssue(issue: z.core.$ZodIssue, value: unknown, at: readonly PropertyKey[]): FieldIssue {
  const expected = issue.message.replace(/^(?:Invalid [a-z ]+|Too small|Too big)[:.] /, '').replace(/^[Ee]xpected /, '');
  const field = [...at, ...issue.path].map(String).join('.') || 'file';
  const found = issue.path.reduce<unknown>((of, key) => (of as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
  const isSaid = /received|, got /.test(expected) || (typeof found === 'object' && found !== null);
  return {
    field,
    expected: expected.replace(/, received /, ', got '),
    ...(isSaid ? {} : { received: JSON.stringify(found) ?? 'nothing' }),
  };
}
