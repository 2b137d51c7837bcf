/** Texts as Postgres takes them: it refuses NUL anywhere, and half a surrogate pair in jsonb. Both become U+FFFD. */

/** A text for a text column. */
export function storableText(text: string): string {
  return (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text).toWellFormed();
}

/** The JSON of a value for a jsonb column. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value ?? null);
  // Escapes are the only form in which either can appear in JSON; an escaped backslash before one costs a second pass.
  return /\\u(0000|d[89a-f])/i.test(json) ? JSON.stringify(value, (_, part: unknown) => cleaned(part)) : json;
}

function cleaned(part: unknown): unknown {
  if (typeof part === 'string') return storableText(part);
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [storableText(key), inner]));
}
