/** A flow for tests of automations: it fails the first time it is run with a `flag`, and is mended by the next attempt. */
import { existsSync, writeFileSync } from 'node:fs';
import { defineDeployments, flow } from '@signalbox/sdk';
import { z } from 'zod';

export const mended = flow({ name: 'mended', parameters: z.object({ flag: z.string() }) }, ({ flag }) => {
  if (existsSync(flag)) return 'mended';
  writeFileSync(flag, '');
  throw new Error('no station 12');
});

export const deployments = defineDeployments([mended.deployment({ name: 'test', pool: 'local' })]);
