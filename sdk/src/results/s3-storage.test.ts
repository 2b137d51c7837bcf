import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { openS3 } from '../../test/s3-server.ts';
import { s3Storage } from './s3-storage.ts';
import { storageContract } from './storage.contract.ts';

const server = await openS3();
afterAll(() => server[Symbol.asyncDispose]());

const options = { bucket: 'results', endpoint: server.endpoint, accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
const storage = s3Storage({ ...options, prefix: 'signalbox/of a team' });
/** Whether the test server knows conditions; where it does not, the storage says so instead of giving no lock. */
const honest = await storage.create?.('probe/x', Buffer.from('x')).catch(() => null);
storageContract('S3', () => (honest === null ? { ...storage, create: undefined } : storage));

test('a wrong secret is an error that names the bucket, what was asked and the answer', async () => {
  const stranger = s3Storage({ ...options, secretAccessKey: 'wrong' });
  await expect(stranger.get('a')).rejects.toThrow(/^s3:\/\/results: reading a was answered with 403: /);
});

test('a list of many pages is read to its end', async () => {
  const pages: Record<string, string> = {
    '': '<R><Key>many/k/1</Key><Key>many/k/a&amp;b</Key><NextContinuationToken>to+2=</NextContinuationToken></R>',
    'to+2=': '<R><Key>many/k/3</Key></R>',
  };
  await using paged = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://x');
    response.end(searchParams.get('prefix') === 'many/k/' ? pages[searchParams.get('continuation-token') ?? ''] : undefined);
  });
  paged.listen(0, '127.0.0.1');
  await once(paged, 'listening');
  const endpoint = `http://127.0.0.1:${(paged.address() as AddressInfo).port}`;
  expect(await s3Storage({ ...options, endpoint, prefix: 'many' }).list?.('k/')).toEqual(['k/1', 'k/a&b', 'k/3']);
});

test('where a server ignores conditions, creating is refused: two would believe that they were first', async () => {
  await using careless = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200).end());
  });
  careless.listen(0, '127.0.0.1');
  await once(careless, 'listening');
  const endpoint = `http://127.0.0.1:${(careless.address() as AddressInfo).port}`;
  await expect(s3Storage({ ...options, endpoint }).create?.('a', Buffer.from(''))).rejects.toThrow('does not honor If-None-Match');
});

test('what is missing is named', () => {
  expect(() => s3Storage({ ...options, bucket: 'No Bucket' })).toThrow('bucket: expected the name of a bucket, got No Bucket');
  expect(() => s3Storage({ bucket: 'results' })).toThrow('AWS_ACCESS_KEY_ID');
});
