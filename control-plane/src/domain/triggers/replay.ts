/** What a trigger would have made of events that were: the same machine, with the events' own clock. */
import type { Event, EventsTrigger } from '@signalbox/proto/api';
import { type Bucket, type Buckets, expire, type Firing, initialBuckets, step } from './step.ts';

/** Firings in the order in which they would have come. `events` as they were received; deadlines come between them and to the end. */
export function replay(trigger: EventsTrigger, events: readonly Event[], { fromMs, toMs }: { fromMs: number; toMs: number }): Firing[] {
  const known = initialBuckets(trigger, fromMs);
  const buckets: Buckets = {
    get: (id) => known.get(id),
    set: (id, bucket) => void (bucket === null ? known.delete(id) : known.set(id, bucket)),
  };
  const firings: Firing[] = [];
  for (const event of events) {
    firings.push(...passTo(trigger, known, buckets, Date.parse(event.receivedAt)), ...step(trigger, buckets, event));
  }
  return [...firings, ...passTo(trigger, known, buckets, toMs)];
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
