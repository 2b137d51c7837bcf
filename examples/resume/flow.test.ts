import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';

// Real processes: on a busy machine a cold start takes seconds.
vi.setConfig({ testTimeout: 60_000 });

const run = promisify(execFile);
const FLOW = path.join(import.meta.dirname, 'flow.ts');
const env = { ...process.env, NO_COLOR: '1' };

test('an import that fails in the middle is undone there, resumed, and gives what it gives without a failure', async () => {
  const { stdout: failed } = await run(process.execPath, [FLOW, '--param', 'failAt=publish'], { env });
  expect(failed).toContain('✗ publish Failed');
  const [before = '', after = ''] = failed.split('attempt 2');
  expect(before).toContain('RolledBack');
  expect(after).toContain('✓ rate Cached');
  expect(after).toContain('✓ total Cached');
  expect(after).toMatch(/published 3 totals.*"sum":"1914"/);
  const { stdout: whole } = await run(process.execPath, [FLOW], { env });
  expect(whole).toMatch(/published 3 totals.*"sum":"1914"/);
  expect(whole).toContain('total-2 Skipped');
});
