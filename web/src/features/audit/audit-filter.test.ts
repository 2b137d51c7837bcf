import { expect, test } from 'vitest';
import { auditFilterOf } from './audit-filter.ts';

const NOTHING = { action: '', who: '', kind: null, outcome: null, since: null, target: '' } as const;
const NOW = Date.parse('2026-03-01T12:00:30.123Z');

test.each([
  ['nothing is asked', {}, {}],
  ['a noun finds all its verbs', { action: ' run ' }, { action: 'run' }],
  ['half of an action asks for nothing yet', { action: 'run.' }, {}],
  ['a target must be a whole UUID', { target: '0190' }, {}],
  ['a time is cut to its minute', { since: '24h' }, { from: '2026-02-28T12:00:00.000Z' }],
  [
    'all that are given are asked',
    { who: 'ada', kind: 'person', outcome: 'refused' },
    { actor: 'ada', actorKind: 'person', outcome: 'refused' },
  ],
] as const)('%s', (_, search, filter) => expect(auditFilterOf({ ...NOTHING, ...search }, NOW)).toEqual(filter));
