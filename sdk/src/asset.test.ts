/** Assets: what is told of them, and where their lineage comes from. */
import { describe, expect, test } from 'vitest';
import { runBody } from '../test/run-in-memory.ts';
import { asset, flow, task } from './index.ts';
import { createTestRuntime } from './testing/index.ts';

const toldOf = (artifacts: readonly { kind: string; data: { body?: unknown } }[]) =>
  artifacts.filter(({ kind }) => kind === 'asset').map(({ data }) => data.body as Record<string, unknown>);

const orders = asset('s3://lake/orders', { name: 'Orders', owners: ['data'] });
const extract = task({ name: 'extract', assets: [orders], assetDeps: ['postgres://shop/orders'] }, async () => {
  orders.metadata({ rows: 2 });
  orders.metadata({ bytes: 10 });
  return [1, 2];
});
const clean = task('clean', async (rows: number[]) => rows.filter((row) => row > 1));
const report = task(
  { name: 'report', assets: (rows, month) => [`s3://lake/report/${month}`, `s3://n/${rows.length}`] },
  async (_rows: number[], _month: string) => 7,
);

describe('an asset', () => {
  test('is told when its task completed, with what code says of it', async () => {
    const { told } = await runBody(() => extract());
    expect(toldOf(told.artifacts)).toEqual([
      {
        ...{ asset: 's3://lake/orders', outcome: 'materialized', name: 'Orders', description: null, url: null, owners: ['data'] },
        ...{ taskRun: 'extract', metadata: { rows: 2, bytes: 10 }, upstream: ['postgres://shop/orders'] },
      },
    ]);
  });

  test('is made from those that came with the arguments: of futures, of results, through tasks that make none', async () => {
    const { told } = await runBody(async () => {
      const rows = extract.submit();
      await report(clean.submit(rows), 'may');
      await report(await rows, 'june');
      await report.map([[1]], 'july');
    });
    const lines = toldOf(told.artifacts).map(({ asset: uri, upstream }) => [uri, upstream]);
    expect(lines).toEqual([
      ['s3://lake/orders', ['postgres://shop/orders']],
      ['s3://lake/report/may', ['s3://lake/orders']],
      ['s3://n/1', ['s3://lake/orders']],
      ['s3://lake/report/june', ['s3://lake/orders']],
      ['s3://n/2', ['s3://lake/orders']],
      ['s3://lake/report/july', []],
      ['s3://n/1', []],
    ]);
  });

  test('that was not made says so, once the task failed for good; a kept result says nothing', async () => {
    const runtime = createTestRuntime();
    const made = task({ name: 'made', retries: 1, retryDelay: '1s', assets: ['s3://a'] }, async () => 1);
    const broken = task({ name: 'broken', assets: ['s3://b'] }, async () => Promise.reject(new Error('no')));
    const crash = task('crash', async () => 0);
    const both = flow('both', async () => [await made(), await broken().catch(() => 0), await crash()]);
    const first = await runtime.fail(made, new Error('once'), { onCall: 1 }).crash(crash, { onCall: 1 }).run(both);
    const again = await runtime.resume(first);
    again.expectCompleted();
    const lines = toldOf(again.artifacts).map(({ asset: uri, outcome }) => `${uri} ${outcome}`);
    expect(lines).toEqual(['s3://a materialized', 's3://b failed', 's3://b failed']);
  });

  test('with a URI that is none, and facts outside of its task or too many, are refused', async () => {
    expect(() => asset('lake/orders')).toThrow('asset: expected a URI such as s3://bucket/table');
    expect(() => task({ name: 'x', assets: ['s3://a b'] }, () => 1)).toThrow('task "x": assets: expected a URI');
    expect(() => orders.metadata({})).toThrow('call it in the task that makes it');
    const large = task({ name: 'large', assets: [orders] }, () => orders.metadata({ x: 'x'.repeat(17_000) }));
    (await createTestRuntime().run(flow('f', () => large()))).expectFailed('at most 16384 bytes of JSON');
  });
});
