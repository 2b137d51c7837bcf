/** Paths: what a layer says, one line a thing that can be said. `timeoutMs`, `parameters.city`, `variables.env.HOME`. */
import { type DeploymentField, FIELD_NAMES, type FieldName, findField } from '@signalbox/proto/api';

/** What one layer says, by path. A path that is missing is left to the layers below. */
export type Sayings = ReadonlyMap<string, unknown>;

/** A path taken apart. `keys` is empty for a whole field, one key of a map, or two of a map within a map. */
export type PathParts = { readonly field: FieldName; readonly keys: readonly string[] };

export function joinPath({ field, keys }: PathParts): string {
  return [field, ...keys].join('.');
}

/** Null: no field of that name. Keys of parameters may hold dots, so all behind the first belongs to them. */
export function splitPath(path: string): PathParts | null {
  const dot = path.indexOf('.');
  const name = dot < 0 ? path : path.slice(0, dot);
  const field = findField(name);
  if (!field) return null;
  if (dot < 0) return { field: name as FieldName, keys: [] };
  const rest = path.slice(dot + 1);
  const nested = field.nested?.find((key) => rest.startsWith(`${key}.`));
  return { field: name as FieldName, keys: nested ? [nested, rest.slice(nested.length + 1)] : [rest] };
}

/** Fields of a layer as paths, in the order of the table. An empty map says nothing; a field that is undefined is absent. */
export function toPaths(values: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const paths = new Map<string, unknown>();
  for (const field of FIELD_NAMES) {
    const value = values[field];
    if (value === undefined) continue;
    const spec = findField(field) as DeploymentField;
    if (spec.merge !== 'merge-by-key') paths.set(field, value);
    else for (const [keys, leaf] of leavesOf(value, spec.nested ?? [])) paths.set(joinPath({ field, keys }), leaf);
  }
  return paths;
}

function* leavesOf(map: unknown, nested: readonly string[]): Generator<[keys: string[], value: unknown]> {
  for (const [key, value] of Object.entries(map ?? {})) {
    if (nested.includes(key) && isMap(value)) for (const [inner, leaf] of Object.entries(value)) yield [[key, inner], leaf];
    else yield [[key], value];
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Paths back into fields; the reverse of `toPaths` but for maps that were empty. */
export function toFields(paths: Iterable<readonly [path: string, value: unknown]>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [path, value] of paths) {
    const parts = splitPath(path);
    if (!parts) continue;
    const [first, second] = parts.keys;
    if (first === undefined) fields[parts.field] = value;
    else if (second === undefined) own(mapAt(fields, parts.field), first, value);
    else own(mapAt(mapAt(fields, parts.field), first), second, value);
  }
  return fields;
}

function mapAt(of: Record<string, unknown>, key: string): Record<string, unknown> {
  const found = Object.hasOwn(of, key) ? of[key] : undefined;
  if (isMap(found)) return found;
  const made: Record<string, unknown> = {};
  own(of, key, made);
  return made;
}

/** Set as a property of its own, whatever its name: `__proto__` is a parameter like any other. */
function own(of: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(of, key, { value, enumerable: true, configurable: true, writable: true });
}
