/** What a trigger would have made of events that were: the same machine, with the events' own clock. */
import type { Event, EventsTrigger } from '@signalbox/proto/api';
import { opens, recovers, resolvedBy } from './edges.ts';
import { type Bucket, type Buckets, expire, type Firing, initialBuckets, step } from './step.ts';

/** Firings in the order in which they would have come. `events` as they were received; deadlines come between them and to the end. */
export function replay(trigger: EventsTrigger, events: readonly Event[], { fromMs, toMs }: { fromMs: number; toMs: number }): Firing[] {
  const known = initialBuckets(trigger, fromMs);
  const buckets: Buckets = {
    get: (id) => known.get(id),
    set: (id, bucket) => void (bucket === null ? known.delete(id) : known.set(id, bucket)),
  };
  // Apart, since they are many and none has to be looked at when time passes.
  const edges = new Map<string, Bucket>();
  const edgeBuckets: Buckets = {
    get: (id) => edges.get(id),
    set: (id, bucket) => void (bucket === null ? edges.delete(id) : edges.set(id, bucket)),
  };
  const firings: Firing[] = [];
  const tell = (found: readonly Firing[], nowMs: number) => {
    for (const firing of found) if (opens(trigger, edgeBuckets, firing, nowMs)) firings.push(firing);
  };
  for (const event of events) {
    const nowMs = Date.parse(event.receivedAt);
    tell(passTo(trigger, known, buckets, nowMs), nowMs);
    const resolved = resolvedBy(trigger, event);
    if (resolved !== null) recovers(trigger, edgeBuckets, resolved, event);
    tell(step(trigger, buckets, event), nowMs);
  }
  tell(passTo(trigger, known, buckets, toMs), toMs);
  return firings;
}

/** Lets every deadline up to `nowMs` come, the earliest first. */
function passTo(trigger: EventsTrigger, known: ReadonlyMap<string, Bucket>, buckets: Buckets, nowMs: number): Firing[] {
  const firings: Firing[] = [];
  for (;;) {
    let next: { id: string; deadlineAt: number } | null = null;
    for (const [id, { deadlineAt }] of known)
      if (deadlineAt !== null && deadlineAt <= nowMs && (next === null || deadlineAt < next.deadlineAt)) next = { id, deadlineAt };
    if (next === null) return firings;
    firings.push(...expire(trigger, buckets, next.id, next.deadlineAt));
  }
}
