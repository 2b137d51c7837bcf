/** What the workspace uses, from a terminal. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../test/fake-control-plane.ts';
import { createCliHome } from '../../test/run-cli.ts';

let controlPlane: FakeControlPlane;
let cli: Awaited<ReturnType<typeof createCliHome>>;
const inputOf = (path: string) => controlPlane.state.calls.findLast((call) => call.path === path)?.input;
const run = (...args: string[]) => cli.run(args, { env: { SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test', TZ: 'UTC' } });

beforeEach(async () => {
  controlPlane = await startFakeControlPlane();
  cli = await createCliHome();
});
afterEach(async () => {
  await controlPlane[Symbol.asyncDispose]();
  await cli[Symbol.asyncDispose]();
});

test('usage shows a bar of each bound, what is unlimited, and what was refused', async () => {
  const { stdout, exitCode } = await run('usage');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/API calls a minute\s+#{5}\.{15}\s+25\s+100/);
  expect(stdout).toMatch(/API calls a day\s+4000\s+unlimited/);
  expect(stdout).toMatch(/new runs a day\s+#{20}\s+50\s+50\s+3/);
  expect(stdout).toMatch(/agents at once\s+#{4}\.{16}\s+2\s+10/);
});

test('usage --by day asks for thirty days, and --days for as many', async () => {
  expect((await run('usage', '--by', 'day')).stdout).toMatch(/new runs\s+12\s+3/);
  expect(inputOf('usage.history')).toEqual({ by: 'day', days: 30 });
  await run('usage', '--days', '2');
  expect(inputOf('usage.history')).toEqual({ by: 'hour', days: 2 });
  expect(await run('usage', '--by', 'year')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('hour, day') });
});
