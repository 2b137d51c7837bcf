/** Variables from a terminal. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../test/fake-control-plane.ts';
import { createCliHome } from '../../test/run-cli.ts';

let controlPlane: FakeControlPlane;
let cli: Awaited<ReturnType<typeof createCliHome>>;
const inputOf = (path: string) => controlPlane.state.calls.findLast((call) => call.path === path)?.input;
const run = (...args: string[]) => cli.run(args, { env: { SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test' } });

beforeEach(async () => {
  controlPlane = await startFakeControlPlane();
  cli = await createCliHome();
});
afterEach(async () => {
  await controlPlane[Symbol.asyncDispose]();
  await cli[Symbol.asyncDispose]();
});

test('a value is JSON, and text where it is none', async () => {
  expect((await run('variables', 'set', 'regions', '["eu"]', '--tag', 'ops')).stdout).toBe('Set variable regions to ["eu"].\n');
  expect(inputOf('variables.set')).toEqual({ name: 'regions', value: ['eu'], tags: ['ops'], onlyNew: false });
  await run('variables', 'set', 'city', 'New York', '--new');
  expect(inputOf('variables.set')).toEqual({ name: 'city', value: 'New York', onlyNew: true });
});

test('they are listed, shown and deleted', async () => {
  expect((await run('variables', 'ls', '--prefix', 're')).stdout).toMatch(/regions +\["eu"\] +ops +where/);
  expect(inputOf('variables.list')).toMatchObject({ prefix: 're' });
  expect((await run('variables', 'get', 'regions')).stdout).toBe('["eu"]\n');
  expect((await run('variables', 'delete', 'regions', '--yes')).stdout).toBe('Deleted variable regions.\n');
});
