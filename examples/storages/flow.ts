/**
 * Results in buckets, which every machine of a pool reaches: another attempt, wherever it runs, is given what an earlier one
 * kept. Without `endpoint` the storages talk to Amazon, Google and Azure, with the credentials of the machine.
 */
import { azureStorage, flow, gcsStorage, localStorage, runContext, s3Storage, task } from '@signalbox/sdk';
import { z } from 'zod';

const count = task('count', async () => `of attempt ${runContext().run.attempt}`);

const parameters = z.object({ s3: z.url(), gcs: z.url(), azure: z.url(), folder: z.string() });

export const storages = flow({ name: 'storages', parameters, retries: 1, retryDelay: '5ms' }, async (places, { run }) => {
  const storageOf = {
    s3: s3Storage({ bucket: 'results', endpoint: places.s3, accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }),
    gcs: gcsStorage({ bucket: 'results', endpoint: places.gcs }),
    azure: azureStorage({ container: 'results', account: 'team', endpoint: places.azure, sasToken: 'sig=shared' }),
    local: localStorage(places.folder),
  };
  const counted: string[] = [];
  for (const [name, resultStorage] of Object.entries(storageOf)) counted.push(`${name} ${await count.with({ name, resultStorage })()}`);
  if (run.attempt === 1) throw new Error('once more');
  return counted;
});

export const deployments = [storages.deployment({ name: 'default', pool: 'local', tags: ['example'] })];

await storages.cli(import.meta);
