/**
 * Triggers against one who has all events before him in the order in which they occurred, and looks at nothing but them: no buckets, no
 * deadlines. Events come shuffled within the tolerance.
 */
import { type Event, type EventsTrigger, type EventsTriggerInput, triggerSchema } from '@signalbox/proto/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from './replay.ts';
import { TOLERANCE_MS } from './step.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const UNTIL = 120_000;
/** Milliseconds from the start; `of`: which thing. */
type Told = { readonly name: string; readonly at: number; readonly of: string; readonly lateMs: number };

const eventOf = ({ name, at, of, lateMs }: Told, position: number): Event => ({
  position,
  id: String(position),
  name,
  occurredAt: new Date(START + at).toISOString(),
  receivedAt: new Date(START + at + lateMs).toISOString(),
  resource: { id: of },
  related: [],
  payload: {},
  follows: null,
});
/** As they come. */
const arrived = (told: readonly Told[]): Told[] => [...told].sort((a, b) => a.at + a.lateMs - b.at - b.lateMs);
const inTime = (told: readonly Told[]): Told[] => [...told].sort((a, b) => a.at - b.at);
const firesOf = (trigger: EventsTriggerInput, told: readonly Told[]): number[] =>
  replay(triggerSchema.parse(trigger) as EventsTrigger, arrived(told).map(eventOf), { fromMs: START, toMs: START + UNTIL })
    .map(({ at }) => at - START)
    .sort((a, b) => a - b);

const feed = (latestMs: number) =>
  fc.array(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      at: fc.integer({ min: 0, max: 160 }).map((quarter) => quarter * 250),
      of: fc.constantFrom('x', 'y'),
      lateMs: fc.integer({ min: 0, max: latestMs }),
    }),
    { maxLength: 20 },
  );
const shuffled = feed(TOLERANCE_MS - 1);
const inOrder = feed(0);
const byThing = (told: readonly Told[], naive: (own: readonly Told[]) => number[]): number[] =>
  [...new Set(told.map(({ of }) => of))].flatMap((of) => naive(told.filter((each) => each.of === of))).sort((a, b) => a - b);

describe('too little in time', () => {
  it('fires at the end of each window that was opened and not answered, whatever the order', () => {
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 10, max: 15 }), fc.integer({ min: 1, max: 3 }), (told, withinSeconds, threshold) => {
        const trigger = { type: 'event' as const, posture: 'proactive' as const, after: ['a'], expect: ['b'], forEach: ['id'] };
        const naive = (own: readonly Told[]) => {
          const sorted = inTime(arrived(own)).filter(({ name }) => name !== 'c');
          return sorted.flatMap(({ name, at }, i) => {
            if (name !== 'a') return [];
            const end = at + withinSeconds * 1_000;
            // What follows up to the end: opened again, it is another window's.
            const rest = sorted.slice(i + 1).filter((each) => each.at <= end);
            const again = rest.findIndex((each) => each.name === 'a');
            const answers = (again < 0 ? rest : rest.slice(0, again)).length;
            return answers >= threshold || again >= 0 ? [] : [end];
          });
        };
        expect(firesOf({ ...trigger, withinSeconds, threshold }, told)).toEqual(byThing(told, naive));
      }),
      { numRuns: 400 },
    );
  });

  it('fires for each stretch of silence, and is put off by each sign, where nothing need open it', () => {
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 10, max: 30 }), (told, withinSeconds) => {
        const withinMs = withinSeconds * 1_000;
        const signs = inTime(told).filter(({ name }) => name === 'b');
        const fires: number[] = [];
        let since = 0;
        for (const at of [...signs.map((each) => each.at), Number.POSITIVE_INFINITY]) {
          // Windows without a sign follow each other; what comes in one begins the next.
          for (; since + withinMs < at && since + withinMs + TOLERANCE_MS <= UNTIL; since += withinMs) fires.push(since + withinMs);
          since = at;
        }
        expect(firesOf({ type: 'event', posture: 'proactive', expect: ['b'], withinSeconds }, told)).toEqual(fires);
      }),
      { numRuns: 400 },
    );
  });
});

describe('enough', () => {
  /** At each that comes: do enough of all that came lie together, none of them in the windows that fired? */
  it('fires when a window of all that came holds enough, and is then quiet to its end', () => {
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 12 }), (told, threshold, withinSeconds) => {
        const naive = (own: readonly Told[]) => {
          const fires: number[] = [];
          let quiet = Number.NEGATIVE_INFINITY;
          const came: number[] = [];
          for (const { name, at } of arrived(own)) {
            if (name !== 'a') continue;
            came.push(at);
            const free = came.filter((each) => each > quiet).sort((one, other) => one - other);
            const from = free.find(
              (begin) => free.filter((each) => each >= begin && each <= begin + withinSeconds * 1_000).length >= threshold,
            );
            if (from === undefined || at <= quiet) continue;
            fires.push(at);
            quiet = from + withinSeconds * 1_000;
          }
          return fires;
        };
        const trigger = { type: 'event' as const, expect: ['a'], forEach: ['id'], threshold, withinSeconds };
        expect(firesOf(trigger, told)).toEqual(byThing(told, naive));
      }),
      { numRuns: 400 },
    );
  });

  const after = (own: readonly Told[], threshold: number, withinMs: number) => {
    const fires: number[] = [];
    let [opened, count] = [Number.NEGATIVE_INFINITY, 0];
    for (const { name, at } of inTime(arrived(own))) {
      if (name === 'a') [opened, count] = [at, 0];
      else if (name === 'b' && at <= opened + withinMs && ++count >= threshold) {
        fires.push(at);
        opened = Number.NEGATIVE_INFINITY;
      }
    }
    return fires;
  };
  const guarded = { type: 'event' as const, after: ['a'], expect: ['b'], forEach: ['id'] };

  it('after something fires once for each window, in order', () => {
    fc.assert(
      fc.property(inOrder, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 20 }), (told, threshold, withinSeconds) => {
        const naive = byThing(told, (own) => after(own, threshold, withinSeconds * 1_000));
        expect(firesOf({ ...guarded, threshold, withinSeconds }, told)).toEqual(naive);
      }),
      { numRuns: 400 },
    );
  });

  it('after something misses none and adds none, out of order', () => {
    fc.assert(
      fc.property(shuffled, fc.constantFrom(0, 1, 5, 20), (told, withinSeconds) => {
        for (const of of ['x', 'y']) {
          const own = told.filter((each) => each.of === of);
          const naive = after(own, 1, (withinSeconds || 1_000) * 1_000).length;
          const fires = firesOf({ ...guarded, withinSeconds }, own).length;
          expect([fires > 0, fires <= naive]).toEqual([naive > 0, true]);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('a sequence', () => {
  const triggers = ['a', 'b', 'c'].map((name) => ({ type: 'event' as const, expect: [name] }));
  /** At each end: is there a way back to a beginning, after the last firing and not too long ago? */
  const naive = (sorted: readonly Told[], withinMs: number) => {
    const fires: number[] = [];
    let from = 0;
    for (const [i, last] of sorted.entries()) {
      const wayTo = (end: number, name: string, then: (at: number) => boolean): boolean =>
        sorted.slice(from, end).some((each, j) => each.name === name && then(from + j));
      const begins = (at: number) => last.at - (sorted[at]?.at ?? 0) <= withinMs;
      if (last.name !== 'c' || !wayTo(i, 'b', (b) => wayTo(b, 'a', begins))) continue;
      fires.push(last.at);
      from = i + 1;
    }
    return fires;
  };

  it('fires where its parts lie in order within its time', () => {
    fc.assert(
      fc.property(inOrder, fc.constantFrom(2, 6, 40), (told, withinSeconds) => {
        const fires = firesOf({ type: 'sequence', withinSeconds, triggers }, told);
        expect(fires).toEqual(naive(inTime(told), withinSeconds * 1_000));
      }),
      { numRuns: 400 },
    );
  });

  it('misses none and adds none, out of order', () => {
    fc.assert(
      fc.property(shuffled, fc.constantFrom(2, 6, 40), (told, withinSeconds) => {
        const all = naive(inTime(arrived(told)), withinSeconds * 1_000).length;
        const fires = firesOf({ type: 'sequence', withinSeconds, triggers }, told).length;
        expect([fires > 0, fires <= all]).toEqual([all > 0, true]);
      }),
      { numRuns: 400 },
    );
  });
});
