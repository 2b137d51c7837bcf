/** Texts as Postgres takes them: it refuses NUL anywhere, and half a surrogate pair in jsonb. Both become U+FFFD. */

/** Escapes are the only form in which either can appear in JSON; an escaped backslash before one costs a second pass. */
const UNSOUND = /\\u(0000|d[89a-f])/i;

/** A text for a text column. */
export function storableText(text: string): string {
  return (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text).toWellFormed();
}

/** A value whose JSON goes into a jsonb column by another's hand. */
export function storable<T>(value: T): T {
  const json = JSON.stringify(value);
  return json !== undefined && UNSOUND.test(json) ? (JSON.parse(storableJson(value)) as T) : value;
}

/** The JSON of a value for a jsonb column. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value ?? null);
  return UNSOUND.test(json) ? JSON.stringify(value, (_, part: unknown) => cleaned(part)) : json;
}

function cleaned(part: unknown): unknown {
  if (typeof part === 'string') return storableText(part);
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [storableText(key), inner]));
}

/** Where a value holds what Postgres refuses: the path of the text, or of the object with such a key. Null: nowhere. */
export function unstorableAt(value: unknown): string | null {
  return UNSOUND.test(JSON.stringify(value) ?? '') ? unsoundAt(value, []) : null;
}

function unsoundAt(value: unknown, path: readonly string[]): string | null {
  if (typeof value === 'string') return storableText(value) === value ? null : path.join('.');
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    if (storableText(key) !== key) return path.join('.');
    const found = unsoundAt(inner, [...path, key]);
    if (found !== null) return found;
  }
  return null;
}

/** Levels of nesting that jsonb takes with room to spare; a value of thousands overflows a stack, ours or Postgres'. */
export const DEEPEST_JSON = 200;

export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const inner of Object.values(value)) if (isDeeperThan(inner, levels - 1)) return true;
  return false;
}
