import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bundleCore } from './bundle-core.ts';

function dist(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sb-core-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [file, code] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), code);
  }
  return folder;
}

test('what is loaded at once is one file, whoever imports it by whatever path; what is loaded later is left as it is', async () => {
  const folder = dist({
    'index.js': "export { Box, count } from './deep/box.js'; export const later = () => import('./later.js');",
    'deep/box.js':
      "import { sep } from 'node:path'; let made = 0; export class Box { constructor() { made++; } } export const count = () => made; export const slash = sep;",
    'later.js': "import { Box } from './deep/box.js'; export const here = import.meta.url; export const box = new Box(); export { Box };",
  });
  const before = readFileSync(join(folder, 'later.js'), 'utf8');
  expect(await bundleCore(folder, ['index.js'])).toBe(2);
  const index = (await import(join(folder, 'index.js'))) as {
    Box: new () => object;
    count: () => number;
    later: () => Promise<{ Box: unknown; here: string }>;
  };
  const later = await index.later();
  expect(later.Box).toBe(index.Box);
  expect([index.count(), new index.Box(), index.count()]).toEqual([1, {}, 2]);
  expect(later.here).toMatch(/later\.js$/);
  expect(readFileSync(join(folder, 'later.js'), 'utf8')).toBe(before);
  expect(readFileSync(join(folder, 'deep/box.js'), 'utf8')).toMatch(
    /^export \{ m\d_Box as Box, m\d_count as count, m\d_slash as slash \} from '\.\.\/core\.js';\n$/,
  );
});

test('what is loaded at once and also later is found later too', async () => {
  const folder = dist({
    'index.js': "export { local } from './local.js'; export { first } from './first.js';",
    'first.js': "export const first = async () => { const { local } = await import('./local.js'); return local; };",
    'local.js': "export const local = () => 'here';",
  });
  expect(await bundleCore(folder, ['index.js'])).toBe(3);
  const index = (await import(join(folder, 'index.js'))) as { local: () => string; first: () => Promise<() => string> };
  expect(await index.first()).toBe(index.local);
});

test.each([
  ['that asks for its own address', 'export const here = import.meta.url;', 'expected no import.meta'],
  ['that gives everything of another', "export * from './b.js';", 'expected no "export *"'],
])('a module %s is refused', async (_title, code, problem) => {
  await expect(bundleCore(dist({ 'index.js': code, 'b.js': 'export const b = 1;' }), ['index.js'])).rejects.toThrow(problem);
});
