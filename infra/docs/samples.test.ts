/** The samples of these pages are programs: each is run as it stands, and asserts what its page says. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';

// Real processes: on a busy machine a cold start takes seconds.
vi.setConfig({ testTimeout: 60_000 });

const ROOT = join(import.meta.dirname, '../..');
const PAGES = ['results', 'caching', 'transactions'];
const samples = PAGES.flatMap((page) => {
  const text = readFileSync(join(ROOT, `docs/concepts/${page}.md`), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ''], i) => [`${page} ${i + 1}`, code] as const);
});

test('each page has one', () => {
  expect(new Set(samples.map(([name]) => name.split(' ')[0]))).toEqual(new Set(PAGES));
});

test.each(samples)('sample %s does what it says', async (_name, code) => {
  expect(code).toContain('assert.');
  // Where the package is found as in a user's project.
  await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', code], { cwd: join(ROOT, 'examples') });
});
