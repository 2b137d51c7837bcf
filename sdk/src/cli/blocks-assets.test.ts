/** Blocks and assets from a terminal. */
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

test('a block is set field by field, with references where its secrets are', async () => {
  const { stdout } = await run('blocks', 'set', 'postgres', 'orders', '-f', 'host=a=b', '-f', 'port=5', '-s', 'password=env:DB');
  expect(stdout).toBe('Set block postgres/orders.\n');
  expect(inputOf('blocks.set')).toMatchObject({ value: { host: 'a=b', port: 5, password: { $secret: 'env:DB' } }, onlyNew: false });
  expect(await run('blocks', 'set', 'postgres', 'orders', '-f', 'host')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--field'),
  });
});

test('blocks and their types are listed, shown and deleted', async () => {
  expect((await run('blocks', 'types')).stdout).toMatch(/postgres +1 +host, password +password/);
  expect((await run('blocks', 'ls', '--type', 'postgres')).stdout).toMatch(/postgres +orders/);
  expect(inputOf('blocks.list')).toMatchObject({ type: 'postgres' });
  expect(JSON.parse((await run('blocks', 'get', 'postgres', 'orders')).stdout)).toMatchObject({ password: { $secret: 'env:DB_PASSWORD' } });
  expect((await run('blocks', 'delete', 'postgres', 'orders', '-y')).stdout).toBe('Deleted block postgres/orders.\n');
  expect((await run('blocks', 'delete-type', 'postgres', '-y')).stdout).toBe('Deleted type postgres.\n');
});

test('assets are listed by freshness, shown with their lineage, and deleted', async () => {
  expect((await run('assets', 'ls', '--stale', '1d', '--search', 'orders')).stdout).toContain('s3://lake/orders');
  expect(inputOf('assets.list')).toMatchObject({ staleMs: 86_400_000, text: 'orders' });
  expect(await run('assets', 'ls', '--stale', 'soon')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--stale') });
  const { stdout } = await run('assets', 'inspect', 's3://lake/orders');
  expect(stdout).toContain('<- postgres://shop/orders');
  expect(stdout).toMatch(/materialized +run_01h455vb4pex5vsknk084sn02q +shop \/ load/);
  expect((await run('assets', 'delete', 's3://lake/orders', '-y')).stdout).toBe('Deleted asset s3://lake/orders.\n');
});
