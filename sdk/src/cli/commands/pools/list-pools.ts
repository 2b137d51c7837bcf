import type { Context } from '../../context.ts';
import { poolStatus, slotsOf } from './pool-status.ts';

export async function listPools(context: Context): Promise<void> {
  const page = await (await context.client()).workPools.list.query({ limit: 200 });
  if (context.json) return context.printJson(page);
  context.printTable(
    page.items,
    [
      { header: 'POOL', value: (pool) => pool.name, min: 10 },
      { header: 'STATUS', value: (pool) => poolStatus(pool, context.style) },
      { header: 'AGENTS', value: (pool) => `${pool.agents.online}/${pool.agents.total}`, align: 'right' },
      { header: 'RUNNING', value: slotsOf, align: 'right', drop: 2 },
      { header: 'WAITING', value: (pool) => String(pool.waiting), align: 'right', drop: 1 },
      { header: 'LAUNCHER', value: (pool) => pool.launcher, drop: 4 },
      { header: 'DESCRIPTION', value: (pool) => pool.description, min: 12, drop: 3 },
    ],
    'No work pools. Create one with `signalbox pools create NAME`.',
  );
}
