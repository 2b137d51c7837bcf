/**
 * Triggers with `resolveOn`: of each key an alert stands or does not, and only what changes that is told. Buckets:
 * - `!|key`: it stands. `openedAt` says since when, `quietUntil` when it last happened again: a recovery from before that, which comes late,
 *   does not end it.
 * - `~|key`: it recovered lately, at `quietUntil`. Kept for as long as an older failure may still come: that one is over already. Only
 *   of reactive triggers, since what nobody sent is told after its time anyway.
 */
import type { Event, EventsTrigger } from '@signalbox/proto/api';
import { fitsLabels, fitsPattern, keyOf } from './match.ts';
import { type Buckets, EMPTY, type Firing, TOLERANCE_MS } from './step.ts';

const alertId = (key: string): string => `!|${key}`;
const recoveryId = (key: string): string => `~|${key}`;
export const isRecovery = (id: string): boolean => id.startsWith('~');

/** Buckets that say whether a key is an edge; none where the trigger has no edges. */
export function edgeIds(trigger: EventsTrigger, key: string): string[] {
  if (trigger.type !== 'event' || trigger.resolveOn === null) return [];
  return [alertId(key), ...(trigger.posture === 'reactive' ? [recoveryId(key)] : [])];
}

/** Key of the alert that the event ends, whether or not it stands; null: none. */
export function resolvedBy(trigger: EventsTrigger, event: Event): string | null {
  if (trigger.type !== 'event' || trigger.resolveOn === null) return null;
  const { expect, match, matchRelated } = trigger.resolveOn;
  const fits =
    expect.some((pattern) => fitsPattern(pattern, event.name)) &&
    fitsLabels(match, event.resource) &&
    matchRelated.every((wanted) => event.related.some((labels) => fitsLabels(wanted, labels)));
  return fits ? keyOf(trigger, event) : null;
}

/** Whether the event, which resolves this key, ends an alert that stands. */
export function recovers(trigger: EventsTrigger, buckets: Buckets, key: string, event: Event): boolean {
  const nowMs = Date.parse(event.receivedAt);
  const at = Date.parse(event.occurredAt);
  if (trigger.type === 'event' && trigger.posture === 'reactive') {
    // A sender whose clock is ahead recovers nothing that is still to come.
    const quietUntil = Math.max(Math.min(at, nowMs), buckets.get(recoveryId(key))?.quietUntil ?? 0);
    buckets.set(recoveryId(key), { ...EMPTY, quietUntil, deadlineAt: nowMs + TOLERANCE_MS });
  }
  const alert = buckets.get(alertId(key));
  if (!alert || at < Math.max(alert.openedAt ?? 0, alert.quietUntil ?? 0)) return false;
  buckets.set(alertId(key), null);
  return true;
}

/** Whether this firing is an edge, which then stands until it is resolved. */
export function opens(trigger: EventsTrigger, buckets: Buckets, firing: Firing, nowMs: number): boolean {
  if (trigger.type !== 'event' || trigger.resolveOn === null) return true;
  const alert = buckets.get(alertId(firing.key));
  if (alert) {
    if (firing.at > Math.max(alert.openedAt ?? 0, alert.quietUntil ?? 0))
      buckets.set(alertId(firing.key), { ...alert, quietUntil: firing.at });
    return false;
  }
  const recovery = buckets.get(recoveryId(firing.key));
  if (recovery && (recovery.deadlineAt ?? 0) > nowMs && firing.at < (recovery.quietUntil ?? 0)) return false;
  buckets.set(alertId(firing.key), { ...EMPTY, openedAt: firing.at, last: firing.event });
  return true;
}
