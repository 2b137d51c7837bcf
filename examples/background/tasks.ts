/**
 * Invoices that are sent in the background: the flow asks and goes on; what `worker.ts` serves does the work.
 *
 *   node examples/background/worker.ts                                        # on the machine that may send
 *   signalbox deploy examples/background/tasks.ts && signalbox run invoices/default
 */
import { flow, NonRetryableError, task } from '@signalbox/sdk';
import { z } from 'zod';

export const sendInvoice = task({ name: 'send-invoice', retries: 2, retryDelay: '1s', timeout: '30s' }, async (to: string, due: Date) => {
  if (!to.includes('@')) throw new NonRetryableError(`"${to}" is no address`);
  return `${to} pays until ${due.toISOString().slice(0, 10)}`;
});

export const invoices = flow(
  { name: 'invoices', parameters: z.object({ to: z.array(z.string()).default(['ada@example.com', 'alan@example.com']) }) },
  async ({ to }) => {
    const runs = [];
    for (const address of to) runs.push(await sendInvoice.delay(address, new Date('2026-12-31')));
    return runs.map(({ id }) => id);
  },
);

export const deployments = [invoices.deployment({ name: 'default', pool: 'local', tags: ['example'] })];

await invoices.cli(import.meta);
