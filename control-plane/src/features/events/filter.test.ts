import type { Event } from '@signalbox/proto/api';
import { expect, test } from 'vitest';
import { matches } from './filter.ts';

const event = (name: string): Event => ({
  id: 'e',
  position: 1,
  name,
  occurredAt: '2026-01-01T00:00:00.000Z',
  receivedAt: '2026-01-01T00:00:00.000Z',
  resource: { id: 'r' },
  related: [{ role: 'run', id: 'x' }],
  payload: {},
  follows: null,
});

test.each([
  [{ names: ['run.*'] }, 'run.Late', true],
  [{ names: ['run.*', '!run.Late'] }, 'run.Late', false],
  [{ names: ['!run.*'] }, 'order.paid', true],
  [{ names: ['r.n'] }, 'run', false],
  [{ names: ['*'] }, 'a\nb', true],
  [{ about: 'x' }, 'run', true],
  [{ about: 'y' }, 'run', false],
])('%j of %s: %s', (filter, name, fits) => expect(matches(filter)(event(name))).toBe(fits));

test('a pattern of many stars takes no time to speak of', () => {
  expect(matches({ names: [`${'a*'.repeat(99)}b`] })(event('a'.repeat(200)))).toBe(false);
});
