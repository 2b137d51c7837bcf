import type { Context, GlobalOptions } from '../../context.ts';
import { instant } from '../../output/time.ts';
import { poolStatus, slotsOf } from './pool-status.ts';

export async function showPool(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const pool = await (await context.client()).workPools.get.query({ pool: ref });
  if (context.json) return context.printJson(pool);
  const { style } = context;
  context.print(`${style.bold(pool.name)}  ${poolStatus(pool, style)}`, '');
  context.printFields([
    ['id', pool.id],
    ['description', pool.description],
    ['launcher', pool.launcher],
    ['agents', `${pool.agents.online} online of ${pool.agents.total}`],
    ['running', slotsOf(pool)],
    ['waiting', String(pool.waiting)],
    ['created', instant(pool.createdAt, context.host.now())],
  ]);
  context.print('');
  context.printTable(
    pool.queues,
    [
      { header: 'QUEUE', value: (queue) => queue.name },
      { header: 'PRIORITY', value: (queue) => String(queue.priority), align: 'right' },
      { header: 'LIMIT', value: (queue) => String(queue.concurrencyLimit ?? '-'), align: 'right' },
      { header: 'STATUS', value: (queue) => (queue.paused ? style.yellow('paused') : style.green('active')) },
    ],
    'No queues.',
  );
  if (pool.status === 'not-ready') context.note('', `No agent serves it. Make a join code: signalbox agents join-code ${pool.name}`);
}
