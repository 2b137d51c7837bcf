/** Whether a failed flow is tried again, and when. */
import type { RunFailure } from '@signalbox/proto';
import type { RetryPolicy } from '@signalbox/proto/messages';

/**
 * Milliseconds until the next attempt, or null when this failure is final: no retries left, or the author said
 * that trying again cannot help. What the author asked for (`RetryAfterError`) goes before the policy; the last
 * delay of the policy repeats; without any the next attempt is due at once.
 */
export function retryDelayMs(policy: RetryPolicy, retriesUsed: number, failure: RunFailure | null): number | null {
  if (retriesUsed >= policy.retries || failure?.retryable === false) return null;
  return failure?.retryAfterMs ?? policy.delaysMs[Math.min(retriesUsed, policy.delaysMs.length - 1)] ?? 0;
}
