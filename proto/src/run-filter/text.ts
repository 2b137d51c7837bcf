/**
 * A filter as one line of text, the same on the command line and in the console: `state:failed tag:etl flow:weather* since:24h`.
 * Terms all must hold; values between commas are alternatives; words without a colon are part of the run's name, or its id.
 */
import { isId } from '../ids.ts';
import { isEmptyFilter, type RunFilter, runFilterSchema } from './schema.ts';
import { type Draft, TERMS } from './terms.ts';
import { type Token, tokenize } from './tokens.ts';

/** What is wrong with a text, and where: `from` (included) to `to` (not). */
export type FilterProblem = { readonly text: string; readonly from: number; readonly to: number; readonly message: string };
export type FilterReading =
  | { readonly ok: true; readonly filter: RunFilter }
  | { readonly ok: false; readonly problems: readonly FilterProblem[] };

/** Longest text that is read. */
export const FILTER_TEXT_MAX = 40_000;

/** Reads a filter's text. Lengths such as `24h` count from `nowMs` (Unix milliseconds). All problems are told at once. */
export function parseRunFilter(text: string, nowMs: number): FilterReading {
  if (text.length > FILTER_TEXT_MAX) return wrong([problem(text, 0, text.length, `expected at most ${FILTER_TEXT_MAX} characters`)]);
  const { tokens, openQuoteAt } = tokenize(text);
  if (openQuoteAt !== null) return wrong([problem(text, openQuoteAt, text.length, 'expected a closing "')]);

  const draft: Draft = {};
  const problems: FilterProblem[] = [];
  const bare = tokens.filter((token) => token.key === null);
  for (const token of tokens) {
    if (token.key === null) continue;
    const message = readTerm(draft, token, nowMs);
    if (message) problems.push({ text: token.text, from: token.from, to: token.to, message });
  }
  const words = bare.map(({ values }) => values[0] ?? '').filter((word) => word !== '');
  if (words.length > 0 && words.every((word) => isId('run', word))) draft.ids = [...(draft.ids ?? []), ...words] as Draft['ids'];
  else if (words.length > 0) draft.name = { ...draft.name, contains: words.join(' ') };
  if (problems.length > 0) return wrong(problems);

  const checked = runFilterSchema.safeParse(withoutEmpty(draft));
  if (checked.success) return { ok: true, filter: checked.data };
  return wrong(checked.error.issues.map((issue) => problem(text, 0, text.length, `${issue.path.join('.')}: ${issue.message}`)));
}

/** The text of a filter; reading it gives the same filter, whatever the time. */
export function formatRunFilter(filter: RunFilter): string {
  return Object.values(TERMS)
    .flatMap((term) => term.write(filter))
    .join(' ');
}

/** Every term with an example and what it means, for help texts. */
export const FILTER_TERMS: readonly { readonly word: string; readonly example: string; readonly help: string }[] = Object.entries(
  TERMS,
).map(([word, { example, help }]) => ({ word, example, help }));

function readTerm(draft: Draft, { key, values, isNegated }: Token, nowMs: number): string | null {
  const term = Object.hasOwn(TERMS, key ?? '') ? TERMS[key ?? ''] : undefined;
  if (!term) return unknownWord(key ?? '');
  if (values.some((value) => value === '')) return `expected a value, such as ${term.example}`;
  if (isNegated && !term.mayNegate) return `expected no minus before ${key}: only state and tag can be excluded`;
  const expected = term.read(draft, values, { nowMs, isNegated });
  return expected === null ? null : `expected ${expected}`;
}

function unknownWord(key: string): string {
  const near = Object.keys(TERMS)
    .map((word) => ({ word, distance: distanceOf(key, word) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const hint = near && near.distance <= 2 ? `did you mean ${near.word}:?` : `known are ${Object.keys(TERMS).join(', ')}`;
  return `there is no filter "${key}": ${hint}`;
}

/** Levenshtein's. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function withoutEmpty(draft: Draft): RunFilter {
  return Object.fromEntries(
    Object.entries(draft).filter(([key, value]) => value !== undefined && !isEmptyFilter({ [key]: value } as RunFilter)),
  );
}

function problem(text: string, from: number, to: number, message: string): FilterProblem {
  return { text: text.slice(from, to), from, to, message };
}

function wrong(problems: readonly FilterProblem[]): FilterReading {
  return { ok: false, problems };
}
