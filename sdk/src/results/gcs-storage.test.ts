import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { GcsServer } from '../../test/gcs-server.ts';
import { gcsStorage } from './gcs-storage.ts';
import { storageContract } from './storage.contract.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const folder = await mkdtemp(path.join(tmpdir(), 'sb-gcs-'));
const keyFile = path.join(folder, 'key.json');
const server = await new GcsServer(publicKey).listen();
const { endpoint } = server;
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
await writeFile(keyFile, JSON.stringify({ client_email: 'results@project', private_key: pem, token_uri: `${endpoint}/token` }));
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const storage = gcsStorage({ bucket: 'results', prefix: '/a team/', endpoint, keyFile });
storageContract('GCS', () => storage);

test('one token serves all requests, and what is busy is asked again', async () => {
  const before = server.tokens;
  server.busy = 2;
  await storage.put('busy', Buffer.from('x'));
  expect([server.tokens, server.objects.has('a team/busy'), storage.name]).toEqual([before, true, 'gs://results/a team']);
});

test('a refusal names the bucket, what was asked and the answer; what is missing is named', async () => {
  const stranger = gcsStorage({ bucket: 'results', endpoint, token: () => 'wrong' });
  await expect(stranger.get('a')).rejects.toThrow('gs://results: reading a was answered with 401: Invalid Credentials');
  const none = gcsStorage({ bucket: 'other-results', endpoint, keyFile });
  await expect(none.put('a', Buffer.from(''))).rejects.toThrow('gs://other-results: writing a was answered with 404: The specified bucket');
  expect(() => gcsStorage({ bucket: 'No Bucket' })).toThrow('bucket: expected the name of a bucket, got No Bucket');
});
