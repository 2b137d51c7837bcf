/**
 * Triggers as a pure machine over buckets: an event, or an instant that has come, in; changed buckets and firings out.
 *
 * Time is that of the events, not ours: a window is told by `occurredAt`, so events that arrive out of order within it
 * count the same. A bucket goes: none -> open (counting) -> fired (quiet to the end of its window) -> none. A proactive
 * one fires at its deadline, which is `TOLERANCE_MS` after the window's end, so that stragglers still prevent it.
 */
import type { CompoundTrigger, Event, EventsTrigger, EventTrigger, SequenceTrigger } from '@signalbox/proto/api';
import { keyOf, roleOf } from './match.ts';

/** How late an event may come and still prevent a proactive firing, milliseconds. */
export const TOLERANCE_MS = 2_000;

export type Bucket = {
  /** Instants of the events that count, oldest first; at most `threshold`. */
  readonly times: readonly number[];
  /** When the window was opened; null: it has not been, or opens by itself. */
  readonly openedAt: number | null;
  /** Up to here events belong to a window that has fired. */
  readonly quietUntil: number | null;
  /** When to look again though no event came. Null: never. */
  readonly deadlineAt: number | null;
  /** Of compound and sequence: when each child fired, by its number. */
  readonly fired: Readonly<Record<string, number>>;
  /** The event that counted last, or opened it. */
  readonly last: Event | null;
};

/** One firing of a trigger. `event`: what completed it, or opened the window in which too little came; null: nothing ever did. */
export type Firing = { readonly at: number; readonly key: string; readonly event: Event | null };

/** Buckets by `path|key`, as far as a step may ask for them. Changes are made in it; null: the bucket is gone. */
export type Buckets = { get(id: string): Bucket | undefined; set(id: string, bucket: Bucket | null): void };

export const EMPTY: Bucket = { times: [], openedAt: null, quietUntil: null, deadlineAt: null, fired: {}, last: null };

/** The buckets that a step with this event may ask for. */
export function bucketIds(trigger: EventsTrigger, event: Event, path = ''): string[] {
  if (trigger.type === 'event') return roleOf(trigger, event) ? [`${path}|${keyOf(trigger, event)}`] : [];
  const below = trigger.triggers.flatMap((child, i) => bucketIds(child, event, `${path}.${i}`));
  return below.length === 0 ? [] : [...below, `${path}|`];
}

/** What the trigger makes of an event. */
export function step(trigger: EventsTrigger, buckets: Buckets, event: Event, path = ''): Firing[] {
  if (trigger.type === 'event') return stepEvent(trigger, buckets, event, path);
  return trigger.triggers.flatMap((child, i) => {
    const fired = step(child, buckets, event, `${path}.${i}`);
    return fired.flatMap((firing) => childFired(trigger, buckets, path, i, firing));
  });
}

/** What the trigger makes of a bucket whose deadline has come. */
export function expire(trigger: EventsTrigger, buckets: Buckets, id: string, nowMs: number, path = ''): Firing[] {
  if (trigger.type === 'event') return id.startsWith(`${path}|`) ? expireEvent(trigger, buckets, id, nowMs) : [];
  return trigger.triggers.flatMap((child, i) =>
    expire(child, buckets, id, nowMs, `${path}.${i}`).flatMap((firing) => childFired(trigger, buckets, path, i, firing)),
  );
}

/** The buckets that stand before any event: proactive triggers that nothing need open. They count from `nowMs`. */
export function initialBuckets(trigger: EventsTrigger, nowMs: number, path = ''): Map<string, Bucket> {
  if (trigger.type !== 'event') return new Map(trigger.triggers.flatMap((child, i) => [...initialBuckets(child, nowMs, `${path}.${i}`)]));
  if (trigger.posture === 'reactive' || trigger.after.length > 0 || trigger.forEach.length > 0) return new Map();
  return new Map([[`${path}|[]`, opened(trigger, nowMs, null)]]);
}

function stepEvent(trigger: EventTrigger, buckets: Buckets, event: Event, path: string): Firing[] {
  const role = roleOf(trigger, event);
  if (!role) return [];
  const key = keyOf(trigger, event);
  const id = `${path}|${key}`;
  const at = Date.parse(event.occurredAt);
  return trigger.posture === 'proactive'
    ? stepProactive(trigger, buckets, id, role, event, at)
    : stepReactive(trigger, buckets, id, role, event, at).map((firing) => ({ ...firing, key }));
}

function stepReactive(
  trigger: EventTrigger,
  buckets: Buckets,
  id: string,
  role: { opens: boolean; counts: boolean },
  event: Event,
  at: number,
): Firing[] {
  const withinMs = trigger.withinSeconds * 1_000;
  const before = buckets.get(id) ?? EMPTY;
  const isGuarded = trigger.after.length > 0;
  if (isGuarded && before.openedAt === null) {
    if (role.opens)
      buckets.set(id, { ...EMPTY, openedAt: at, last: event, deadlineAt: withinMs > 0 ? at + withinMs + TOLERANCE_MS : null });
    return [];
  }
  if (!role.counts) {
    // Opened again: the window begins anew.
    if (role.opens)
      buckets.set(id, { ...EMPTY, openedAt: at, last: event, deadlineAt: withinMs > 0 ? at + withinMs + TOLERANCE_MS : null });
    return [];
  }
  if (isGuarded && (at < (before.openedAt ?? 0) || (withinMs > 0 && at > (before.openedAt ?? 0) + withinMs))) return [];
  if (before.quietUntil !== null && at <= before.quietUntil) return [];
  if (withinMs === 0 && trigger.threshold === 1) {
    if (isGuarded) buckets.set(id, null);
    return [{ at, key: '', event }];
  }
  // Enough that lie close enough together, whatever order they came in.
  const times = [...before.times, at].sort((a, b) => a - b);
  const from = times.findIndex((time, i) => (times[i + trigger.threshold - 1] ?? Number.POSITIVE_INFINITY) - time <= withinMs);
  if (from < 0) {
    const newest = times.at(-1) ?? at;
    // What a window that ends with the newest cannot hold any more, and what is no use beyond the threshold, is let go;
    // a window's length is kept behind it for those that come late.
    const kept = times.filter((time) => time >= newest - 2 * withinMs);
    buckets.set(id, { ...before, times: kept, last: event, deadlineAt: newest + 2 * withinMs });
    return [];
  }
  if (isGuarded) buckets.set(id, null);
  else {
    const quietUntil = (times[from] ?? at) + withinMs;
    buckets.set(id, { ...EMPTY, quietUntil, deadlineAt: quietUntil + withinMs, times: times.filter((time) => time > quietUntil) });
  }
  return [{ at, key: '', event }];
}

function stepProactive(
  trigger: EventTrigger,
  buckets: Buckets,
  id: string,
  role: { opens: boolean; counts: boolean },
  event: Event,
  at: number,
): Firing[] {
  const withinMs = trigger.withinSeconds * 1_000;
  const before = buckets.get(id);
  // A heartbeat both answers the last window and opens the next.
  if (role.opens) {
    if (!before || at >= (before.openedAt ?? 0)) buckets.set(id, opened(trigger, at, event));
    return [];
  }
  if (trigger.after.length === 0 && !before) {
    buckets.set(id, opened(trigger, at, event));
    return [];
  }
  if (!before || before.openedAt === null || at < before.openedAt || at > before.openedAt + withinMs) {
    // It belongs to the window after this one, which opens with it.
    if (before?.openedAt != null && trigger.after.length === 0 && at > before.openedAt + withinMs)
      buckets.set(id, { ...before, times: [...before.times, at].sort((a, b) => a - b).slice(-trigger.threshold), last: event });
    return [];
  }
  const times = [...before.times, at].sort((a, b) => a - b);
  if (within(times, before.openedAt, withinMs) < trigger.threshold) buckets.set(id, { ...before, times, last: event });
  else buckets.set(id, trigger.after.length > 0 ? null : opened(trigger, at, event));
  return [];
}

function expireEvent(trigger: EventTrigger, buckets: Buckets, id: string, nowMs: number): Firing[] {
  const before = buckets.get(id);
  if (!before || before.deadlineAt === null || before.deadlineAt > nowMs) return [];
  const key = id.slice(id.indexOf('|') + 1);
  if (trigger.posture === 'reactive') {
    buckets.set(id, null);
    return [];
  }
  const withinMs = trigger.withinSeconds * 1_000;
  const openedAt = before.openedAt ?? nowMs;
  const end = openedAt + withinMs;
  const isEnough = within(before.times, openedAt, withinMs) >= trigger.threshold;
  const later = before.times.filter((time) => time > end);
  // After an outage of ours the windows that nobody watched are one: from the end of this to now.
  const next = later[0] ?? Math.max(end, nowMs - TOLERANCE_MS - withinMs);
  if (trigger.after.length > 0) buckets.set(id, null);
  else buckets.set(id, { ...opened(trigger, next, before.last), times: later.slice(1) });
  return isEnough ? [] : [{ at: end, key, event: before.last }];
}

function opened(trigger: EventTrigger, at: number, event: Event | null): Bucket {
  return { ...EMPTY, openedAt: at, last: event, deadlineAt: at + trigger.withinSeconds * 1_000 + TOLERANCE_MS };
}

function within(times: readonly number[], openedAt: number, withinMs: number): number {
  return times.filter((time) => time >= openedAt && time <= openedAt + withinMs).length;
}

/** A child fired: does that complete its parent? Firings that are too old to count together are forgotten. */
function childFired(parent: CompoundTrigger | SequenceTrigger, buckets: Buckets, path: string, child: number, firing: Firing): Firing[] {
  const id = `${path}|`;
  const withinMs = parent.withinSeconds === null ? null : parent.withinSeconds * 1_000;
  const before = buckets.get(id) ?? EMPTY;
  const fresh = Object.entries(before.fired).filter(([, at]) => withinMs === null || Math.abs(firing.at - at) <= withinMs);
  const known = Object.fromEntries(fresh);
  if (parent.type === 'sequence') {
    // Only the one whose turn it is counts; when the first has become too old, all begins anew.
    const done = Object.hasOwn(known, '0') ? Object.keys(known).length : 0;
    if (child !== done) return [];
    const fired = { ...(done === 0 ? {} : known), [child]: firing.at };
    if (done + 1 < parent.triggers.length) return keep(buckets, id, fired, firing);
  } else {
    const fired = { ...known, [child]: firing.at };
    const needed = parent.require === 'any' ? 1 : parent.require === 'all' ? parent.triggers.length : parent.require;
    if (Object.keys(fired).length < needed) return keep(buckets, id, fired, firing);
  }
  buckets.set(id, null);
  return [{ ...firing, key: '' }];
}

function keep(buckets: Buckets, id: string, fired: Record<string, number>, { event }: Firing): [] {
  buckets.set(id, { ...EMPTY, fired, last: event });
  return [];
}
