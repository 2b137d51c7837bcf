/**
 * What a deployment's settings come to: pool template < code < operator overlay < schedule < run, path by path.
 *
 * A saying of a higher layer replaces those below. Where the table says `append`, schedules and runs add to what is below
 * them. A person may also remove a path: what lies below is hidden, the field has its default and a key is gone. A variable
 * that is null is removed too, in any layer.
 */
import { DEPLOYMENT_FIELDS, FIELD_NAMES, type FieldName, type FieldValues, findField, LAYERS, type Layer } from '@signalbox/proto/api';
import { type Sayings, splitPath, toFields, toPaths } from './paths.ts';

/** In an overlay: what lies below is hidden. */
export const REMOVED: unique symbol = Symbol('removed');

/** What each layer says; one that is absent says nothing. */
export type LayerSayings = { readonly [L in Layer]?: Sayings };

type From = Layer | 'default';

export type ResolvedPath = {
  readonly path: string;
  readonly field: FieldName;
  /** REMOVED: a key that is gone. A field that was removed has its default. */
  readonly value: unknown;
  readonly from: From;
  /** Lowest first; the table's default is the first of a whole field. */
  readonly layers: readonly { readonly layer: From; readonly value: unknown }[];
};

/** Every path that any layer names, and every field that is no map, in the order of the table; keys in order of the alphabet. */
export function resolve(layers: LayerSayings): ResolvedPath[] {
  const paths = new Set<string>();
  for (const layer of LAYERS) for (const path of layers[layer]?.keys() ?? []) paths.add(path);
  const byField = new Map<FieldName, string[]>();
  for (const path of [...paths].sort()) {
    const field = splitPath(path)?.field;
    if (field && path !== field) byField.set(field, [...(byField.get(field) ?? []), path]);
  }
  return FIELD_NAMES.flatMap((field) =>
    findField(field)?.merge === 'merge-by-key'
      ? (byField.get(field) ?? []).map((path) => resolvePath(path, field, layers))
      : [resolvePath(field, field, layers)],
  );
}

function resolvePath(path: string, field: FieldName, layers: LayerSayings): ResolvedPath {
  const { merge, nested, default: fallback }: { merge: string; nested?: readonly string[]; default: unknown } = DEPLOYMENT_FIELDS[field];
  const isField = path === field;
  const said: { layer: From; value: unknown }[] = isField ? [{ layer: 'default', value: fallback }] : [];
  for (const layer of LAYERS) {
    const sayings = layers[layer];
    // `nested` marks variables: there null takes a name away.
    if (sayings?.has(path)) said.push({ layer, value: nested && sayings.get(path) === null ? REMOVED : sayings.get(path) });
  }
  const last = said.at(-1) ?? { layer: 'default' as const, value: REMOVED };
  const value = merge === 'append' ? appended(said, fallback) : last.value === REMOVED && isField ? fallback : last.value;
  return { path, field, value, from: last.layer, layers: said };
}

/** The highest of code and overlay, and what schedules and runs add, each once. */
function appended(said: ResolvedPath['layers'], fallback: unknown): unknown[] {
  let list = fallback as unknown[];
  for (const { layer, value } of said) {
    const own = value === REMOVED ? (fallback as unknown[]) : (value as unknown[]);
    list = layer === 'schedule' || layer === 'run' ? [...list, ...own] : own;
  }
  return [...new Set(list)];
}

/** The values of all fields. Keys that were removed are missing. */
export function valuesOf(resolved: readonly ResolvedPath[]): FieldValues {
  return fold(resolved.filter(({ value }) => value !== REMOVED));
}

/** The same for storing below further layers: a variable that was removed stays as null, so that it hides the pool's too. */
export function storedValuesOf(resolved: readonly ResolvedPath[]): FieldValues {
  return fold(
    resolved
      .filter(({ field, value }) => value !== REMOVED || field === 'variables')
      .map((each) => (each.value === REMOVED ? { ...each, value: null } : each)),
  );
}

function fold(resolved: readonly ResolvedPath[]): FieldValues {
  const empty = Object.fromEntries(FIELD_NAMES.map((field) => [field, structuredClone(DEPLOYMENT_FIELDS[field].default)]));
  return { ...empty, ...toFields(resolved.map(({ path, value }) => [path, value] as const)) } as FieldValues;
}

/** Variables of several layers merged, lowest first; what is removed is missing. */
export function mergeVariables(...layers: readonly (Readonly<Record<string, unknown>> | null | undefined)[]): Record<string, unknown> {
  const merged = new Map<string, unknown>();
  for (const variables of layers) for (const [path, value] of toPaths({ variables: variables ?? {} })) merged.set(path, value);
  const kept = [...merged].filter(([, value]) => value !== null);
  return (toFields(kept)['variables'] as Record<string, unknown> | undefined) ?? {};
}
