import type { Command } from 'commander';
import { examples } from '../../examples.ts';
import { wholeNumber, wholeNumberOrNone } from '../../option-values.ts';
import type { Bind } from '../../verb.ts';

const POOL = 'name or id of the pool';
const QUEUE = 'name of the queue';

export function defineQueues(program: Command, bind: Bind): void {
  const queues = program.command('queues').description('List, make, order, pause, resume and delete the queues of a work pool');
  const on = (name: string, description: string) =>
    queues.command(name).description(description).argument('<pool>', POOL).argument('<queue>', QUEUE);

  const ls = queues
    .command('ls')
    .description('List the queues of a pool, the one that goes first at the top')
    .argument('<pool>', POOL)
    .action(bind(async () => (await import('./list-queues.ts')).listQueues));
  examples(ls, 'signalbox queues ls local');
  const set = on('set', 'Make a queue, or change it')
    .option('--priority <n>', '1 goes first; the others make room', wholeNumber)
    .option('--limit <n>', 'most runs at once, or none', wholeNumberOrNone)
    .option('--fair-by <key>', 'keys take turns, as {{ parameters.customer }}; or none')
    .action(bind(async () => (await import('./set-queue.ts')).setQueue));
  examples(
    set,
    'signalbox queues set gpu urgent --priority 1',
    'signalbox queues set gpu urgent --limit 4',
    "signalbox queues set gpu default --fair-by '{{ parameters.customer }}'",
  );
  const move = on('move', 'Let a queue go earlier or later')
    .option('--up', 'one place earlier')
    .option('--down', 'one place later')
    .option('--to <n>', 'to this place; 1 goes first', wholeNumber)
    .action(bind(async () => (await import('./move-queue.ts')).moveQueue));
  examples(move, 'signalbox queues move gpu urgent --up', 'signalbox queues move gpu nightly --to 3');
  const pause = on('pause', 'Hold back the runs of a queue; runs under way go on').action(
    bind(async () => (await import('./pause-queue.ts')).pauseQueue),
  );
  examples(pause, 'signalbox queues pause gpu nightly');
  const resume = on('resume', 'Let a paused queue start runs again').action(
    bind(async () => (await import('./pause-queue.ts')).resumeQueue),
  );
  examples(resume, 'signalbox queues resume gpu nightly');
  const slots = on('slots', 'List the runs that hold its slots')
    .option('--limit <n>', 'most runs to list (default: 50)', wholeNumber)
    .action(bind(async () => (await import('../pools/list-slots.ts')).listQueueSlots));
  examples(slots, 'signalbox queues slots gpu urgent');
  const remove = on('delete', 'Delete a queue; its deployments and waiting runs go to the default one')
    .option('-y, --yes', 'do not ask')
    .action(bind(async () => (await import('./delete-queue.ts')).deleteQueue));
  examples(remove, 'signalbox queues delete gpu nightly --yes');
}
