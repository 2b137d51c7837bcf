/** An S3 of its own with a bucket `results`, in a folder that goes with it. Both its keys are `S3RVER`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
// @ts-expect-error it has no types
import S3rver from '@20minutes/s3rver';

export async function openS3(): Promise<AsyncDisposable & { endpoint: string }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sb-s3-'));
  const server = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory,
    configureBuckets: [{ name: 'results', configs: [] }],
  });
  const { port } = await server.run();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
