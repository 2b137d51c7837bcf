import { stripVTControlCharacters } from 'node:util';

/** East Asian wide and emoji blocks: two cells each. Close enough for names; not a typesetter. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const ZERO = /\p{Mn}|\p{Cf}/u;

/** Terminal cells a text takes, not counting colors. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of stripVTControlCharacters(text)) width += ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/** The text in at most `max` cells, with an ellipsis when cut. Colors of a cut text are lost. */
export function cutTo(text: string, max: number): string {
  if (widthOf(text) <= max) return text;
  if (max <= 1) return max === 1 ? '…' : '';
  let cut = '';
  let width = 0;
  for (const char of stripVTControlCharacters(text)) {
    const next = widthOf(char);
    if (width + next > max - 1) break;
    cut += char;
    width += next;
  }
  return `${cut.trimEnd()}…`;
}

/** The text filled with blanks to `width` cells. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

const COLORS = /(\p{Cc}\[[\d;:]*m)/u;
const CONTROL = /(?!\t)\p{Cc}/gu;

/**
 * Text that came from elsewhere (log lines, names, messages), safe to show: what could move the cursor, retitle the
 * window or ring the bell is taken out, line breaks too. Colors stay when `keepColors`.
 */
export function harmless(text: string, keepColors = false): string {
  const clean = (part: string) => stripVTControlCharacters(part).replace(CONTROL, '');
  if (!keepColors) return clean(text);
  // The odd parts are what the parentheses matched.
  return text
    .split(COLORS)
    .map((part, at) => (at % 2 === 1 && part.startsWith('\u001b') ? part : clean(part)))
    .join('');
}
