/** Names of runs, from what they are called with. */

/** The wire's bound on the name of a run. */
const NAME_MAX = 200;
const TEMPLATE_MAX = 1_000;

/** Made of a template (`stars of {repo.owner}`) or a function. */
export type RunNamer = (given: readonly unknown[]) => string;

/**
 * A template's `{path}` is a field of the parameters, or, of a task, a position and what is in it: `{0}`, `{0.id}`.
 * @throws RangeError when it is neither a template nor a function.
 */
export function runNamer(name: unknown, owner: string, rootOf: (given: readonly unknown[]) => unknown): RunNamer | null {
  if (name === undefined || name === null) return null;
  if (typeof name === 'function') return (given) => (name as (...given: readonly unknown[]) => string)(...given);
  if (typeof name === 'string' && name.trim() !== '' && name.length <= TEMPLATE_MAX) {
    return (given) => name.replaceAll(/\{([\w$.-]+)\}/g, (_, path: string) => show(valueAt(rootOf(given), path.split('.'))));
  }
  throw new RangeError(`${owner}: runName: expected a text of 1 to ${TEMPLATE_MAX} characters or a function, got ${JSON.stringify(name)}`);
}

/** The name, fit for the wire. @throws what the author's function throws; RangeError when it gives no text. */
export function nameRun(namer: RunNamer, given: readonly unknown[]): string {
  const name: unknown = namer(given);
  const text =
    typeof name === 'string'
      ? name
          .toWellFormed()
          .replaceAll(/[\p{Cc}]+/gu, ' ')
          .trim()
      : '';
  if (text === '') throw new RangeError(`runName: expected a text, got ${typeof name === 'string' ? 'an empty one' : typeof name}`);
  return text.slice(0, NAME_MAX).toWellFormed();
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) value = Object(value) === value && key in Object(value) ? (value as Record<string, unknown>)[key] : undefined;
  return value;
}

function show(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  if (typeof value !== 'object') return String(value);
  return typeof (value as { then?: unknown }).then === 'function' ? '...' : (JSON.stringify(value) ?? '');
}
