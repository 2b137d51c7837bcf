/** A bucket of each kind, and a folder: what `examples/storages` keeps results in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openAzure } from './azure-server.ts';
import { GcsServer } from './gcs-server.ts';
import { openS3 } from './s3-server.ts';

export async function openBuckets() {
  const [s3, gcs, azure, folder] = await Promise.all([
    openS3(),
    new GcsServer().listen(),
    openAzure(),
    mkdtemp(path.join(tmpdir(), 'sb-buckets-')),
  ]);
  return {
    places: { s3: s3.endpoint, gcs: gcs.endpoint, azure: azure.endpoint, folder },
    [Symbol.asyncDispose]: async () => {
      for (const server of [s3, gcs, azure]) await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
