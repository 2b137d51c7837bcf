/** What tasks make outside: when it was made, with which facts, and from what. Lineage follows futures and results. */
import { asset, flow, task } from '@signalbox/sdk';

const orders = asset('s3://pattern-lake/orders', { name: 'Orders', owners: ['data'] });

const extract = task({ name: 'extract', assets: [orders], assetDeps: ['postgres://shop/orders'] }, async () => {
  const rows = [3, 5, 8];
  orders.metadata({ rows: rows.length });
  return rows;
});
const clean = task('clean', async (rows: number[]) => rows.filter((row) => row > 3)); // makes none: lineage passes through
const report = task(
  { name: 'report', assets: (_rows, month) => [`s3://pattern-lake/report/${month}`] },
  async (rows: number[], month: string) => {
    return `${month}: ${rows.length}`;
  },
);

export const assets = flow('assets', async () => report(clean.submit(extract.submit()), 'may'));

export const deployments = [assets.deployment({ name: 'pattern', pool: 'local', tags: ['pattern'] })];
await assets.cli(import.meta);
