/**
 * Triggers as a pure machine over buckets: an event, or an instant that has come, in; changed buckets and firings out.
 *
 * Time is that of the events, not ours: a window is told by `occurredAt`, so events that arrive out of order within
 * `TOLERANCE_MS` count the same. A bucket goes: none -> open (counting) -> fired (quiet to the end of its window) -> none.
 * What happened within the tolerance is kept in `recent`, by time, and taken up in that order when nothing can come before it
 * any more. A proactive trigger fires at its deadline, which is the tolerance after the window's end, so that stragglers still
 * prevent it; the others fire at once.
 */
import type { CompoundTrigger, Event, EventsTrigger, EventTrigger, SequenceTrigger } from '@signalbox/proto/api';
import { keyOf, roleOf } from './match.ts';

/** How late an event may come and still count as if it had come in time, milliseconds. */
export const TOLERANCE_MS = 2_000;
/** Of one bucket; of more the oldest are taken up early. */
const RECENT_MAX = 32;

export type Bucket = {
  /** Instants of the events that count, oldest first; at most `threshold`. */
  readonly times: readonly number[];
  /** When the window was opened; null: it has not been, or opens by itself. */
  readonly openedAt: number | null;
  /** Up to here events belong to a window that has fired. */
  readonly quietUntil: number | null;
  /** When to look again though no event came. Null: never. */
  readonly deadlineAt: number | null;
  /** Of a compound: when each part fired, by its number. Of a sequence: when what it completes began. */
  readonly fired: Readonly<Record<string, number>>;
  /** The event that counted last, or opened it. */
  readonly last: Event | null;
  /** What was told lately, by time. Absent: nothing. */
  readonly recent?: readonly Recent[];
  /** Of a compound: what each part fired for, by its number. Of a sequence: all up to that part. */
  readonly parts?: Readonly<Record<string, readonly Part[]>>;
};
type Recent = {
  readonly at: number;
  readonly opens?: boolean;
  readonly counts?: boolean;
  /** Of the newest that opens a window. */
  readonly event?: Event;
  /** Of a sequence: the part that fired, for what, and the place of its event in the feed. */
  readonly child?: number;
  readonly position?: number;
  readonly parts?: readonly Part[];
};

/** A part of a compound or a sequence that fired, and what for. `event` null: nothing ever came. */
export type Part = { readonly part: number; readonly at: number; readonly event: Event | null };
/**
 * One firing of a trigger. `event`: what completed it, or opened the window in which too little came; null: nothing ever did.
 * `parts`: of a compound or a sequence, in the order of their time.
 */
export type Firing = { readonly at: number; readonly key: string; readonly event: Event | null; readonly parts?: readonly Part[] };

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
  const nowMs = Date.parse(event.receivedAt);
  let isDone = false;
  return trigger.triggers.flatMap((child, i) =>
    step(child, buckets, event, `${path}.${i}`).flatMap((firing) => {
      // One event completes it once, and is no beginning of the next.
      const made = isDone ? [] : childFired(trigger, buckets, { path, child: i, firing, nowMs });
      isDone ||= made.length > 0;
      return made;
    }),
  );
}

/** What the trigger makes of a bucket whose deadline has come. */
export function expire(trigger: EventsTrigger, buckets: Buckets, id: string, nowMs: number, path = ''): Firing[] {
  if (trigger.type === 'event') return id.startsWith(`${path}|`) ? expireEvent(trigger, buckets, id, nowMs) : [];
  return trigger.triggers.flatMap((child, i) =>
    expire(child, buckets, id, nowMs, `${path}.${i}`).flatMap((firing) => childFired(trigger, buckets, { path, child: i, firing, nowMs })),
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
  if (trigger.posture === 'proactive') return stepProactive(trigger, buckets, id, role, event);
  const firings = trigger.after.length > 0 ? stepGuarded(trigger, buckets, id, role, event) : stepReactive(trigger, buckets, id, event);
  return firings.map((firing) => ({ ...firing, key }));
}

/** Enough that lie close enough together, whatever order they came in. */
function stepReactive(trigger: EventTrigger, buckets: Buckets, id: string, event: Event): Firing[] {
  const at = Date.parse(event.occurredAt);
  const withinMs = trigger.withinSeconds * 1_000;
  // A window's length, and the tolerance at least, is kept behind the newest for those that come late.
  const graceMs = Math.max(withinMs, TOLERANCE_MS);
  if (withinMs === 0 && trigger.threshold === 1) return [{ at, key: '', event }];
  const before = buckets.get(id) ?? EMPTY;
  if (before.quietUntil !== null && at <= before.quietUntil) return [];
  const times = [...before.times, at].sort((a, b) => a - b);
  const from = times.findIndex((time, i) => (times[i + trigger.threshold - 1] ?? Number.POSITIVE_INFINITY) - time <= withinMs);
  if (from < 0) {
    const newest = times.at(-1) ?? at;
    const kept = times.filter((time) => time >= newest - withinMs - graceMs);
    buckets.set(id, { ...before, times: kept, last: event, deadlineAt: newest + withinMs + graceMs });
    return [];
  }
  const quietUntil = (times[from] ?? at) + withinMs;
  buckets.set(id, { ...EMPTY, quietUntil, deadlineAt: quietUntil + graceMs, times: times.filter((time) => time > quietUntil) });
  return [{ at, key: '', event }];
}

type Role = { readonly opens: boolean; readonly counts: boolean };

/** Enough after something opened the window; what opens it anew begins anew. After a firing it must be opened again. */
function stepGuarded(trigger: EventTrigger, buckets: Buckets, id: string, { opens, counts }: Role, event: Event): Firing[] {
  const at = Date.parse(event.occurredAt);
  const nowMs = Date.parse(event.receivedAt);
  const before = buckets.get(id) ?? EMPTY;
  if (before.quietUntil !== null && at < before.quietUntil) return [];
  const recent = inserted(before.recent ?? [], { at, opens, counts });
  const last = counts ? event : before.last;
  const { firedAt, openedAt: openAt } = takeUp(trigger, before, recent);
  if (firedAt !== null) {
    const rest = recent.filter((each) => each.at > firedAt);
    keepUntil(buckets, id, { ...EMPTY, quietUntil: firedAt, recent: rest }, (rest.at(-1)?.at ?? firedAt) + TOLERANCE_MS, nowMs);
    return [{ at: firedAt, key: '', event: last ?? event }];
  }
  const count = takenUp(recent, nowMs);
  const { openedAt, times } = takeUp(trigger, before, recent.slice(0, count));
  const bucket: Bucket = { ...before, openedAt, times, last: last ?? event, recent: recent.slice(count) };
  if (openAt === null) keepUntil(buckets, id, bucket, (recent.at(-1)?.at ?? at) + TOLERANCE_MS, nowMs);
  else {
    const withinMs = trigger.withinSeconds * 1_000;
    buckets.set(id, { ...bucket, deadlineAt: withinMs > 0 ? openAt + withinMs + TOLERANCE_MS : null });
  }
  return [];
}

/** What a guarded window makes of these, in their order, up to a firing. */
function takeUp(trigger: EventTrigger, before: Bucket, entries: readonly Recent[]) {
  const withinMs = trigger.withinSeconds > 0 ? trigger.withinSeconds * 1_000 : Number.POSITIVE_INFINITY;
  let [openedAt, times] = [before.openedAt, before.times];
  for (const { at, opens, counts } of entries) {
    if (opens && !(counts && openedAt !== null)) {
      if (openedAt === null || at >= openedAt) [openedAt, times] = [at, []];
    } else if (openedAt !== null && at >= openedAt && at <= openedAt + withinMs) {
      times = [...times, at];
      if (times.length >= trigger.threshold) return { openedAt, times, firedAt: at };
    }
  }
  return { openedAt, times, firedAt: null };
}

/** Kept for what may come late, and no longer. */
function keepUntil(buckets: Buckets, id: string, bucket: Bucket, deadlineAt: number, nowMs: number): void {
  if (deadlineAt > nowMs) buckets.set(id, { ...bucket, deadlineAt });
  else if (buckets.get(id)) buckets.set(id, null);
}

function stepProactive(trigger: EventTrigger, buckets: Buckets, id: string, { opens, counts }: Role, event: Event): Firing[] {
  const at = Date.parse(event.occurredAt);
  const before = buckets.get(id) ?? EMPTY;
  // The newest that opens a window is kept whole: a firing is about it.
  const isKept = (opens || trigger.after.length === 0) && !(before.recent ?? []).some((each) => each.event && each.at > at);
  const known = isKept ? (before.recent ?? []).map(({ event: _, ...each }) => each) : (before.recent ?? []);
  const recent = inserted(known, { at, opens, counts, ...(isKept ? { event } : {}) });
  return settle(trigger, buckets, id, { ...before, recent }, Date.parse(event.receivedAt));
}

function expireEvent(trigger: EventTrigger, buckets: Buckets, id: string, nowMs: number): Firing[] {
  const before = buckets.get(id);
  if (!before || before.deadlineAt === null || before.deadlineAt > nowMs) return [];
  if (trigger.posture === 'proactive') return settle(trigger, buckets, id, before, nowMs);
  buckets.set(id, null);
  return [];
}

/** Takes up what nothing can come before any more, and fires for each window that ended meanwhile without enough. */
function settle(trigger: EventTrigger, buckets: Buckets, id: string, before: Bucket, nowMs: number): Firing[] {
  const untilMs = nowMs - TOLERANCE_MS;
  const key = id.slice(id.indexOf('|') + 1);
  const recent = before.recent ?? [];
  const count = takenUp(recent, nowMs);
  const settled = watch(trigger, before, recent.slice(0, count), untilMs);
  const rest = recent.slice(count);
  // What is to be seen when the rest was taken up too says when to look again.
  const ahead = watch(trigger, settled, rest, Number.NEGATIVE_INFINITY);
  const end = ahead.fired[0]?.at ?? (ahead.openedAt === null ? null : ahead.openedAt + trigger.withinSeconds * 1_000);
  const deadlineAt = end ?? rest.at(-1)?.at ?? null;
  const { openedAt, times, last } = settled;
  const kept: Bucket = { ...EMPTY, openedAt, times, last, ...(rest.length > 0 ? { recent: rest } : {}) };
  if (deadlineAt !== null) buckets.set(id, { ...kept, deadlineAt: deadlineAt + TOLERANCE_MS });
  else if (buckets.get(id)) buckets.set(id, null);
  return settled.fired.map((firing) => ({ ...firing, key }));
}

/** Windows of a proactive trigger, over entries in their order and then up to an instant. */
function watch(
  trigger: EventTrigger,
  { openedAt, times, last }: Pick<Bucket, 'openedAt' | 'times' | 'last'>,
  entries: readonly Recent[],
  untilMs: number,
) {
  const withinMs = trigger.withinSeconds * 1_000;
  const opensItself = trigger.after.length === 0;
  const state = { openedAt, times, last, fired: [] as Omit<Firing, 'key'>[] };
  const open = (at: number | null) => {
    state.openedAt = at;
    state.times = [];
  };
  for (const { at, opens, event } of entries) {
    if (state.openedAt !== null && at < state.openedAt) continue;
    const isOver = state.openedAt !== null && at > state.openedAt + withinMs;
    if (isOver) {
      state.fired.push({ at: (state.openedAt ?? 0) + withinMs, event: state.last });
      open(opensItself ? at : null);
    } else if (!opens && state.openedAt !== null) {
      state.times = [...state.times, at];
      if (state.times.length >= trigger.threshold) open(opensItself ? at : null);
    } else if (!opens && opensItself) open(at);
    // A heartbeat both answers the last window and opens the next.
    if (opens) open(at);
    state.last = event ?? state.last;
  }
  if (state.openedAt !== null && state.openedAt + withinMs <= untilMs) {
    const end = state.openedAt + withinMs;
    state.fired.push({ at: end, event: state.last });
    // After an outage of ours the windows that nobody watched are one: from the end of this to now.
    open(opensItself ? Math.max(end, untilMs - withinMs) : null);
  }
  return state;
}

/** By time; of one instant in the order of the feed, and of one event the later parts of a sequence first: it is not two of them. */
function inserted(recent: readonly Recent[], entry: Recent): Recent[] {
  return [...recent, entry].sort((a, b) => a.at - b.at || (a.position ?? 0) - (b.position ?? 0) || (b.child ?? 0) - (a.child ?? 0));
}

/** How many of them nothing can come before any more. */
function takenUp(recent: readonly Recent[], nowMs: number): number {
  return recent.filter(({ at }, i) => at <= nowMs - TOLERANCE_MS || i < recent.length - RECENT_MAX).length;
}

function opened(trigger: EventTrigger, at: number, event: Event | null): Bucket {
  return { ...EMPTY, openedAt: at, last: event, deadlineAt: at + trigger.withinSeconds * 1_000 + TOLERANCE_MS };
}

type ChildFiring = { readonly path: string; readonly child: number; readonly firing: Firing; readonly nowMs: number };

/** A child fired: does that complete its parent? */
function childFired(parent: CompoundTrigger | SequenceTrigger, buckets: Buckets, fired: ChildFiring): Firing[] {
  const { child, firing } = fired;
  const own = firing.parts?.map((part) => ({ ...part, part: child })) ?? [{ part: child, at: firing.at, event: firing.event }];
  const parts = own.map((part) => ({ ...part, event: part.event && slim(part.event) }));
  return parent.type === 'sequence' ? stepSequence(parent, buckets, fired, parts) : stepCompound(parent, buckets, fired, parts);
}

/** Firings that are too old to count together are forgotten. */
function stepCompound(parent: CompoundTrigger, buckets: Buckets, { path, child, firing }: ChildFiring, parts: readonly Part[]): Firing[] {
  const id = `${path}|`;
  const withinMs = parent.withinSeconds === null ? Number.POSITIVE_INFINITY : parent.withinSeconds * 1_000;
  const before = buckets.get(id) ?? EMPTY;
  const known = Object.entries(before.fired).filter(([, at]) => Math.abs(firing.at - at) <= withinMs);
  const isNewest = !known.some(([one, at]) => one === String(child) && at > firing.at);
  const all = isNewest ? Object.fromEntries([...known, [child, firing.at]]) : Object.fromEntries(known);
  const partsOf = isNewest ? { ...before.parts, [child]: parts } : (before.parts ?? {});
  const needed = parent.require === 'any' ? 1 : parent.require === 'all' ? parent.triggers.length : parent.require;
  if (Object.keys(all).length < needed) {
    buckets.set(id, { ...EMPTY, fired: all, parts: only(partsOf, all), last: firing.event });
    return [];
  }
  buckets.set(id, null);
  return [{ ...firing, key: '', parts: byTime(Object.values(only(partsOf, all)).flat()) }];
}

/**
 * For each part the chain up to it that began last: it is the last to become too old. The first that reaches the end fires, and all
 * begins anew.
 */
function stepSequence(
  parent: SequenceTrigger,
  buckets: Buckets,
  { path, child, firing, nowMs }: ChildFiring,
  parts: readonly Part[],
): Firing[] {
  const id = `${path}|`;
  const before = buckets.get(id) ?? EMPTY;
  const recent = inserted(before.recent ?? [], { at: firing.at, child, position: firing.event?.position ?? 0, parts });
  const count = takenUp(recent, nowMs);
  const whole = follow(parent, before, recent);
  if (whole.done) {
    const { at, parts: all } = whole.done;
    const rest = recent.filter((each) => each.at > at);
    buckets.set(id, rest.length > 0 ? { ...EMPTY, recent: rest } : null);
    const event = child === parent.triggers.length - 1 ? firing.event : (all.at(-1)?.event ?? null);
    return [{ at, key: '', event, parts: all }];
  }
  const { fired, chains } = follow(parent, before, recent.slice(0, count));
  buckets.set(id, { ...EMPTY, fired, parts: chains, last: firing.event, recent: recent.slice(count) });
  return [];
}

function follow({ triggers, withinSeconds }: SequenceTrigger, before: Bucket, entries: readonly Recent[]) {
  const withinMs = withinSeconds === null ? Number.POSITIVE_INFINITY : withinSeconds * 1_000;
  const fired: Record<string, number> = { ...before.fired };
  const chains: Record<string, readonly Part[]> = { ...before.parts };
  for (const { at, child = 0, parts = [] } of entries) {
    const beganAt = child === 0 ? at : fired[child - 1];
    if (beganAt === undefined || at < beganAt || at - beganAt > withinMs) continue;
    const chain = [...(child === 0 ? [] : (chains[child - 1] ?? [])), ...parts];
    if (child === triggers.length - 1) return { fired, chains, done: { at, parts: chain } };
    fired[child] = beganAt;
    chains[child] = chain;
  }
  return { fired, chains, done: null };
}

const only = <T>(all: Readonly<Record<string, T>>, keys: object): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([key]) => Object.hasOwn(keys, key)));
const byTime = (parts: readonly Part[]): Part[] => [...parts].sort((a, b) => a.at - b.at);

/** What a part is kept with: a payload over this many characters is left out, since all parts of all buckets are kept. */
const PART_PAYLOAD_MAX = 8_000;
const slim = (event: Event): Event => (JSON.stringify(event.payload).length > PART_PAYLOAD_MAX ? { ...event, payload: {} } : event);
