/**
 * Rate limits of one replica, in memory: a bucket a key, refilled by the clock. For bounds that shield us; what must
 * hold across replicas (guessing passwords and codes) is counted in Postgres, see features/identity/attempts.ts.
 */
import { networkOf } from './network-of.ts';

export type TokenBuckets = {
  /** Takes one token: null when there was one, else milliseconds until there is. Addresses of one IPv6 network are one subject. */
  take(subject: string, nowMs?: number): number | null;
  /** Takes so many, though there are fewer: null when one is left, else milliseconds until there is. 0: a look. */
  spend(subject: string, tokens: number, nowMs?: number): number | null;
};

/** Keys kept at most; beyond it the fullest, oldest ones are forgotten, which only ever forgives. */
const MAX_KEYS = 50_000;

export function tokenBuckets(options: { readonly capacity: number; readonly refillPerSecond: number }): TokenBuckets {
  const { capacity, refillPerSecond } = options;
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  function levelOf(key: string, nowMs: number): number {
    const bucket = buckets.get(key);
    if (!bucket) return capacity;
    return Math.min(capacity, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) / 1000) * refillPerSecond);
  }
  const waitMs = (level: number) => (level >= 1 ? null : Math.ceil(((1 - level) / refillPerSecond) * 1000));

  function keep(key: string, tokens: number, atMs: number): void {
    // Set anew at the end of the map, so that the first key is the one longest unused.
    buckets.delete(key);
    buckets.set(key, { tokens, atMs });
    if (buckets.size > MAX_KEYS) buckets.delete(buckets.keys().next().value as string);
  }

  return {
    take(subject, nowMs = performance.now()) {
      const key = networkOf(subject);
      const level = levelOf(key, nowMs);
      const wait = waitMs(level);
      keep(key, wait === null ? level - 1 : level, nowMs);
      return wait;
    },
    spend(subject, tokens, nowMs = performance.now()) {
      const key = networkOf(subject);
      const level = levelOf(key, nowMs) - tokens;
      if (tokens > 0) keep(key, level, nowMs);
      return waitMs(level);
    },
  };
}
