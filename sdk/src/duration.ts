/** A length of time: a number of milliseconds, or a number with its unit: `'500ms'`, `'30s'`, `'5m'`, `'6h'`, `'1d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const TEXT = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
/** The wire's bound: 400 days. */
const MAX_MS = 400 * UNIT_MS.d;

/**
 * Whole milliseconds of a duration. `field` names the option in the error.
 * @throws RangeError when it is negative, no number, or longer than 400 days.
 */
export function toMs(duration: Duration, field: string): number {
  const ms = typeof duration === 'number' ? duration : parse(duration);
  if (!Number.isFinite(ms) || ms < 0 || ms > MAX_MS) {
    const expected = 'milliseconds or a text such as "500ms", "30s", "5m", "6h", "1d", from 0 to 400 days';
    throw new RangeError(`${field}: expected ${expected}, got ${JSON.stringify(duration)}`);
  }
  return Math.round(ms);
}

function parse(text: string): number {
  const match = TEXT.exec(text);
  if (!match) return Number.NaN;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** A duration for people: `12 ms`, `3.4 s`, `2 min 5 s`, `1 h 12 min`. */
export function formatMs(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(ms / 3_600_000)} h ${Math.floor((ms % 3_600_000) / 60_000)} min`;
}
