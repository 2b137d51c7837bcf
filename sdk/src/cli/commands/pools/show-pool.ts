import type { Context, GlobalOptions } from '../../context.ts';
import { instant } from '../../output/time.ts';
import { printQueues } from '../queues/queue-table.ts';
import { printSlots } from './list-slots.ts';
import { poolStatus, slotsOf } from './pool-status.ts';

const SLOTS_SHOWN = 20;

export async function showPool(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const { workPools } = await context.client();
  const pool = await workPools.get.query({ pool: ref });
  if (context.json) return context.printJson(pool);
  const holders = pool.slotsHeld > 0 ? await workPools.slots.query({ pool: ref, limit: SLOTS_SHOWN }) : null;
  const { style } = context;
  context.print(`${style.bold(pool.name)}  ${poolStatus(pool, style)}`, '');
  context.printFields([
    ['id', pool.id],
    ['status', pool.statusReason],
    ['description', pool.description],
    ['launcher', pool.launcher],
    ['agents', `${pool.agents.online} online of ${pool.agents.total}`],
    ['running', slotsOf(pool)],
    ['waiting', String(pool.waiting)],
    ['created', instant(pool.createdAt, context.host.now())],
  ]);
  context.print('');
  printQueues(context, pool);
  if (holders) {
    context.print('');
    printSlots(context, holders.items);
    if (holders.nextCursor) context.note(`and more: signalbox pools slots ${pool.name} --limit 200`);
  }
  if (pool.status === 'not-ready') context.note('', `No agent serves it. Make a join code: signalbox agents join-code ${pool.name}`);
}
