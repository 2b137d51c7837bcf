/** Does what `docs/tutorials/quickstart.md` says, block by block, against a real system. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../dev/paths.ts';
import { runTag } from '../test-support/run-tag.ts';
import { type System, startSystem } from '../test-support/system.ts';

type Block = { language: string; info: string; text: string };

const execute = promisify(execFile);
const blocks = codeBlocks(readFileSync(join(ROOT, 'docs/tutorials/quickstart.md'), 'utf8'));
const files = blocks.flatMap((block) => {
  const file = /file=(\S+)/.exec(block.info)?.[1];
  return file ? [{ path: join(ROOT, file), text: block.text }] : [];
});

let system: System;
beforeAll(async () => {
  system = await startSystem({ tag: runTag() });
  for (const { path, text } of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
});
afterAll(async () => {
  for (const { path } of files) rmSync(dirname(path), { recursive: true, force: true });
  await system?.[Symbol.asyncDispose]();
});

test('each command of the quickstart does what it says', async () => {
  const said: string[] = [];
  for (const block of blocks.filter(({ language, info }) => language === 'sh' && !info.includes('no-ci'))) {
    const { stdout } = await execute('bash', ['-euo', 'pipefail', '-c', block.text], {
      cwd: ROOT,
      env: { ...process.env, SIGNALBOX_URL: system.url, SIGNALBOX_API_KEY: system.apiKey, NO_COLOR: '1' },
    });
    said.push(stdout);
  }
  const [local, deployed, looked] = said;
  expect(local).toMatch(/greeting Grace/);
  expect(local).toMatch(/Completed in .* 2 task runs/);
  expect(deployed).toMatch(/quickstart\/daily/);
  expect(deployed).toMatch(/Completed/);
  expect(looked).toMatch(/quickstart/);
});

function codeBlocks(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, language = '', info = '', text = '']) => ({
    language,
    info,
    text,
  }));
}
