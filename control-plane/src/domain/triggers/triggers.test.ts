import { type Event, type EventsTrigger, type EventsTriggerInput, triggerSchema } from '@signalbox/proto/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsLabels, fitsPattern } from './match.ts';
import { replay } from './replay.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const at = (second: number) => new Date(START + second * 1_000).toISOString();
function event(name: string, second: number, resource: Record<string, string> = {}, related: Record<string, string>[] = []): Event {
  return {
    position: 0,
    id: '',
    name,
    occurredAt: at(second),
    receivedAt: at(second),
    resource: { id: 'r', ...resource },
    related,
    payload: {},
    follows: null,
  };
}
/** It comes later than it happens. */
const late = (told: Event, second: number): Event => ({ ...told, receivedAt: at(second) });
/** Seconds at which the trigger fires. */
const firesOf = (trigger: EventsTriggerInput, events: Event[], until = 0) =>
  replay(triggerSchema.parse(trigger) as EventsTrigger, events, { fromMs: START, toMs: START + until * 1_000 }).map(
    (firing) => (firing.at - START) / 1_000,
  );
const on = (more: object): EventsTriggerInput => ({ type: 'event', ...more });

describe('a pattern', () => {
  it.each([
    ['run.*', 'run.Failed', true],
    ['run.*', 'artifact.run.Failed', false],
    ['*.Failed', 'run.Failed', true],
    ['a*b*c', 'a--b--c', true],
    ['a*b*c', 'a--c--b', false],
    ['ab*ba', 'aba', false],
    ['*', '', true],
    ['!run.*', 'run.Failed', false],
    ['!run.*', undefined, true],
    ['run.*', undefined, false],
  ])('%s against %s is %s', (pattern, text, fits) => {
    expect(fitsPattern(pattern, text)).toBe(fits);
  });

  it('fits what a regular expression of it fits', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 12 });
    fc.assert(
      fc.property(
        text,
        text.map((t) => t.replaceAll('*', 'a')),
        (pattern, subject) => {
          const regex = new RegExp(
            `^${pattern
              .split('*')
              .map((part) => part.replaceAll('.', '\\.'))
              .join('.*')}$`,
          );
          expect(fitsPattern(pattern, subject)).toBe(regex.test(subject));
        },
      ),
    );
  });
});

it('of a list of labels one must fit, and none that is left out may', () => {
  expect(fitsLabels({ state: ['Failed', 'Crashed'] }, { state: 'Crashed' })).toBe(true);
  expect(fitsLabels({ state: ['F*', '!Forgotten'] }, { state: 'Forgotten' })).toBe(false);
  expect(fitsLabels({ state: '!Failed', kind: 'run' }, { kind: 'run' })).toBe(true);
  expect(fitsLabels({ toString: '*' }, {})).toBe(false);
});

describe('a reactive trigger', () => {
  const failed = (second: number, id = 'r') => event('run.Failed', second, { id });
  it.each<[string, EventsTriggerInput, Event[], number[]]>([
    ['fires at each event without a window', on({ expect: ['run.Failed'] }), [failed(1), event('run.Completed', 2), failed(3)], [1, 3]],
    ['counts to its threshold', on({ threshold: 3, withinSeconds: 60 }), [failed(1), failed(20), failed(50)], [50]],
    ['does not count what lies too far apart', on({ threshold: 3, withinSeconds: 60 }), [failed(1), failed(40), failed(62)], []],
    ['is quiet to the end of its window', on({ threshold: 2, withinSeconds: 60 }), [0, 1, 2, 3, 70, 71].map((s) => failed(s)), [1, 71]],
    [
      'counts each key apart',
      on({ forEach: ['id'], threshold: 2, withinSeconds: 60 }),
      [failed(1, 'a'), failed(2, 'b'), failed(3, 'a')],
      [3],
    ],
    ['looks at the labels of the resource', on({ match: { id: 'a*' } }), [failed(1, 'abc'), failed(2, 'b')], [1]],
    [
      'counts nothing before it is opened',
      on({ after: ['a'], expect: ['b'] }),
      [event('b', 1), event('a', 2), event('b', 3), event('b', 4)],
      [3],
    ],
    ['counts nothing after its window', on({ after: ['a'], expect: ['b'], withinSeconds: 10 }), [event('a', 1), event('b', 12)], []],
    ['counts at the very end of its window', on({ after: ['a'], expect: ['b'], withinSeconds: 10 }), [event('a', 1), event('b', 11)], [11]],
    [
      'begins anew when it is opened again',
      on({ after: ['a'], expect: ['b'], threshold: 2, withinSeconds: 20 }),
      [event('a', 0), event('b', 1), event('a', 5), event('b', 6), event('b', 24)],
      [24],
    ],
    [
      'takes what both opens and counts for the one, then for the other',
      on({ after: ['a'], expect: ['a', 'b'] }),
      [event('a', 0), event('a', 10), event('a', 20), event('b', 30)],
      [10, 30],
    ],
    ['counts any event but what opens it where none is named', on({ after: ['a'] }), [event('a', 1), event('a', 2), event('x', 3)], [3]],
    [
      'counts by a label of what is related',
      on({ forEach: ['related:deployment:id', 'id'], threshold: 2, withinSeconds: 60 }),
      [
        event('x', 1, {}, [{ role: 'deployment', id: 'd1' }]),
        event('x', 2, {}, [{ role: 'deployment', id: 'd2' }]),
        event('x', 3, {}, [{ role: 'flow', id: 'd1' }]),
        event('x', 4, {}, [{ role: 'deployment', id: 'd1' }]),
      ],
      [4],
    ],
    [
      'is quiet for a late event of a window that fired, however short it is',
      on({ threshold: 2, withinSeconds: 1 }),
      [event('x', 10), event('x', 10.5), late(event('x', 10.2), 12.1), late(event('x', 10.3), 12.2)],
      [10.5],
    ],
    [
      'counts a late event of a short window',
      on({ threshold: 2, withinSeconds: 1 }),
      [event('x', 10), late(event('x', 10.9), 12.8)],
      [10.9],
    ],
    [
      'counts what came before what opened it, and happened after',
      on({ after: ['a'], expect: ['b'] }),
      [late(event('b', 3), 3.1), late(event('a', 2), 3.9)],
      [3],
    ],
    [
      'does not count what came after what opened it, and happened before',
      on({ after: ['a'], expect: ['b'] }),
      [event('a', 3), late(event('b', 2), 3.9)],
      [],
    ],
    [
      'is not opened by what happened before it fired',
      on({ after: ['a'], expect: ['b'] }),
      [event('a', 1), event('b', 3), late(event('a', 2), 3.9), event('b', 4)],
      [3],
    ],
  ])('%s', (_title, trigger, events, fires) => {
    expect(firesOf(trigger, events)).toEqual(fires);
  });

  it('wants one related resource for each object of matchRelated', () => {
    const flow = { role: 'flow', id: 'f1', name: 'weather' };
    const both = event('x', 1, {}, [flow, { role: 'tag', id: 'nightly' }]);
    const matchRelated = [
      { role: 'flow', name: 'wea*' },
      { role: 'tag', id: 'nightly' },
    ];
    expect(firesOf(on({ matchRelated }), [both])).toEqual([1]);
    expect(firesOf(on({ matchRelated }), [event('x', 1, {}, [flow])])).toEqual([]);
    expect(firesOf(on({ matchRelated: { role: 'tag', id: '!nightly' } }), [both])).toEqual([]);
  });

  it('fires, in whatever order events come, exactly when a window of its length holds enough', () => {
    const seconds = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 12 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 2, max: 4 }), fc.integer({ min: 5, max: 60 }), (times, threshold, withinSeconds) => {
        const sorted = [...times].sort((a, b) => a - b);
        const holds = sorted.some((from) => sorted.filter((time) => time >= from && time <= from + withinSeconds).length >= threshold);
        // Shuffled within the tolerance: no event comes after one that is a window later.
        const arrival = times.map((time, i) => [time + ((i * 7919) % withinSeconds), time] as const).sort((a, b) => a[0] - b[0]);
        const fires = firesOf(
          on({ threshold, withinSeconds }),
          arrival.map(([, time]) => failed(time)),
        );
        expect(fires.length > 0).toBe(holds);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a proactive trigger', () => {
  const beat = (second: number) => event('beat', second);
  it.each<[string, EventsTriggerInput, Event[], number, number[]]>([
    ['fires when nothing ever came', on({ posture: 'proactive', expect: ['beat'], withinSeconds: 60 }), [], 70, [60]],
    ['is content with enough', on({ posture: 'proactive', expect: ['beat'], withinSeconds: 60 }), [beat(30), beat(80)], 100, []],
    [
      'fires when what was opened is not answered in time',
      on({ posture: 'proactive', after: ['run.Pending'], expect: ['run.Running'], forEach: ['id'], withinSeconds: 60 }),
      [event('run.Pending', 5, { id: 'a' }), event('run.Pending', 6, { id: 'b' }), event('run.Running', 20, { id: 'a' })],
      100,
      [66],
    ],
    [
      'fires once for what stays unanswered',
      on({ posture: 'proactive', after: ['a'], expect: ['b'], withinSeconds: 10 }),
      [event('a', 1)],
      1_000,
      [11],
    ],
    [
      'begins anew with each event that both answers and opens',
      on({ posture: 'proactive', after: ['beat'], expect: ['beat'], withinSeconds: 60 }),
      [beat(0), beat(50), beat(100)],
      300,
      [160],
    ],
    [
      'is prevented by what happened at the very end of its window',
      on({ posture: 'proactive', after: ['a'], expect: ['b'], withinSeconds: 10 }),
      [event('a', 1), event('b', 11)],
      100,
      [],
    ],
    [
      'is prevented by a straggler',
      on({ posture: 'proactive', after: ['a'], expect: ['b'], withinSeconds: 10 }),
      [event('a', 1), late(event('b', 10), 12.9)],
      100,
      [],
    ],
    [
      'is not prevented by one that comes too late',
      on({ posture: 'proactive', after: ['a'], expect: ['b'], withinSeconds: 10 }),
      [event('a', 1), late(event('b', 10), 13)],
      100,
      [11],
    ],
    [
      'is prevented by an answer that came before its question',
      on({ posture: 'proactive', after: ['a'], expect: ['b'], withinSeconds: 10 }),
      [event('b', 3), late(event('a', 2), 4)],
      100,
      [],
    ],
    [
      'fires for a window that ended, though another was opened before it was looked at',
      on({ posture: 'proactive', after: ['a'], expect: ['b'], withinSeconds: 10 }),
      [event('a', 1), event('a', 12), event('b', 13)],
      100,
      [11],
    ],
    [
      'begins anew when it is opened again in its window',
      on({ posture: 'proactive', after: ['a'], expect: ['b'], withinSeconds: 10 }),
      [event('a', 1), event('a', 6)],
      100,
      [16],
    ],
    [
      'fires when fewer came than its threshold',
      on({ posture: 'proactive', after: ['a'], expect: ['b'], threshold: 2, withinSeconds: 10 }),
      [event('a', 1), event('b', 2), event('a', 20), event('b', 21), event('b', 22)],
      100,
      [11],
    ],
    [
      'takes windows that nobody watched for one',
      on({ posture: 'proactive', expect: ['beat'], withinSeconds: 60 }),
      [beat(30), late(beat(1_000), 1_000)],
      1_010,
      [90, 150, 210, 270, 330, 390, 450, 510, 570, 630, 690, 750, 810, 870, 930, 990],
    ],
  ])('%s', (_title, trigger, events, until, fires) => {
    expect(firesOf(trigger, events, until)).toEqual(fires);
  });
});

describe('several triggers', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ type: 'event' as const, expect: [name] })) as [
    EventsTriggerInput,
    EventsTriggerInput,
    EventsTriggerInput,
  ];
  const order = (names: string) => [...names].map((name, i) => event(name, i));
  it.each<[string, EventsTriggerInput, string, number[]]>([
    ['any: at each', { type: 'compound', require: 'any', triggers: [a, b] }, 'abc', [0, 1]],
    ['all: in any order, then anew', { type: 'compound', require: 'all', triggers: [a, b] }, 'bbaab', [2, 4]],
    ['two of three', { type: 'compound', require: 2, triggers: [a, b, c] }, 'aac', [2]],
    ['all within a window', { type: 'compound', require: 'all', withinSeconds: 1, triggers: [a, b] }, 'accb', []],
    ['a sequence in its order alone', { type: 'sequence', triggers: [a, b, c] }, 'bcabc', [4]],
    ['a sequence within a window', { type: 'sequence', withinSeconds: 2, triggers: [a, b] }, 'acccbab', [6]],
    ['a sequence that began anew within the window', { type: 'sequence', withinSeconds: 2, triggers: [a, b] }, 'acaxb', [4]],
    ['a sequence of the same twice needs two', { type: 'sequence', triggers: [a, a] }, 'axa', [2]],
    ['any: once for an event that fits two', { type: 'compound', require: 'any', triggers: [a, a] }, 'a', [0]],
    ['one in another', { type: 'sequence', triggers: [{ type: 'compound', require: 'any', triggers: [a, b] }, c] }, 'bc', [1]],
  ])('%s', (_title, trigger, names, fires) => {
    expect(firesOf(trigger, order(names))).toEqual(fires);
  });
});

describe('several triggers, out of order', () => {
  const [a, b] = ['a', 'b'].map((name) => ({ type: 'event' as const, expect: [name] })) as [EventsTriggerInput, EventsTriggerInput];
  const [first, second] = [event('a', 2), event('b', 3)];
  it.each<[string, EventsTriggerInput, Event[], number[]]>([
    ['a sequence goes by when events occurred', { type: 'sequence', triggers: [a, b] }, [second, late(first, 4)], [3]],
    ['and not by when they came', { type: 'sequence', triggers: [a, b] }, [event('a', 3), late(event('b', 2), 4)], []],
    [
      'of a compound the newest of each part counts',
      { type: 'compound', require: 'all', withinSeconds: 5, triggers: [a, b] },
      [event('a', 6), late(event('a', 4), 6), event('b', 11)],
      [11],
    ],
  ])('%s', (_title, trigger, events, fires) => {
    expect(firesOf(trigger, events)).toEqual(fires);
  });

  it('say all that took part, in the order in which it occurred, without large payloads', () => {
    const named = (id: string, name: string, at: number, payload = {}) => ({ ...event(name, at), id, payload });
    const nested: EventsTriggerInput = { type: 'sequence', triggers: [{ type: 'compound', require: 'all', triggers: [a, b] }, a] };
    const events = [named('1', 'b', 1), named('2', 'a', 2, { text: 'x'.repeat(9_000) }), named('3', 'a', 3, { rows: 3 })];
    const [firing] = replay(triggerSchema.parse(nested) as EventsTrigger, events, { fromMs: START, toMs: START });
    expect(firing?.parts?.map(({ part, event: of }) => [part, of?.id, of?.payload])).toEqual([
      [0, '1', {}],
      [0, '2', {}],
      [1, '3', { rows: 3 }],
    ]);
    expect(firing?.event?.id).toBe('3');
  });
});

it('a trigger that cannot be meant is refused', () => {
  expect(triggerSchema.safeParse(on({ threshold: 2 })).success).toBe(false);
  expect(triggerSchema.safeParse(on({ posture: 'proactive', withinSeconds: 5 })).success).toBe(false);
  expect(triggerSchema.safeParse({ type: 'compound', require: 2, triggers: [on({})] }).success).toBe(false);
  expect(triggerSchema.safeParse({ type: 'sequence', triggers: Array.from({ length: 10 }, () => on({})) }).success).toBe(false);
});
