/** Many rules over the feed, cut into batches anywhere, across restarts: each fires once for each edge. */
import { uuidv7 } from '@signalbox/proto';
import { type EventsTrigger, type EventsTriggerInput, triggerSchema } from '@signalbox/proto/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bucketKey,
  bucketsAbove,
  evaluate,
  type FeedEvent,
  GUARD_BURST,
  hitsOf,
  indexRules,
  type KnownBuckets,
  neededBuckets,
  type Rule,
} from './evaluate.ts';
import { fitsPattern } from './match.ts';
import { replay } from './replay.ts';
import { initialBuckets } from './step.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const WORKSPACE = uuidv7(START);
const ruleOf = (trigger: EventsTriggerInput, more: Partial<Rule> = {}): Rule => ({
  id: uuidv7(START),
  workspaceId: WORKSPACE,
  trigger: triggerSchema.parse(trigger) as EventsTrigger,
  sincePosition: 0,
  ...more,
});
type Told = { name: string; second: number; id?: string; receivedSecond?: number };
const feedOf = (told: readonly Told[]): FeedEvent[] =>
  told.map(({ name, second, id = 'r', receivedSecond = second }, i) => ({
    workspaceId: WORKSPACE,
    position: i + 1,
    id: `event ${i}`,
    name,
    occurredAt: new Date(START + second * 1_000).toISOString(),
    receivedAt: new Date(START + receivedSecond * 1_000).toISOString(),
    resource: { id },
    related: [],
    payload: {},
    follows: null,
  }));

/** An evaluator whose memory is a text between batches, as a database's is. */
function run(rules: readonly Rule[], batches: readonly { events: readonly FeedEvent[]; untilSecond: number }[]) {
  let stored = JSON.stringify(
    rules.flatMap((rule) => [...initialBuckets(rule.trigger, START)].map(([id, b]) => [bucketKey(rule.id, id), b])),
  );
  const firings: { rule: number; kind: string; second: number; key: string }[] = [];
  for (const { events, untilSecond } of batches) {
    const index = indexRules(rules);
    const all: KnownBuckets = new Map(JSON.parse(stored));
    const horizonMs = START + untilSecond * 1_000;
    const hits = hitsOf(index, events);
    // As the loop reads them: what is due, what the hits may touch, what is above the due.
    const due = [...all].filter(([, { deadlineAt }]) => deadlineAt !== null && deadlineAt <= horizonMs);
    const needed = new Set([...neededBuckets(hits).keys(), ...due.map(([key]) => key)]);
    for (const [key] of due) {
      const [ruleId = '', id = ''] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)];
      for (const above of bucketsAbove(index.rules.get(ruleId) as Rule, id)) needed.add(bucketKey(ruleId, above));
    }
    const known: KnownBuckets = new Map([...all].filter(([key]) => needed.has(key)));
    const made = evaluate(index, hits, known, horizonMs);
    for (const key of made.changed) {
      const bucket = known.get(key);
      if (bucket) all.set(key, bucket);
      else all.delete(key);
    }
    stored = JSON.stringify([...all]);
    for (const { ruleId, kind, at, key } of made.firings)
      firings.push({ rule: rules.findIndex(({ id }) => id === ruleId), kind, second: (at - START) / 1_000, key });
  }
  return firings;
}
const once = (rule: Rule, told: readonly Told[], untilSecond: number) => run([rule], [{ events: feedOf(told), untilSecond }]);

const NAMES = ['a', 'b', 'beat', 'run.Failed', 'run.Completed'];
const triggerArbitrary: fc.Arbitrary<EventsTriggerInput> = fc.oneof(
  fc.record({
    type: fc.constant('event' as const),
    expect: fc.subarray(['a', 'b', 'run.*', '*.Failed'], { minLength: 1 }),
    threshold: fc.integer({ min: 1, max: 3 }),
    withinSeconds: fc.integer({ min: 1, max: 40 }),
    forEach: fc.constantFrom<string[]>([], ['id']),
  }),
  fc.record({
    type: fc.constant('event' as const),
    posture: fc.constant('proactive' as const),
    after: fc.constantFrom<string[]>(['a'], ['beat']),
    expect: fc.constantFrom<string[]>(['b'], ['beat']),
    withinSeconds: fc.integer({ min: 10, max: 40 }),
    forEach: fc.constantFrom<string[]>([], ['id']),
  }),
  fc.constant<EventsTriggerInput>({ type: 'event', expect: ['run.Failed'], forEach: ['id'], resolveOn: { expect: ['run.Completed'] } }),
  fc.constant<EventsTriggerInput>({
    type: 'compound' as const,
    require: 'all' as const,
    triggers: [
      { type: 'event' as const, expect: ['a'] },
      { type: 'event' as const, posture: 'proactive' as const, after: ['b'], expect: ['beat'], withinSeconds: 10 },
    ],
  }),
  fc.constant<EventsTriggerInput>({
    type: 'sequence' as const,
    withinSeconds: 60,
    triggers: [
      { type: 'event' as const, expect: ['a'] },
      { type: 'event' as const, expect: ['b'] },
    ],
  }),
);
/** Late by up to the tolerance, so that events of neighbouring seconds come in any order. */
const toldArbitrary = fc
  .array(
    fc.record({
      name: fc.constantFrom(...NAMES),
      second: fc.integer({ min: 0, max: 300 }),
      id: fc.constantFrom('x', 'y'),
      late: fc.integer({ min: 0, max: 2 }),
    }),
    { maxLength: 40 },
  )
  .map((all) =>
    all
      .map(({ late, ...each }) => ({ ...each, receivedSecond: each.second + late }))
      .sort((one, other) => one.receivedSecond - other.receivedSecond),
  );

describe('a feed of events', () => {
  it('makes the same firings however it is cut into batches, and whoever goes on', () => {
    fc.assert(
      fc.property(
        fc.array(triggerArbitrary, { minLength: 1, maxLength: 5 }),
        toldArbitrary,
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 6 }),
        (triggers, told, cuts) => {
          const rules = triggers.map((trigger) => ruleOf(trigger));
          const events = feedOf(told);
          const places = [...new Set(cuts)].filter((cut) => cut > 0 && cut < events.length).sort((a, b) => a - b);
          const batches = [0, ...places].map((from, i) => {
            const part = events.slice(from, places[i]);
            const last = part.at(-1);
            // A full batch reaches to its last event; the last of all to the present.
            return { events: part, untilSecond: i < places.length && last ? (Date.parse(last.receivedAt) - START) / 1_000 : 400 };
          });
          const byRule = (all: ReturnType<typeof run>) => rules.map((_, rule) => all.filter((each) => each.rule === rule));
          expect(byRule(run(rules, batches))).toEqual(byRule(run(rules, [{ events, untilSecond: 400 }])));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('makes of one rule what a replay makes of it', () => {
    fc.assert(
      fc.property(triggerArbitrary, toldArbitrary, (trigger, told) => {
        const rule = ruleOf(trigger);
        const events = feedOf(told);
        const replayed = replay(rule.trigger, events, { fromMs: START, toMs: START + 400_000 });
        const triggered = once(rule, told, 400).filter(({ kind }) => kind === 'triggered');
        expect(triggered.map(({ second, key }) => [second, key])).toEqual(replayed.map(({ at, key }) => [(at - START) / 1_000, key]));
      }),
      { numRuns: 300 },
    );
  });

  it('concerns a rule by its names alone', () => {
    const patterns = ['run.*', 'run.Failed', '*', '*.Failed', 'r*n.Failed', 'order/*', '!run.*'];
    const rules = patterns.map((pattern) => ruleOf({ type: 'event', expect: [pattern] }));
    const index = indexRules(rules);
    for (const name of ['run.Failed', 'run.Completed', 'order/1', 'x'])
      for (const [i, pattern] of patterns.entries())
        if (fitsPattern(pattern, name))
          expect([pattern, index.candidates(WORKSPACE, name).includes(rules[i] as Rule)]).toEqual([pattern, true]);
    expect(index.candidates(uuidv7(START), 'run.Failed')).toEqual([]);
    expect(index.candidates(WORKSPACE, 'order/1')).not.toContain(rules[1]);
  });
});

describe('a trigger of edges', () => {
  const rule = ruleOf({ type: 'event', expect: ['run.Failed'], forEach: ['id'], resolveOn: { expect: ['run.Completed'] } });
  const failed = (second: number, id = 'x') => ({ name: 'run.Failed', second, id });
  const completed = (second: number, id = 'x') => ({ name: 'run.Completed', second, id });

  it('fires once for each key, and again only after it was resolved', () => {
    const told = [failed(1), failed(2), failed(3, 'y'), completed(4), completed(5), failed(6), completed(7, 'y')];
    expect(once(rule, told, 10).map(({ kind, second, key }) => [kind, second, key])).toEqual([
      ['triggered', 1, '["x"]'],
      ['triggered', 3, '["y"]'],
      ['resolved', 4, '["x"]'],
      ['triggered', 6, '["x"]'],
      ['resolved', 7, '["y"]'],
    ]);
  });

  it.each<[string, object, string[]]>([
    ['labels of the thing', { match: { id: 'x' } }, ['triggered', 'resolved', 'triggered']],
    ['labels of another thing', { match: { id: 'z' } }, ['triggered']],
    ['a related thing', { matchRelated: [{ role: 'flow', id: 'f' }] }, ['triggered', 'resolved', 'triggered']],
    [
      'another related thing',
      {
        matchRelated: [
          { role: 'flow', id: 'f' },
          { role: 'tag', id: 't' },
        ],
      },
      ['triggered'],
    ],
  ])('is resolved by %s as it says', (_title, more, kinds) => {
    const narrow = ruleOf({ type: 'event', expect: ['run.Failed'], forEach: ['id'], resolveOn: { expect: ['run.Completed'], ...more } });
    const events = feedOf([failed(1), completed(2), failed(3)]).map((event) => ({ ...event, related: [{ role: 'flow', id: 'f' }] }));
    expect(run([narrow], [{ events, untilSecond: 10 }]).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('makes one firing of a thousand failures of one thing, and one end', () => {
    const flood = Array.from({ length: 1_000 }, (_, i) => failed(i / 100));
    const firings = once(rule, [...flood, completed(20), completed(21)], 30);
    expect(firings.map(({ kind, second }) => [kind, second])).toEqual([
      ['triggered', 0],
      ['resolved', 20],
    ]);
  });

  it('is not resolved by what happened before it', () => {
    const late = { ...completed(1), receivedSecond: 6 };
    expect(once(rule, [failed(5), late], 10).map(({ kind }) => kind)).toEqual(['triggered']);
  });

  it.each<[string, Told[], [string, number][]]>([
    ['older than a recovery that came before it', [completed(6), { ...failed(5), receivedSecond: 7 }], []],
    ['of the very instant of a recovery', [completed(5), { ...failed(5), receivedSecond: 6 }], [['triggered', 5]]],
    ['later than a recovery', [completed(5), failed(6)], [['triggered', 6]]],
    ['of another key', [completed(6, 'y'), { ...failed(5), receivedSecond: 7 }], [['triggered', 5]]],
    [
      'older than the recovery that ended an alert',
      [failed(1), completed(6), { ...failed(5), receivedSecond: 7 }],
      [
        ['triggered', 1],
        ['resolved', 6],
      ],
    ],
    [
      'older than the latest of two recoveries, whichever came last',
      [completed(6), { ...completed(3), receivedSecond: 6.5 }, { ...failed(5), receivedSecond: 7 }],
      [],
    ],
    ['older than a recovery, and later than the tolerance', [completed(6), { ...failed(5), receivedSecond: 8.5 }], [['triggered', 5]]],
    ['later than now, where the clock of the recovery was ahead', [{ ...completed(60), receivedSecond: 6 }, failed(7)], [['triggered', 7]]],
  ])('does with a failure %s what it should, however the feed is cut', (_title, told, wanted) => {
    const events = feedOf(told);
    const one = [{ events, untilSecond: 20 }];
    const each = events.map((event) => ({ events: [event], untilSecond: (Date.parse(event.receivedAt) - START) / 1_000 }));
    for (const batches of [one, [...each, { events: [], untilSecond: 20 }]])
      expect(run([rule], batches).map(({ kind, second }) => [kind, second])).toEqual(wanted);
    expect(replay(rule.trigger, events, { fromMs: START, toMs: START + 20_000 })).toHaveLength(
      wanted.filter(([kind]) => kind === 'triggered').length,
    );
  });

  it('stands in the end if and only if it failed last, in whatever order that came within the tolerance', () => {
    const told = fc
      .uniqueArray(
        fc.record({
          name: fc.constantFrom('run.Failed', 'run.Completed'),
          second: fc.integer({ min: 0, max: 30 }),
          late: fc.integer({ min: 0, max: 2 }),
        }),
        { selector: ({ second }) => second, minLength: 1, maxLength: 20 },
      )
      .map((all) =>
        all
          .map(({ late, ...each }) => ({ ...each, id: 'x', receivedSecond: each.second + late }))
          .sort((a, b) => a.receivedSecond - b.receivedSecond),
      );
    fc.assert(
      fc.property(told, (events) => {
        const kinds = once(rule, events, 60).map(({ kind }) => kind);
        // In turns, whatever came.
        expect(kinds).toEqual(kinds.map((_, i) => (i % 2 === 0 ? 'triggered' : 'resolved')));
        const last = events.reduce((one, other) => (other.second > one.second ? other : one));
        expect(kinds.at(-1) === 'triggered').toBe(last.name === 'run.Failed');
      }),
      { numRuns: 500 },
    );
  });

  it('fires once for a silence, whatever restarts come while it lasts, and is resolved by the next sign', () => {
    const silent = ruleOf({
      type: 'event',
      posture: 'proactive',
      expect: ['beat'],
      withinSeconds: 60,
      resolveOn: { expect: ['beat'] },
    });
    // A restart at each second.
    const beat = feedOf([
      { name: 'beat', second: 30 },
      { name: 'beat', second: 400 },
    ]);
    const batches = Array.from({ length: 500 }, (_, second) => ({
      events: beat.filter(({ receivedAt }) => Date.parse(receivedAt) === START + second * 1_000),
      untilSecond: second,
    }));
    expect(run([silent], batches).map(({ kind, second }) => [kind, second])).toEqual([
      ['triggered', 90],
      ['resolved', 400],
      ['triggered', 460],
    ]);
  });
});

it('windows of silence that nobody watched, through an outage of ours, are one', () => {
  const silent = ruleOf({ type: 'event', posture: 'proactive', expect: ['beat'], withinSeconds: 60 });
  const watched = [10, 100, 10_000].map((untilSecond) => ({ events: [], untilSecond }));
  expect(run([silent], watched).map(({ second }) => second)).toEqual([60, 120, 9_998]);
});

describe('a rule', () => {
  it('is set off neither by what it did itself nor by what was before it', () => {
    const rule = ruleOf({ type: 'event' }, { sincePosition: 1 });
    const [before, own, other] = feedOf(['a', 'a', 'a'].map((name, second) => ({ name, second }))) as [FeedEvent, FeedEvent, FeedEvent];
    const caused = { ...own, related: [{ role: 'actor', id: rule.id }] };
    expect(hitsOf(indexRules([rule]), [before, caused, other]).map(({ event }) => event.position)).toEqual([3]);
  });

  it('is held back when it fires without end, and goes on when there is room again', () => {
    const rule = ruleOf({ type: 'event', expect: ['a'] });
    const flood = Array.from({ length: GUARD_BURST + 50 }, () => ({ name: 'a', second: 0 }));
    const firings = once(rule, [...flood, { name: 'a', second: 10 }], 10);
    expect([firings.length, firings.at(-1)?.second]).toEqual([GUARD_BURST + 1, 10]);
  });

  it('that cannot be evaluated breaks no other', () => {
    const [broken, sound] = [ruleOf({ type: 'event', expect: ['a'] }), ruleOf({ type: 'event', expect: ['a'] })];
    const index = indexRules([broken, sound]);
    const hits = hitsOf(index, feedOf([{ name: 'a', second: 1 }])).map((hit) =>
      hit.rule === broken ? { ...hit, rule: { ...broken, trigger: null as unknown as EventsTrigger } } : hit,
    );
    const made = evaluate(index, hits, new Map(), START);
    expect([[...made.broken.keys()], made.firings.map(({ ruleId }) => ruleId)]).toEqual([[broken.id], [sound.id]]);
  });
});
