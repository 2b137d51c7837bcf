/** What people lay over code, checked path by path. */
import type { FieldIssue } from '@signalbox/proto';
import { DEPLOYMENT_FIELDS, FIELD_NAMES, isOverridable } from '@signalbox/proto/api';
import { type PathParts, splitPath } from './paths.ts';
import { REMOVED } from './resolve.ts';

/** As it is stored. */
export type StoredEntry = { readonly path: string; readonly value: unknown; readonly removed: boolean };

/** An overlay as a layer. */
export function overlaySayings(entries: readonly StoredEntry[]): Map<string, unknown> {
  return new Map(entries.map(({ path, value, removed }) => [path, removed ? REMOVED : value]));
}

/** What of one entry cannot be; empty when it may be stored. `at` names where it stood in the input. */
export function checkEntry(entry: { path: string; value?: unknown; removed: boolean }, at: string): FieldIssue[] {
  const parts = splitPath(entry.path);
  if (!parts || !isOverridable(parts.field))
    return [{ field: `${at}.path`, expected: expectedPath(parts), received: JSON.stringify(entry.path) }];
  const { merge, nested, schema }: (typeof DEPLOYMENT_FIELDS)[keyof typeof DEPLOYMENT_FIELDS] & { nested?: readonly string[] } =
    DEPLOYMENT_FIELDS[parts.field];
  const [key, inner] = parts.keys;
  if (merge !== 'merge-by-key' && key !== undefined)
    return [{ field: `${at}.path`, expected: `${parts.field} without a key`, received: JSON.stringify(entry.path) }];
  if (merge === 'merge-by-key' && (!key || inner === '' || nested?.includes(key) !== (nested && inner !== undefined)))
    return [
      {
        field: `${at}.path`,
        expected: `one key, such as ${parts.field}.${nested ? 'env.NAME' : 'name'}`,
        received: JSON.stringify(entry.path),
      },
    ];
  if (entry.removed) {
    if (key === undefined && !schema.safeParse(DEPLOYMENT_FIELDS[parts.field].default).success)
      return [{ field: `${at}.removed`, expected: `a value: ${parts.field} has no default to fall back on`, received: 'true' }];
    return entry.value === undefined ? [] : [{ field: `${at}.value`, expected: 'no value: it is removed', received: 'a value' }];
  }
  if (entry.value === undefined) return [{ field: `${at}.value`, expected: 'a value, or removed: true', received: 'nothing' }];
  if (inner !== undefined) return checkEnv(entry.value, entry.path);
  const whole = key === undefined ? entry.value : { [key]: entry.value };
  const parsed = schema.safeParse(whole);
  if (parsed.success) return [];
  return parsed.error.issues.slice(0, 5).map((issue) => ({
    field: [parts.field, ...issue.path].join('.'),
    expected: issue.message.replace(/^(Invalid (input|option): )?(expected )?/, '').replace(/, received .*$/, ''),
    received: JSON.stringify(entry.value)?.slice(0, 80) ?? 'nothing',
  }));
}

function checkEnv(value: unknown, path: string): FieldIssue[] {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return [];
  return [{ field: path, expected: 'a text, a number, true, false, or null to take it away', received: 'an object' }];
}

function expectedPath(parts: PathParts | null): string {
  const names = FIELD_NAMES.filter(isOverridable).join(', ');
  return parts ? `a field that people may set; ${parts.field} is code's alone (${names})` : `one of ${names}`;
}
