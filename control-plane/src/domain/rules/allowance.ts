/**
 * How much of one kind a workspace may use now: a bucket that holds a minute's worth and fills by the clock, and a quota of
 * the UTC day. Pure: what one replica knows since it last asked Postgres.
 */

export type Allowance = {
  /** Null: unlimited. */
  readonly perMinute: number | null;
  readonly perDay: number | null;
  /** Of the bucket at `atMs`. Below zero: replicas together gave more than there was, and it is owed. */
  readonly level: number;
  readonly atMs: number;
  /** In the UTC day of `atMs`. */
  readonly usedToday: number;
};

/** A bound that was met. */
export type Excess = {
  readonly span: 'minute' | 'day';
  readonly most: number;
  readonly used: number;
  /** Until as much as was asked for may be used; whole milliseconds, above 0. */
  readonly retryAfterMs: number;
};

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** The bucket and the day as they are at `nowMs`. */
export function atInstant(allowance: Allowance, nowMs: number): Allowance {
  const { perMinute, atMs, usedToday } = allowance;
  const level = perMinute === null ? 0 : Math.min(perMinute, allowance.level + (Math.max(0, nowMs - atMs) / MINUTE_MS) * perMinute);
  return { ...allowance, level, atMs: nowMs, usedToday: dayOf(nowMs) === dayOf(atMs) ? usedToday : 0 };
}

/** Null: `amount` may be used. More than a minute's worth at once waits for a full bucket. */
export function excessOf(allowance: Allowance, amount: number, nowMs: number): Excess | null {
  const { perMinute, perDay, level, usedToday } = atInstant(allowance, nowMs);
  if (perDay !== null && usedToday + amount > perDay) {
    return { span: 'day', most: perDay, used: usedToday, retryAfterMs: msToMidnight(nowMs) };
  }
  if (perMinute === null) return null;
  const needed = Math.min(amount, perMinute);
  if (level >= needed) return null;
  const retryAfterMs = Math.ceil(((needed - level) / perMinute) * MINUTE_MS);
  return { span: 'minute', most: perMinute, used: Math.ceil(perMinute - level), retryAfterMs };
}

/** What is left once `amount` is used, whether or not it may be. */
export function spend(allowance: Allowance, amount: number, nowMs: number): Allowance {
  const now = atInstant(allowance, nowMs);
  return { ...now, level: now.perMinute === null ? 0 : now.level - amount, usedToday: now.usedToday + amount };
}

/** Milliseconds until the UTC day ends, above 0. */
export function msToMidnight(nowMs: number): number {
  return DAY_MS - (nowMs % DAY_MS);
}

const dayOf = (ms: number) => Math.floor(ms / DAY_MS);
