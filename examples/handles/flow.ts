/**
 * Calls a deployment that runs elsewhere by a handle with the types of its parameters. `deployments.ts` was made by
 *
 *   signalbox generate region/one --output examples/handles/deployments.ts
 */
import { flow } from '@signalbox/sdk';
import { regionOne } from './deployments.ts';

export const handles = flow('handles', async () => {
  const { result } = await regionOne.run<number>({ parameters: { name: 'north' } });
  return result;
});

export const deployments = [handles.deployment({ name: 'default', pool: 'local', tags: ['example'] })];

await handles.cli(import.meta);
