import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventsPage } from './events-page.ts';

test('the catalogue of events says what the code does: `node control-plane/src/events-page.ts > docs/reference/events.md`', () => {
  expect(readFileSync(new URL('../../docs/reference/events.md', import.meta.url), 'utf8')).toBe(eventsPage());
});
