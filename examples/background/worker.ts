/** Serves the tasks of `tasks.ts`, four at once, until Ctrl-C. */
import { serveTasks } from '@signalbox/sdk';
import { sendInvoice } from './tasks.ts';

await serveTasks([sendInvoice], { from: { url: import.meta.resolve('./tasks.ts') }, slots: 4 });
