/**
 * The samples of the manual are programs: each runs as it stands, and asserts what its page says. All run in one process,
 * one after the other, since a start costs more than most of them.
 */
import { execFile } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';

// A real process: on a busy machine a cold start takes seconds.
vi.setConfig({ testTimeout: 120_000 });

const ROOT = join(import.meta.dirname, '../..');
/** Pages whose every sample is a program. Samples of other pages are parts of one, or are run by tests of their own. */
const PAGES = [
  ...[
    'results',
    'caching',
    'transactions',
    'flows',
    'tasks',
    'futures',
    'parameters',
    'logging',
    'sub-flows',
    'events',
    'blocks',
    'assets',
    'automations',
  ].map((page) => `concepts/${page}`),
  ...['projects', 'use-the-client', 'migrate-from-prefect', 'migrate-from-cron', 'service-levels'].map((page) => `how-to/${page}`),
];

const samples = PAGES.flatMap((page) => {
  const text = readFileSync(join(ROOT, `docs/${page}.md`), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ''], i) => ({
    page,
    name: `${page.replace('/', '-')}-${i + 1}.ts`,
    code,
  }));
});

const RUNNER = `import { readdirSync } from 'node:fs';
const failures = {};
for (const file of readdirSync(import.meta.dirname).filter((name) => name !== 'all.ts').sort()) {
  try { await import('./' + file); } catch (error) { failures[file] = String(error?.stack ?? error); }
}
process.stdout.write('\\n' + JSON.stringify(failures) + '\\n', () => process.exit(0));
`;

test('each page has samples, and each sample asserts something', () => {
  expect(new Set(samples.map(({ page }) => page))).toEqual(new Set(PAGES));
  expect(samples.filter(({ code }) => !code.includes('assert.')).map(({ name }) => name)).toEqual([]);
});

test('each sample does what it says', async () => {
  // Where the package is found as in a user's project.
  const folder = mkdtempSync(join(ROOT, 'examples/.samples-'));
  try {
    mkdirSync(folder, { recursive: true });
    for (const { name, code } of samples) writeFileSync(join(folder, name), code);
    writeFileSync(join(folder, 'all.ts'), RUNNER);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'all.ts')], { cwd: join(ROOT, 'examples') });
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({});
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the index of the manual names every page', () => {
  const index = readFileSync(join(ROOT, 'docs/README.md'), 'utf8');
  const pages = globSync('{tutorials,how-to,concepts,reference}/*.md', { cwd: join(ROOT, 'docs') });
  expect(pages.filter((page) => !index.includes(`(${page})`))).toEqual([]);
});
