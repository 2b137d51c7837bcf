import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { permissionsPage, procedureMeta } from './permissions-page.ts';

test('the page of permissions says what the code does: `node control-plane/src/permissions-page.ts > docs/reference/permissions.md`', () => {
  expect(readFileSync(new URL('../../docs/reference/permissions.md', import.meta.url), 'utf8')).toBe(permissionsPage());
});

test('every procedure says what it asks for', () => {
  for (const [path, meta] of procedureMeta()) {
    expect(meta, path).toBeDefined();
    if (meta?.access === 'workspace' || meta?.access === 'organization') expect(meta.scope, path).toBeDefined();
  }
});
