/** Whether a failed flow is tried again, and when. */
import type { RunFailure } from '@signalbox/proto';
import type { RetryPolicy } from '@signalbox/proto/messages';

/**
 * Milliseconds until the next attempt, or null when this failure is final: no retries left, or the author said
 * that trying again cannot help. What the author asked for (`RetryAfterError`) goes before the policy, as it is; the
 * last delay of the policy repeats; without any the next attempt is due at once.
 * @param random from 0 up to 1, places the pause inside its jitter.
 */
export function retryDelayMs(policy: RetryPolicy, retriesUsed: number, failure: RunFailure | null, random: number): number | null {
  if (retriesUsed >= policy.retries || failure?.retryable === false) return null;
  if (failure?.retryAfterMs !== undefined) return failure.retryAfterMs;
  const delayMs = policy.delaysMs[Math.min(retriesUsed, policy.delaysMs.length - 1)] ?? 0;
  return Math.round(delayMs * (1 + (policy.jitter ?? 0) * (2 * random - 1)));
}
