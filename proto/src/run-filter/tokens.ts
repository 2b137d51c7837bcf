/** The words of a filter's text: `-tag:a,b`, `name:"two words"`, `brave-otter`. */

export type Token = {
  /** As it was written, for messages. */
  readonly text: string;
  /** Where it stands in the text: from (included) to (not). */
  readonly from: number;
  readonly to: number;
  readonly isNegated: boolean;
  /** Before the colon, in lower case; null for a bare word. */
  readonly key: string | null;
  /** Between commas; quotes are taken off. */
  readonly values: readonly string[];
};

export type Tokens = { readonly tokens: readonly Token[]; readonly openQuoteAt: number | null };

const KEY = /^(-?)([a-zA-Z][a-zA-Z-]*):/;

/** Splits at white space outside of double quotes; in quotes, `\"` and `\\` stand for themselves. */
export function tokenize(text: string): Tokens {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const from = at;
    const head = KEY.exec(text.slice(at));
    at += head?.[0].length ?? 0;
    const { values, end, openQuoteAt } = readValues(text, at, head !== null);
    if (openQuoteAt !== null) return { tokens, openQuoteAt };
    at = end;
    tokens.push({ text: text.slice(from, at), from, to: at, isNegated: head?.[1] === '-', key: head?.[2]?.toLowerCase() ?? null, values });
  }
  return { tokens, openQuoteAt: null };
}

function readValues(text: string, start: number, splits: boolean): { values: string[]; end: number; openQuoteAt: number | null } {
  const values: string[] = [];
  let value = '';
  let quoteAt: number | null = null;
  let at = start;
  for (; at < text.length; at++) {
    const char = text[at] ?? '';
    if (quoteAt !== null) {
      if (char === '\\' && at + 1 < text.length) value += text[++at];
      else if (char === '"') quoteAt = null;
      else value += char;
    } else if (char === '"') quoteAt = at;
    else if (/\s/.test(char)) break;
    else if (char === ',' && splits) {
      values.push(value);
      value = '';
    } else value += char;
  }
  values.push(value);
  return { values, end: at, openQuoteAt: quoteAt };
}

/** A value as it may stand in a text: quoted where it must be. */
export function quote(value: string): string {
  return /^[^\s",\\]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
