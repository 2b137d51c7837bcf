import { automationDefinitionSchema } from '@signalbox/proto/api';
import { describe, expect, it } from 'vitest';
import { ACTION_TYPES, actionWords, newAction } from './action-fields.ts';
import { draftOn, matchOf, matchText, moved, TEMPLATES, TRIGGER_KINDS, withoutHeaderValues } from './draft.ts';
import { triggerWords } from './trigger-words.ts';

describe('an automation while it is written', () => {
  it.each(TEMPLATES.map((each) => [each.title, each.draft] as const))('begins as one that can be saved: %s', (_, draft) => {
    expect(automationDefinitionSchema.safeParse(draft).error).toBeUndefined();
  });

  it.each(Object.entries(TRIGGER_KINDS))('has triggers that can be saved: %s', (_, { start }) => {
    expect(automationDefinitionSchema.safeParse({ name: 'one', trigger: start }).error).toBeUndefined();
  });

  it('is made from an event that somebody looks at', () => {
    expect(draftOn('run.Failed')).toMatchObject({ trigger: { type: 'event', expect: ['run.Failed'] } });
  });

  it('reads labels as it writes them', () => {
    const match = { state: ['Failed', 'Crashed'], name: 'nightly-*', kind: '!test' };
    expect(matchText(match)).toBe('state = Failed | Crashed\nname = nightly-*\nkind = !test');
    expect(matchOf(matchText(match))).toEqual(match);
    expect(matchOf('owner\n\n path = \n')).toEqual({ owner: '*', path: '*' });
    expect(matchOf('path = s3://a=b')).toEqual({ path: 's3://a=b' });
  });

  it('moves an action within its list, and never out of it', () => {
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
    expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c']);
    expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c']);
  });

  it('is filled in for an event without values of headers', () => {
    const call = { type: 'call-webhook' as const, url: 'https://example.com' };
    expect(withoutHeaderValues({ ...call, headers: { 'X-Key': 'secret' } })).toEqual({ ...call, headers: { 'X-Key': '(sealed)' } });
    expect(withoutHeaderValues({ type: 'retry-run' })).toEqual({ type: 'retry-run' });
  });

  it('names every kind of action', () => {
    for (const type of ACTION_TYPES) expect(actionWords(newAction(type) as never)).not.toContain(type);
    expect(actionWords({ type: 'run-deployment', deployment: 'weather/daily' })).toBe('Run a deployment: weather/daily');
    expect(actionWords({ type: 'of-a-newer-build' })).toBe('of-a-newer-build');
  });
});

describe('a trigger in words', () => {
  it.each([
    [{ type: 'event', expect: ['run.Failed', 'run.Crashed'] }, 'run.Failed or run.Crashed'],
    [
      { type: 'event', expect: ['run.Failed'], threshold: 3, withinSeconds: 3_600, forEach: ['related:deployment:id'] },
      '3 of run.Failed within 1 h, for each deployment',
    ],
    [{ type: 'event', posture: 'proactive', expect: ['beat'], withinSeconds: 60, match: { id: 'a' } }, 'No beat of id = a within 1 min'],
    [{ type: 'metric', metric: 'success-rate', operator: '<', threshold: 0.9, each: 'pool' }, 'success-rate < 0.9 of each pool'],
    [{ type: 'deadline', condition: 'running-longer-than', seconds: 5_400 }, 'running longer than 1 h 30 min'],
    [
      {
        type: 'sequence',
        triggers: [
          { type: 'event', expect: ['a'] },
          { type: 'event', expect: ['b'] },
        ],
      },
      'a, then b',
    ],
    [
      {
        type: 'compound',
        require: 2,
        triggers: [
          { type: 'event', expect: ['a'] },
          { type: 'event', expect: ['b'] },
        ],
      },
      '2 of: a; b',
    ],
    [
      {
        type: 'compound',
        require: 'all',
        triggers: [
          { type: 'event', expect: ['a'] },
          {
            type: 'sequence',
            triggers: [
              { type: 'event', expect: ['b'] },
              { type: 'event', expect: ['c'] },
            ],
          },
        ],
      },
      'All of: a; (b, then c)',
    ],
  ] as const)('%j', (trigger, words) => {
    expect(triggerWords(trigger as never)).toBe(words);
  });
});
