import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toId } from '../ids.ts';
import { FAILURE_KINDS } from '../run-failure.ts';
import { RUN_KINDS, RUN_STATES } from '../run-state.ts';
import { FILTER_TERMS, formatRunFilter, parseRunFilter, type RunFilter, runFilterSchema } from './index.ts';

const NOW = Date.parse('2026-01-31T08:00:00.000Z');
const RUN = 'run_01h455vb4pex5vsknk084sn02q';
const read = (text: string) => {
  const reading = parseRunFilter(text, NOW);
  if (!reading.ok) throw new Error(reading.problems.map(({ text: at, message }) => `${at}: ${message}`).join('; '));
  return reading.filter;
};
const problems = (text: string) => {
  const reading = parseRunFilter(text, NOW);
  return reading.ok ? [] : reading.problems;
};

describe('a text becomes a filter', () => {
  it.each<[string, RunFilter]>([
    ['', {}],
    ['  ', {}],
    ['state:failed', { states: ['FAILED'] }],
    ['state:failed,Crashed state:late', { states: ['FAILED', 'CRASHED'], stateNames: ['late'] }],
    ['state:TimedOut', { stateNames: ['TimedOut'] }],
    ['-state:completed,cancelled', { states: ['SCHEDULED', 'PENDING', 'RUNNING', 'PAUSED', 'CANCELLING', 'FAILED', 'CRASHED'] }],
    ['tag:etl tag:nightly', { tags: { all: ['etl', 'nightly'] } }],
    ['tag:a,b -tag:test', { tags: { any: ['a', 'b'], none: ['test'] } }],
    ['flow:weather/*', { flows: ['weather/*'] }],
    ['deployment:weather/daily,weather/hourly', { deployments: ['weather/daily', 'weather/hourly'] }],
    ['brave otter', { name: { contains: 'brave otter' } }],
    ['"a:b c"', { name: { contains: 'a:b c' } }],
    ['name:nightly*', { name: { prefix: 'nightly' } }],
    [RUN, { ids: [RUN] }],
    [`id:${RUN}`, { ids: [RUN] }],
    ['since:24h', { created: { after: '2026-01-30T08:00:00.000Z' } }],
    ['since:7d until:1h', { created: { after: '2026-01-24T08:00:00.000Z', before: '2026-01-31T07:00:00.000Z' } }],
    ['created:2026-01-01..2026-02-01', { created: { after: '2026-01-01T00:00:00.000Z', before: '2026-02-01T00:00:00.000Z' } }],
    ['due:<+2h', { due: { before: '2026-01-31T10:00:00.000Z' } }],
    ['ended:>=2026-01-31T09:00+02:00', { ended: { after: '2026-01-31T07:00:00.000Z' } }],
    ['started:>2026-01-31T07:30', { started: { after: '2026-01-31T07:30:00.000Z' } }],
    ['duration:>5m', { durationMs: { min: 300_001 } }],
    ['duration:1m..5m', { durationMs: { min: 60_000, max: 300_000 } }],
    ['attempt:2', { attempt: { min: 2, max: 2 } }],
    ['attempt:>1', { attempt: { min: 2 } }],
    ['kind:task', { kinds: ['task'] }],
    ['by:schedule', { createdBy: ['schedule'] }],
    ['failure:timed-out,lost', { failures: ['timed-out', 'lost'] }],
    ['group:fail_01h455vb4pex5vsknk084sn02q', { groups: ['fail_01h455vb4pex5vsknk084sn02q'] }],
    ['version:sha256:4f2a', { versions: ['sha256:4f2a'] }],
    ['param:city=Oslo', { parameters: { city: 'Oslo' } }],
    ['param:years=[2012,2013] param:dry=true', { parameters: { years: [2012, 2013], dry: true } }],
    [
      'pool:local queue:local/urgent agent:b1 schedule:nightly',
      { pools: ['local'], queues: ['local/urgent'], agents: ['b1'], schedules: ['nightly'] },
    ],
    ['STATE:Failed', { states: ['FAILED'] }],
  ])('%s', (text, filter) => {
    expect(read(text)).toEqual(filter);
  });

  it('and each example of the help is read', () => {
    for (const { example } of FILTER_TERMS) expect(problems(example), example).toEqual([]);
  });
});

describe('a text that cannot be read', () => {
  it.each([
    ['stat:failed', 'there is no filter "stat": did you mean state:?'],
    ['http://example.com', `there is no filter "http": known are ${FILTER_TERMS.map(({ word }) => word).join(', ')}`],
    ['state:', 'expected a value, such as state:failed,timedOut'],
    ['tag:a,,b', 'expected a value, such as tag:etl -tag:test'],
    ['-flow:weather', 'expected no minus before flow: only state and tag can be excluded'],
    [
      '-state:nope',
      'expected a type of state after -state: one of scheduled, pending, running, paused, cancelling, completed, failed, crashed, cancelled',
    ],
    ['duration:5m', 'expected a bound or a range, such as duration:>5m or duration:1m..5m'],
    ['duration:>5 minutes', 'expected a bound or a range, such as duration:>5m or duration:1m..5m'],
    ['since:yesterday', 'expected a length such as 24h or 7d (ago), or an instant such as 2026-01-31T08:00Z'],
    ['created:2026-13-01..', 'expected a bound or a range of instants, such as created:>24h or created:2026-01-01..2026-02-01'],
    ['attempt:x', 'expected a number, a bound or a range, such as attempt:2, attempt:>1'],
    ['id:brave-otter', 'expected ids of runs, such as run_01h455vb4pex5vsknk084sn02q'],
    ['failure:slow', 'expected one of application, cancelled, timed-out, crashed, lost'],
    ['param:city', 'expected a name and a value, such as param:city=Oslo'],
    ['name:"a', 'expected a closing "'],
    ['constructor:x', `there is no filter "constructor": known are ${FILTER_TERMS.map(({ word }) => word).join(', ')}`],
    ['attempt:0', 'attempt.min: Too small: expected number to be >=1'],
  ])('%s', (text, message) => {
    expect(problems(text)[0]?.message).toBe(message);
  });

  it('is told every problem, with its place', () => {
    expect(problems('stat:x tag:ok dur:1')).toMatchObject([
      { text: 'stat:x', from: 0, to: 6 },
      { text: 'dur:1', from: 14, to: 19 },
    ]);
  });
});

describe('a filter becomes a text', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((value) => value.trim() === value && value !== '');
  const list = <T>(value: fc.Arbitrary<T>) => fc.uniqueArray(value, { minLength: 1, maxLength: 3 });
  const instant = fc
    .date({ min: new Date('2001-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString());
  const bounds = <T, L extends string, H extends string>(value: fc.Arbitrary<T>, low: L, high: H) =>
    fc.oneof(fc.record({ [low]: value }), fc.record({ [high]: value }), fc.record({ [low]: value, [high]: value }));
  const id = (kind: 'run' | 'user') => fc.uuid({ version: 7 }).map((uuid) => toId(kind, uuid));
  const stateName = text.filter((value) => !RUN_STATES.some((state) => state.toLowerCase() === value.toLowerCase()));
  const filter = fc.record(
    {
      states: list(fc.constantFrom(...RUN_STATES)),
      stateNames: list(stateName),
      flows: list(text),
      deployments: list(text),
      pools: list(text),
      queues: list(text),
      schedules: list(text),
      agents: list(text),
      tags: fc.record(
        { all: list(text), any: fc.uniqueArray(text, { minLength: 2, maxLength: 3 }), none: list(text) },
        { requiredKeys: ['all'] },
      ),
      name: fc.record({ contains: text.filter((value) => !value.endsWith('*')), prefix: text.filter((value) => !value.endsWith('*')) }),
      ids: list(id('run')),
      parents: list(id('run')),
      created: bounds(instant, 'after', 'before'),
      due: bounds(instant, 'after', 'before'),
      started: bounds(instant, 'after', 'before'),
      ended: bounds(instant, 'after', 'before'),
      durationMs: bounds(fc.nat(86_400_000), 'min', 'max'),
      attempt: bounds(fc.integer({ min: 1, max: 100 }), 'min', 'max'),
      kinds: fc.subarray([...RUN_KINDS], { minLength: 1 }),
      createdBy: list(text),
      actors: list(id('user')),
      versions: list(text),
      failures: fc.subarray([...FAILURE_KINDS], { minLength: 1 }),
      parameters: fc.dictionary(
        text.filter((key) => !key.includes('=') && key !== '__proto__'),
        fc.jsonValue({ maxDepth: 2 }),
        { minKeys: 1, maxKeys: 3 },
      ),
    },
    { requiredKeys: [] },
  );

  it('that reads as the same filter at any time', () => {
    fc.assert(
      fc.property(filter, fc.nat(), (made, nowMs) => {
        const checked = runFilterSchema.parse(JSON.parse(JSON.stringify(made)));
        const reading = parseRunFilter(formatRunFilter(checked), nowMs);
        expect(reading).toEqual({ ok: true, filter: checked });
      }),
    );
  });

  it('and no text at all makes the reader throw', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (any) => void parseRunFilter(any, NOW)));
    fc.assert(fc.property(fc.stringMatching(/^[a-z:<>.,"\\0-9 -]{0,40}$/), (any) => void parseRunFilter(any, NOW)));
  });
});
