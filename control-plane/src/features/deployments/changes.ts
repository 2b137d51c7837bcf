/** Differences in plain words, `field: before -> after`. */
import { isDeepStrictEqual } from 'node:util';
import type { CodeChange, CodeLayer, OverlayEntry } from '@signalbox/proto/api';
import type { CodeSource } from '@signalbox/proto/messages';
import { diffCode, hiddenBy, type PathChange } from '../../domain/layers/diff.ts';
import { shorten } from '../../platform/errors.ts';

const MAX_VALUE_CHARACTERS = 120;

type Coded = { readonly digest: string; readonly source: CodeSource; readonly code: CodeLayer };

/** What differs between two states of code: identity first, then fields in the order of the table. */
export function changesBetween(before: Coded, after: Coded): PathChange[] {
  const identity = (['digest', 'source'] as const)
    .filter((name) => !isDeepStrictEqual(before[name], after[name]))
    .map((path) => ({ path, before: before[path], after: after[path] }));
  return [...identity, ...diffCode(before.code, after.code, isDeepStrictEqual)];
}

/** The same with what hides each. */
export function withHiding(changes: readonly PathChange[], overlay: readonly OverlayEntry[]): CodeChange[] {
  return changes.map((change) => ({ ...change, hiddenBy: hiddenBy(change.path, overlay) }));
}

export function describeChange({ path, ...change }: PathChange): string {
  const side = (name: 'before' | 'after') => (name in change ? say(change[name]) : 'not set');
  return `${path}: ${side('before')} -> ${side('after')}`;
}

function say(value: unknown): string {
  if (value === null) return 'none';
  return shorten(typeof value === 'string' && value !== '' ? value : JSON.stringify(value), MAX_VALUE_CHARACTERS);
}
