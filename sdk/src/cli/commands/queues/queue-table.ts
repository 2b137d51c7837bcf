import type { WorkPool } from '@signalbox/proto/api';
import type { Context } from '../../context.ts';

/** The queues of a pool, the one that goes first at the top. */
export function printQueues(context: Context, pool: WorkPool): void {
  const { style } = context;
  const status = { ready: style.green('ready'), 'not-ready': style.red('not ready'), paused: style.yellow('paused') };
  context.printTable(
    pool.queues,
    [
      { header: 'QUEUE', value: (queue) => queue.name },
      { header: 'PRIORITY', value: (queue) => String(queue.priority), align: 'right' },
      {
        header: 'RUNNING',
        value: (queue) => (queue.concurrencyLimit === null ? String(queue.slotsHeld) : `${queue.slotsHeld} of ${queue.concurrencyLimit}`),
        align: 'right',
      },
      { header: 'FAIR BY', value: (queue) => queue.fairBy ?? '-', drop: 1 },
      { header: 'STATUS', value: (queue) => status[queue.status] },
    ],
    'No queues.',
  );
}
