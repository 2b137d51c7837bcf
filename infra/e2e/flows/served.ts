/** Serves itself: `node served.ts`. */
import { flow, serve } from '@signalbox/sdk';
import { z } from 'zod';

export const served = flow({ name: 'served', parameters: z.object({ n: z.int() }) }, ({ n }) => n * 2 + 2);

await serve([served.deployment({ name: 'here', pool: 'local', from: import.meta })], {
  name: 'here',
  dataDir: process.env['SERVE_DATA'],
});
