/** Instants, durations and numbers as people read them. Pure: `now` is passed in. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (value: number) => String(value).padStart(2, '0');
const three = (value: number) => String(value).padStart(3, '0');

/** `380 ms`, `4.2 s`, `1 min 05 s`, `2 h 07 min`, `3 d 4 h`: two units at most, tabular. */
export function formatDuration(ms: number): string {
  const value = Math.max(0, ms);
  if (value < SECOND) return `${Math.round(value)} ms`;
  // Cut, not rounded: a ticking clock never shows a second that has not passed.
  if (value < 10 * SECOND) return `${(Math.floor(value / 100) / 10).toFixed(1)} s`;
  if (value < MINUTE) return `${Math.floor(value / SECOND)} s`;
  if (value < HOUR) return `${Math.floor(value / MINUTE)} min ${two(Math.floor((value % MINUTE) / SECOND))} s`;
  if (value < DAY) return `${Math.floor(value / HOUR)} h ${two(Math.floor((value % HOUR) / MINUTE))} min`;
  const hours = Math.floor((value % DAY) / HOUR);
  return `${Math.floor(value / DAY)} d${hours > 0 ? ` ${hours} h` : ''}`;
}

/** `1 h 30 min`: a length somebody chose, exactly, in its largest whole units. */
export function formatSpan(ms: number): string {
  const units: [number, string][] = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'min'],
    [SECOND, 's'],
  ];
  const parts: string[] = [];
  let rest = ms;
  for (const [size, unit] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    rest %= size;
  }
  if (rest > 0 || parts.length === 0) parts.push(`${rest} ms`);
  return parts.join(' ');
}

/** `now`, `12 s ago`, `in 4 min`, `3 d ago`: one unit, cut. */
export function formatRelative(instant: string, nowMs: number): string {
  const distance = Date.parse(instant) - nowMs;
  const size = Math.abs(distance);
  if (size < SECOND) return 'now';
  const text =
    size < MINUTE
      ? `${Math.floor(size / SECOND)} s`
      : size < 2 * HOUR
        ? `${Math.floor(size / MINUTE)} min`
        : size < 2 * DAY
          ? `${Math.floor(size / HOUR)} h`
          : size < 60 * DAY
            ? `${Math.floor(size / DAY)} d`
            : `${Math.floor(size / (30 * DAY))} mo`;
  return distance > 0 ? `in ${text}` : `${text} ago`;
}

/** `2026-01-31 09:04:05.120` in the reader's own time zone. */
export function formatExact(instant: string): string {
  const date = new Date(instant);
  return `${formatDay(date)} ${formatClock(date)}`;
}

/** `2026-01-31`, local. */
export function formatDay(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `09:04:05.120`, local. */
export function formatClock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${three(date.getMilliseconds())}`;
}

/** `Europe/Berlin`-like name of the reader's zone. */
export function localTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** A clock's offset: `in step` within a second, else `+2 h 01 min`. */
export function formatClockOffset(ms: number): string {
  if (Math.abs(ms) < SECOND) return 'in step';
  return `${ms > 0 ? '+' : '−'}${formatDuration(Math.abs(ms))}`;
}

/** `18.4 KB`: decimal units. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

const grouped = new Intl.NumberFormat('en-US');
/** `1,461`. */
export function formatCount(count: number): string {
  return grouped.format(count);
}

/** `1 run`, `3 runs`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `7`, or `2.7` after a failover: an epoch is (Postgres timeline, counter) in one number, 32 bits each. */
export function formatEpoch(epoch: number): string {
  const timeline = Math.floor(epoch / 2 ** 32);
  const counter = epoch % 2 ** 32;
  return timeline > 1 ? `${timeline}.${counter}` : String(counter);
}

/** The head of a long digest or id, to tell two apart at a glance. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}
