import { expect, test } from 'vitest';
import { slugOf } from './slug.ts';

test.each([
  ['Data platform (EU)', 'data-platform-eu'],
  ['  Zürich / Büro ', 'zurich-buro'],
  ['研究', ''],
  [`${'a'.repeat(62)} b`, 'a'.repeat(62)],
])('the slug of "%s" is "%s"', (name, slug) => expect(slugOf(name)).toBe(slug));
