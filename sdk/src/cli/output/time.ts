const UNITS: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** `just now`, `12 s ago`, `in 90 min`, `3 d ago`: in the largest unit of which there are about two, so that 13 h are no day. Null shows as a dash. */
export function relative(instant: string | null, nowMs: number): string {
  if (instant === null) return '-';
  const distance = Date.parse(instant) - nowMs;
  const size = Math.abs(distance);
  if (size < 1_000) return 'just now';
  // Rounded, so that what is due in 4 min 59 s is told as 5 min.
  const [ms, name] = UNITS.find(([unit]) => size >= 1.75 * unit) ?? ([1_000, 's'] as const);
  const text = `${Math.round(size / ms)} ${name}`;
  return distance > 0 ? `in ${text}` : `${text} ago`;
}

/** An instant in the person's own time zone, with its distance: `2026-01-31 08:00:00 (in 4 min)`. */
export function instant(text: string | null, nowMs: number): string | null {
  return text === null ? null : `${localTime(text)} (${relative(text, nowMs)})`;
}

/** `2026-01-31 08:00:00` in the local time zone. */
export function localTime(text: string): string {
  const date = new Date(text);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${clock(text)}`;
}

/** `08:00:00` in the local time zone. */
export function clock(text: string): string {
  const date = new Date(text);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((value) => String(value).padStart(2, '0')).join(':');
}
