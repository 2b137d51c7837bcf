import { CliError } from '../cli-error.ts';

/** As much of a JSON Schema as choosing a type needs. */
interface PropertySchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly PropertySchema[];
  readonly oneOf?: readonly PropertySchema[];
}

/**
 * `key=value` texts as the parameters of a run. The flow's schema says how to read each value:
 * - a text where only text is allowed: taken as it stands, so that `zip=01234` keeps its zero;
 * - a text or something else: JSON where it is JSON, else text;
 * - no text allowed: must be JSON; what is not is passed on as text, for the control plane to refuse with its reason;
 * - an array: JSON, or one element per repetition, `--param years=2012 --param years=2013`.
 *
 * Values of `json` (`--params-json`) come first; a `key=value` of the same name replaces one.
 * @throws CliError when a text has no `=`, or `json` is no object.
 */
export function parseParameters(
  pairs: readonly string[],
  json: string | undefined,
  schema: Readonly<Record<string, unknown>> | null,
): Record<string, unknown> {
  const given = new Map<string, string[]>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1)
      throw new CliError(`--param ${pair}: expected key=value`, { hint: "for example --param years='[2012, 2013]' --param city=Seattle" });
    const key = pair.slice(0, at);
    given.set(key, [...(given.get(key) ?? []), pair.slice(at + 1)]);
  }
  const properties = (schema?.properties ?? {}) as Record<string, PropertySchema>;
  const parameters = json === undefined ? {} : parseObject(json);
  for (const [key, texts] of given) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    Object.defineProperty(parameters, key, {
      value: readValue(key, texts, property),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return parameters;
}

function readValue(key: string, texts: readonly string[], property: PropertySchema | undefined): unknown {
  const types = typesOf(property);
  const [first = ''] = texts;
  if (types.has('array')) {
    const parsed = parseJson(first);
    if (texts.length === 1 && Array.isArray(parsed)) return parsed;
    // A single plain value is passed on as it is: guessing that a list was meant would hide a slip.
    if (texts.length > 1) return texts.map((text) => orText(text));
  }
  if (texts.length > 1) {
    throw new CliError(`--param ${key} is given ${texts.length} times`, { hint: `give it once; a list is written --param ${key}='[...]'` });
  }
  if (types.size === 1 && types.has('string')) return first;
  return orText(first);
}

/** The types a value may have, when the schema names them; empty: it does not. */
function typesOf(property: PropertySchema | undefined): ReadonlySet<string> {
  if (!property) return new Set();
  const types = new Set(typeof property.type === 'string' ? [property.type] : property.type);
  for (const value of property.enum ?? []) types.add(value === null ? 'null' : typeof value);
  for (const branch of [...(property.anyOf ?? []), ...(property.oneOf ?? [])]) for (const type of typesOf(branch)) types.add(type);
  return types;
}

function orText(text: string): unknown {
  const parsed = parseJson(text);
  return parsed === undefined ? text : parsed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseObject(text: string): Record<string, unknown> {
  const issue = (received: string) =>
    new CliError('--params-json is not usable', {
      issues: [{ field: 'params-json', expected: 'a JSON object such as {"years": [2012]}', received }],
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw issue((error as Error).message);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw issue(Array.isArray(value) ? 'an array' : JSON.stringify(value));
  return value as Record<string, unknown>;
}
