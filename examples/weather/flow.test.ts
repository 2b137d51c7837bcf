import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';

// Real processes: on a busy machine a cold start takes seconds.
vi.setConfig({ testTimeout: 60_000 });

const run = promisify(execFile);
const FLOW = path.join(import.meta.dirname, 'flow.ts');
const env = { ...process.env, WEATHER_DATABASE_URL: '', NO_COLOR: '1' };

describe('node flow.ts', () => {
  test('runs without any server: a retry after the real 503, a task for each month, and the artifacts', async () => {
    const { stdout } = await run(process.execPath, [FLOW, '--param', 'years=[2013,2014]'], { env });
    expect(stdout).toMatch(/extract {2}attempt 1 of 4 failed: .* answered 503 Service Unavailable; the next begins in 250 ms/);
    expect(stdout).toContain('✓ month-figures 24 of 24 Completed');
    expect(stdout).toContain('WEATHER_DATABASE_URL is not set, so the figures are not stored');
    expect(stdout).toContain('# Weather in Seattle, 2013-01 to 2014-12');
    expect(stdout).toMatch(/2014-03 +31 +15 +240 /);
    expect(stdout).toMatch(/✓ Completed in .* 27 task runs, 1 retried\n$/);
  });

  test('with parameters that break the schema exits 2 and names field, value and expectation', async () => {
    const failed = await run(process.execPath, [FLOW, '--param', 'years=[2050]'], { env }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 2, stdout: expect.stringContaining('parameters.years.0 = 2050: Too big') });
  });
});
