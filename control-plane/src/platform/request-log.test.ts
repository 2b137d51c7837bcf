import { expect, test } from 'vitest';
import { shownPath } from './request-log.ts';

test.each([
  ['/trpc/runs.list', '/trpc/runs.list'],
  ['/hooks/abc', '/hooks/***'],
  [`/api/sbk_${'a'.repeat(49)}/x`, '/api/sbk_.../x'],
  [`/trpc/sbr_eyJ${'a'.repeat(30)}.eyJ.sig`, '/trpc/sbr_...'],
])('%s is shown as %s', (path, shown) => expect(shownPath(path)).toBe(shown));
