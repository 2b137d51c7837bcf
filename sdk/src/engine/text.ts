/** Text as the control plane can keep it: Postgres takes neither lone surrogates nor NUL, the wire has bounds. */
export function cleanText(text: string, maxCharacters = Number.POSITIVE_INFINITY): string {
  const clean = text.toWellFormed().replaceAll('\0', '');
  return clean.length > maxCharacters ? clean.slice(0, cutAt(clean, maxCharacters)) : clean;
}

/** Where to cut at most at `end`, so that a surrogate pair stays whole. */
export function cutAt(text: string, end: number): number {
  const code = text.charCodeAt(end - 1);
  return end < text.length && code >= 0xd800 && code <= 0xdbff ? end - 1 : end;
}
