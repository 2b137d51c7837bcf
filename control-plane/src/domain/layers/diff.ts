/** What a deploy changes in code. */
import { toPaths } from './paths.ts';

/** `before` or `after` is missing where code did, or does, not name the path: absent is not the same as empty. */
export type PathChange = { readonly path: string; readonly before?: unknown; readonly after?: unknown };

type Code = Readonly<Record<string, unknown>>;

/** `same` compares two JSON values. In the order of the table; keys that are new come last within theirs. */
export function diffCode(before: Code, after: Code, same: (a: unknown, b: unknown) => boolean): PathChange[] {
  const [old, now] = [toPaths(before), toPaths(after)];
  const paths = [...new Set([...toPaths({ ...before, ...after }).keys(), ...old.keys(), ...now.keys()])];
  return paths
    .filter((path) => old.has(path) !== now.has(path) || !same(old.get(path), now.get(path)))
    .map((path) => ({
      path,
      ...(old.has(path) ? { before: old.get(path) } : {}),
      ...(now.has(path) ? { after: now.get(path) } : {}),
    }));
}

/** Whether a change at `path` shows nowhere because a person set that path. */
export function hiddenBy<E extends { readonly path: string }>(path: string, overlay: readonly E[]): E | null {
  return overlay.find((entry) => entry.path === path) ?? null;
}
