import { expect, test } from 'vitest';
import { onTopOf } from './use-url-filter.ts';

type Filter = { flow?: string; q?: string };

test('a choice is made on top of the last one while the URL settles, and of the URL once it has', () => {
  const chosen = { filter: { flow: 'gated' } as Filter, atMs: 1_000 };
  const steppedBack: Filter = { flow: '' };
  expect(onTopOf(steppedBack, chosen, { q: 'x' }, 1_500)).toEqual({ flow: 'gated', q: 'x' });
  // Long after it somebody went back, or came by a link.
  expect(onTopOf(steppedBack, chosen, { q: 'x' }, 3_000)).toEqual({ flow: '', q: 'x' });
  expect(onTopOf(steppedBack, null, { q: 'x' }, 1_500)).toEqual({ flow: '', q: 'x' });
});
