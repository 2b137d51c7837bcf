/**
 * The samples of the manual are programs: each runs as it stands, has right types, and asserts what its page says. All run in
 * one process, one after the other, since a start costs more than most of them. What they export to be deployed is also what
 * a deploy takes. A sample with `file=` is the text of that file, which another test runs.
 */
import { execFile } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { codeBlocks } from './code-blocks.ts';

// A real process: on a busy machine a cold start takes seconds.
vi.setConfig({ testTimeout: 120_000 });

const ROOT = join(import.meta.dirname, '../..');
const execute = promisify(execFile);
/** The API reference is signatures, made from the sources. */
const samples = codeBlocks().filter(({ page, language }) => language === 'ts' && page !== 'reference/sdk.md');
const quoted = samples.flatMap(({ info, ...sample }) => {
  const [, file] = /file=(\S+)/.exec(info) ?? [];
  return file ? [{ ...sample, file }] : [];
});
const programs = samples.filter(({ info }) => !info.includes('file='));
/** The first flow that people see: it runs from the command line alone. */
const readme = codeBlocks(['../README.md']).filter(({ language }) => language === 'ts');

const RUNNER = `import { readdirSync } from 'node:fs';
import { deployInput } from '@signalbox/proto/api';
import { loadDeployments, toDeployInput } from '../../sdk/src/deployments.ts';
const failures = {};
for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && name !== 'all.ts').sort()) {
  try {
    const found = Object.values(await import('./' + file)).flat().some((value) => value?.flow && value.options?.pool);
    if (found) for (const each of await loadDeployments(import.meta.dirname + '/' + file)) deployInput.parse(await toDeployInput(each));
  } catch (error) { failures[file] = String(error?.stack ?? error); }
}
process.stdout.write('\\n' + JSON.stringify(failures) + '\\n', () => process.exit(0));
`;

/** A sample may name what it does not use, to show that it is there. */
const TYPES = {
  extends: '../tsconfig.json',
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
  include: ['./*.ts'],
  exclude: ['all.ts'],
};

test('each sample asserts something', () => {
  expect(programs.length).toBeGreaterThan(30);
  expect(programs.filter(({ text }) => !/\bassert[.(]/.test(text)).map(({ place }) => place)).toEqual([]);
});

test('each sample does what it says', async () => {
  // Where the package is found as in a user's project.
  const folder = mkdtempSync(join(ROOT, 'examples/.samples-'));
  try {
    mkdirSync(folder, { recursive: true });
    for (const { place, text } of [...programs, ...readme]) writeFileSync(join(folder, `${place.replaceAll(/\W+/g, '-')}.ts`), text);
    writeFileSync(join(folder, 'all.ts'), RUNNER);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TYPES));
    const [types, run] = await Promise.all([
      execute(process.execPath, [join(ROOT, 'node_modules/typescript-native/bin/tsc'), '-p', folder]).then(
        () => '',
        (error: { stdout: string }) => error.stdout,
      ),
      execute(process.execPath, [join(folder, 'all.ts')], { cwd: join(ROOT, 'examples') }),
    ]);
    expect(types).toBe('');
    expect(JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '')).toEqual({});
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each(quoted.filter(({ page }) => !page.startsWith('tutorials/')))('$place is in $file', ({ file, text }) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).toContain(text);
});

test('the index of the manual names every page', () => {
  const index = readFileSync(join(ROOT, 'docs/README.md'), 'utf8');
  const pages = globSync('{tutorials,how-to,concepts,reference}/*.md', { cwd: join(ROOT, 'docs') });
  expect(pages.filter((page) => !index.includes(`(${page})`))).toEqual([]);
});
