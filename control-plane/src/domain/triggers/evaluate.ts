/**
 * Many triggers over one batch of the feed: which rules an event may concern is found by its name, their buckets are stepped in
 * the order of the feed, and deadlines come in between, at the instants at which they would have come to one who looked always.
 * Cut into batches anywhere, the outcome is the same: what is to be remembered is in the buckets.
 *
 * Beside the machine's own (`path|key`) a rule has these buckets:
 * - `!|key` and `~|key`: what stands of a trigger of edges (`edges.ts`).
 * - `#`: its rate guard. `times` is [room left, at what instant, firings held back since].
 */
import { toId } from '@signalbox/proto';
import type { Event, EventsTrigger, EventTrigger } from '@signalbox/proto/api';
import { edgeIds, isRecovery, opens, recovers, resolvedBy } from './edges.ts';
import { keyOf } from './match.ts';
import { type Bucket, type Buckets, bucketIds, EMPTY, expire, type Firing, step } from './step.ts';

export type Rule = {
  readonly id: string;
  readonly workspaceId: string;
  readonly trigger: EventsTrigger;
  /** Events up to this position are none of its business. */
  readonly sincePosition: number;
};
export type FeedEvent = Event & { readonly workspaceId: string };
export type RuleFiring = Firing & { readonly ruleId: string; readonly kind: 'triggered' | 'resolved' };
/** Buckets of rules by `bucketKey`. */
export type KnownBuckets = Map<string, Bucket>;
export const bucketKey = (ruleId: string, id: string): string => `${ruleId} ${id}`;

/** Firings of one rule: so many at once, and then so many a second. What is over is held back and counted. */
export const GUARD_BURST = 200;
export const GUARD_PER_SECOND = 1;
export const GUARD_ID = '#';

/** Rules by workspace and by the names that they ask for. */
export type RuleIndex = {
  readonly rules: ReadonlyMap<string, Rule>;
  /** Rules that an event of this name may concern, each once. */
  candidates(workspaceId: string, name: string): readonly Rule[];
};

type ByName = { readonly exact: Map<string, Rule[]>; readonly prefixes: Map<string, Rule[]>; readonly lengths: number[] };

export function indexRules(rules: readonly Rule[]): RuleIndex {
  const workspaces = new Map<string, ByName>();
  for (const rule of rules) {
    const own: ByName = workspaces.get(rule.workspaceId) ?? { exact: new Map(), prefixes: new Map(), lengths: [] };
    workspaces.set(rule.workspaceId, own);
    for (const pattern of new Set(namesOf(rule.trigger))) {
      const star = pattern.startsWith('!') ? 0 : pattern.indexOf('*');
      const [map, key] = star < 0 ? [own.exact, pattern] : [own.prefixes, pattern.slice(0, star)];
      const list = map.get(key);
      if (list) list.push(rule);
      else map.set(key, [rule]);
      if (star >= 0 && !own.lengths.includes(star)) own.lengths.push(star);
    }
  }
  return {
    rules: new Map(rules.map((rule) => [rule.id, rule])),
    candidates(workspaceId, name) {
      const own = workspaces.get(workspaceId);
      if (!own) return [];
      const exact = own.exact.get(name) ?? [];
      const more = own.lengths.flatMap((length) => (length > name.length ? [] : (own.prefixes.get(name.slice(0, length)) ?? [])));
      return more.length === 0 ? exact : [...new Set([...exact, ...more])];
    },
  };
}

/** Names that may matter to it, as patterns; `*` where any may. */
export function namesOf(trigger: EventsTrigger): string[] {
  if (trigger.type !== 'event') return trigger.triggers.flatMap(namesOf);
  const counts = trigger.expect.length === 0 ? ['*'] : trigger.expect;
  return [...trigger.after, ...counts, ...(trigger.resolveOn?.expect ?? [])];
}

/** An event that concerns a rule, and the buckets that it may touch. */
export type Hit = {
  readonly rule: Rule;
  readonly event: FeedEvent;
  readonly bucketIds: readonly string[];
  /** Key of the alert that it ends. */
  readonly resolves: string | null;
};

/** What each event of a batch is to the rules, in the order of the feed. */
export function hitsOf(index: RuleIndex, events: readonly FeedEvent[]): Hit[] {
  return events.flatMap((event) =>
    index.candidates(event.workspaceId, event.name).flatMap((rule) => {
      if (event.position <= rule.sincePosition || isOwn(rule, event)) return [];
      const ids = bucketIds(rule.trigger, event);
      const resolves = resolvedBy(rule.trigger, event);
      if (ids.length === 0 && resolves === null) return [];
      return [{ rule, event, bucketIds: ids, resolves }];
    }),
  );
}

/** Buckets that must be known before a batch is evaluated; a trigger that keeps nothing asks for none. */
export function neededBuckets(hits: readonly Hit[]): Map<string, { ruleId: string; id: string }> {
  const needed = new Map<string, { ruleId: string; id: string }>();
  const add = (ruleId: string, id: string) => needed.set(bucketKey(ruleId, id), { ruleId, id });
  for (const { rule, event, bucketIds: ids, resolves } of hits) {
    if (!isStateless(rule.trigger)) for (const id of ids) add(rule.id, id);
    if (rule.trigger.type === 'event' && ids.length > 0)
      for (const id of edgeIds(rule.trigger, keyOf(rule.trigger, event))) add(rule.id, id);
    if (resolves !== null) for (const id of edgeIds(rule.trigger, resolves)) add(rule.id, id);
    if (ids.length > 0) add(rule.id, GUARD_ID);
  }
  return needed;
}

/** Of a bucket that is due: those that its firing may touch. */
export function bucketsAbove(rule: Rule, id: string): string[] {
  const path = id.slice(0, id.indexOf('|'));
  const parents = path.split('.').map((_, i, parts) => `${parts.slice(0, i).join('.')}|`);
  const key = id.slice(id.indexOf('|') + 1);
  return [...(path === '' ? [] : parents.slice(1)), ...edgeIds(rule.trigger, key), GUARD_ID];
}

export type Evaluation = {
  readonly firings: readonly RuleFiring[];
  readonly changed: ReadonlySet<string>;
  /** Rules whose guard held firings back. */
  readonly heldBack: ReadonlySet<string>;
  /** Rules that could not be evaluated, and why: theirs is no other's concern. */
  readonly broken: ReadonlyMap<string, string>;
};

/**
 * Steps `hits` and lets deadlines up to `horizonMs` come, at most the instant at which all events received before are in `hits`.
 * `known` is changed; what changed in it is in `changed`.
 */
export function evaluate(index: RuleIndex, hits: readonly Hit[], known: KnownBuckets, horizonMs: number): Evaluation {
  const changed = new Set<string>();
  const heldBack = new Set<string>();
  const broken = new Map<string, string>();
  const firings: RuleFiring[] = [];
  const deadlines = new Deadlines();
  for (const [key, { deadlineAt }] of known) if (deadlineAt !== null) deadlines.add(deadlineAt, key);

  const bucketsOf = (rule: Rule): Buckets => ({
    get: (id) => known.get(bucketKey(rule.id, id)),
    set(id, bucket) {
      const key = bucketKey(rule.id, id);
      changed.add(key);
      if (bucket === null) known.delete(key);
      else {
        known.set(key, bucket);
        if (bucket.deadlineAt !== null) deadlines.add(bucket.deadlineAt, key);
      }
    },
  });
  const fire = (rule: Rule, buckets: Buckets, nowMs: number, found: readonly Firing[]) => {
    for (const firing of found) {
      if (!opens(rule.trigger, buckets, firing, nowMs)) continue;
      if (takeRoom(buckets, nowMs)) firings.push({ ...firing, ruleId: rule.id, kind: 'triggered' });
      else heldBack.add(rule.id);
    }
  };
  const guarded = (rule: Rule, work: (buckets: Buckets) => void) => {
    if (broken.has(rule.id)) return;
    try {
      work(bucketsOf(rule));
    } catch (error) {
      broken.set(rule.id, (error as Error).message);
    }
  };
  const passTo = (nowMs: number) => {
    for (let key = deadlines.takeUpTo(nowMs, known); key !== null; key = deadlines.takeUpTo(nowMs, known)) {
      const rule = index.rules.get(key.slice(0, key.indexOf(' ')));
      if (!rule) continue;
      const id = key.slice(key.indexOf(' ') + 1);
      guarded(rule, (buckets) => {
        if (isRecovery(id)) buckets.set(id, null);
        else fire(rule, buckets, nowMs, expire(rule.trigger, buckets, id, nowMs));
      });
    }
  };

  for (const { rule, event, resolves, bucketIds: ids } of hits) {
    const nowMs = Date.parse(event.receivedAt);
    passTo(nowMs);
    guarded(rule, (buckets) => {
      if (resolves !== null && recovers(rule.trigger, buckets, resolves, event))
        firings.push({ ruleId: rule.id, kind: 'resolved', at: Date.parse(event.occurredAt), key: resolves, event });
      if (ids.length > 0) fire(rule, buckets, nowMs, step(rule.trigger, buckets, event));
    });
  }
  passTo(horizonMs);
  return { firings, changed, heldBack, broken };
}

function takeRoom(buckets: Buckets, nowMs: number): boolean {
  const [left = GUARD_BURST, at = nowMs, held = 0] = buckets.get(GUARD_ID)?.times ?? [];
  const room = Math.min(GUARD_BURST, left + (Math.max(0, nowMs - at) / 1_000) * GUARD_PER_SECOND);
  const isFree = room >= 1;
  buckets.set(GUARD_ID, { ...EMPTY, times: [isFree ? room - 1 : room, Math.max(at, nowMs), isFree ? 0 : held + 1] });
  return isFree;
}

/** It keeps nothing from one event to the next. */
function isStateless(trigger: EventsTrigger): trigger is EventTrigger {
  return trigger.type === 'event' && trigger.posture === 'reactive' && trigger.withinSeconds === 0 && trigger.after.length === 0;
}

/** What a rule did itself does not set it off again. */
function isOwn(rule: Rule, { resource, related }: Event): boolean {
  if (resource.kind === 'automation' && resource.id === toId('automation', rule.id)) return true;
  return related.some(
    ({ role, id }) => (role === 'actor' && id === rule.id) || (role === 'automation' && id === toId('automation', rule.id)),
  );
}

/** A binary heap of deadlines. Entries that no longer hold are passed over when they are taken. */
class Deadlines {
  readonly #heap: { readonly at: number; readonly key: string }[] = [];

  add(at: number, key: string): void {
    const heap = this.#heap;
    let i = heap.push({ at, key }) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if ((heap[parent]?.at ?? 0) <= at) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** The earliest at or before `nowMs` whose bucket still has it; null: none. */
  takeUpTo(nowMs: number, known: KnownBuckets): string | null {
    const heap = this.#heap;
    for (let top = heap[0]; top !== undefined && top.at <= nowMs; top = heap[0]) {
      this.#pop();
      if (known.get(top.key)?.deadlineAt === top.at) return top.key;
    }
    return null;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return;
    heap[0] = last;
    for (let i = 0; ; ) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      let least = i;
      if ((heap[left]?.at ?? Number.POSITIVE_INFINITY) < (heap[least]?.at ?? 0)) least = left;
      if ((heap[right]?.at ?? Number.POSITIVE_INFINITY) < (heap[least]?.at ?? 0)) least = right;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #swap(i: number, j: number): void {
    const heap = this.#heap;
    const [a, b] = [heap[i], heap[j]];
    if (a && b) [heap[i], heap[j]] = [b, a];
  }
}
