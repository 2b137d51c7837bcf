/** Instants, lengths and bounds as people write them in a filter. Answers null for what it cannot read. */

export type Bounds<T> = { readonly min?: T; readonly max?: T };

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;
type Unit = keyof typeof UNIT_MS;
const LENGTH = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/i;

/** Whole milliseconds of `90s`, `5m`, `1.5h`. */
export function readLength(text: string): number | null {
  const match = LENGTH.exec(text);
  return match ? Math.round(Number(match[1]) * UNIT_MS[match[2] as Unit]) : null;
}

/** The largest unit that says it in a whole number. */
export function writeLength(ms: number): string {
  const unit = (Object.keys(UNIT_MS) as Unit[]).toReversed().find((each) => ms % UNIT_MS[each] === 0) ?? 'ms';
  return ms === 0 ? '0s' : `${ms / UNIT_MS[unit]}${unit}`;
}

/** `2026-01-31`, `2026-01-31T08:00` (both UTC), an ISO instant, `now`, `24h` (ago) or `+2h` (from now). */
export function readInstant(text: string, nowMs: number): string | null {
  if (text === 'now') return new Date(nowMs).toISOString();
  const ahead = text.startsWith('+');
  const length = readLength(ahead ? text.slice(1) : text);
  if (length !== null) return instant(nowMs + (ahead ? length : -length));
  if (DATE.test(text)) return instant(Date.parse(`${text}T00:00:00Z`));
  const zoned = DATE_TIME.exec(text);
  return zoned ? instant(Date.parse(zoned[3] ? text : `${text}Z`)) : null;
}

function instant(ms: number): string | null {
  return Math.abs(ms) <= 8.64e15 && new Date(ms).getUTCFullYear() > 0 && new Date(ms).getUTCFullYear() < 10_000
    ? new Date(ms).toISOString()
    : null;
}

/** `>a`, `>=a`, `<b`, `<=b`, `a..b`, `a..`, `..b`, and `a` alone where one value makes sense. `next` and `before` step by one. */
export function readBounds<T>(
  text: string,
  read: (text: string) => T | null,
  step: { next: (value: T) => T; before: (value: T) => T } | null,
): Bounds<T> | 'alone' | null {
  const range = /^(.*?)\.\.(.*)$/.exec(text);
  if (range) {
    const [low = '', high = ''] = range.slice(1);
    if (low === '' && high === '') return null;
    const min = low === '' ? undefined : read(low);
    const max = high === '' ? undefined : read(high);
    if (min === null || max === null) return null;
    return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  }
  const [, operator, rest = ''] = /^(>=|<=|>|<)?(.*)$/s.exec(text) ?? [];
  const value = read(rest);
  if (value === null) return null;
  switch (operator) {
    case '>':
      return { min: step ? step.next(value) : value };
    case '>=':
      return { min: value };
    case '<':
      return { max: step ? step.before(value) : value };
    case '<=':
      return { max: value };
    default:
      return 'alone';
  }
}

export function writeBounds<T>({ min, max }: Bounds<T>, write: (value: T) => string): string | null {
  if (min === undefined && max === undefined) return null;
  if (min !== undefined && max !== undefined) return `${write(min)}..${write(max)}`;
  return min === undefined ? `<=${write(max as T)}` : `>=${write(min)}`;
}
