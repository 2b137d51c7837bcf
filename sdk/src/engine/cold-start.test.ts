import { execFile } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SDK = path.join(import.meta.dirname, '..');
const WATCHED = ['engine/child-session.ts', '../../examples/hello/flow.ts'].map((file) => pathToFileURL(path.join(SDK, file)).href);

test('before user code a child loads this package alone, and of it nothing that deploys, prints or reads a command line', async () => {
  const program = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    for (const url of ${JSON.stringify(WATCHED)}) await import(url);
    console.log(JSON.stringify(loaded.filter((url) => url.startsWith('file:'))));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  const loaded = (JSON.parse(stdout) as string[]).map((url) => path.relative(SDK, new URL(url).pathname));
  expect(loaded.filter((file) => file.startsWith('..'))).toEqual(['../../examples/hello/flow.ts']);
  expect(loaded.filter((file) => /deployments|console|flow-cli|run-locally|serve-agent|client\//.test(file))).toEqual([]);
});
