import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const FLOW = path.join(import.meta.dirname, 'flow.ts');

// A real process: on a busy machine a cold start takes seconds.
test('without any server the limits that the flow declares hold in its process, and it says so', { timeout: 60_000 }, async () => {
  const { stdout } = await run(process.execPath, [FLOW, '--param', 'shelves=10'], { env: { ...process.env, NO_COLOR: '1' } });
  expect(stdout).toContain('no agent: limits hold within this process alone');
  expect(stdout).toContain('✓ count-shelf 10 of 10 Completed');
  expect(stdout).toContain('60 boxes on 10 shelves; at most 2 were scanned at once');
  // Five at once, then ten a second.
  const [, took = '', unit] = /Completed in ([\d.]+) (ms|s)/.exec(stdout) ?? [];
  expect(Number(took) * (unit === 's' ? 1_000 : 1)).toBeGreaterThanOrEqual(500);
});
