import { createVerify, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { gcsStorage } from './gcs-storage.ts';
import { storageContract } from './storage.contract.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const folder = await mkdtemp(path.join(tmpdir(), 'sb-gcs-'));
const keyFile = path.join(folder, 'key.json');

/** The JSON API of a bucket `results`, as Google documents it: https://cloud.google.com/storage/docs/json_api/v1/objects */
const objects = new Map<string, Buffer>();
let isBusy = 0;
let tokens = 0;

async function answer(request: IncomingMessage): Promise<[status: number, body: Buffer | object | null]> {
  const url = new URL(request.url ?? '', 'http://x');
  const body = await buffer(request);
  if (url.pathname === '/token') return [200, grant(new URLSearchParams(body.toString()))];
  if (isBusy-- > 0) return [503, { error: { message: 'busy' } }];
  if (request.headers.authorization !== `Bearer token-${tokens}`) return [401, { error: { message: 'Invalid Credentials' } }];
  const name = decodeURIComponent(url.pathname.split('/o/')[1] ?? '');
  const error = { error: { message: `No such object: results/${name}` } };
  if (url.pathname === '/upload/storage/v1/b/results/o') {
    const key = url.searchParams.get('name') ?? '';
    if (url.searchParams.get('ifGenerationMatch') === '0' && objects.has(key)) return [412, { error: { message: 'conditionNotMet' } }];
    objects.set(key, body);
    return [200, { name: key }];
  }
  if (url.pathname === '/storage/v1/b/results/o') {
    // Two a page: whoever reads one page sees half.
    const all = [...objects.keys()].filter((key) => key.startsWith(url.searchParams.get('prefix') ?? '')).sort();
    const from = Number(url.searchParams.get('pageToken') ?? 0);
    const more = from + 2 < all.length ? { nextPageToken: String(from + 2) } : {};
    return [200, { items: all.slice(from, from + 2).map((key) => ({ name: key })), ...more }];
  }
  if (!url.pathname.startsWith('/storage/v1/b/results/o/')) return [404, { error: { message: 'The specified bucket does not exist.' } }];
  const found = objects.get(name);
  if (!found) return [404, error];
  if (request.method === 'DELETE') return [objects.delete(name) ? 204 : 404, null];
  return [200, url.searchParams.get('alt') === 'media' ? found : { name }];
}

/** Gives a token for a claim that this account's key signed. */
function grant(form: URLSearchParams): object {
  const [head = '', claim = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  const isSigned = createVerify('RSA-SHA256').update(`${head}.${claim}`).verify(publicKey, signature, 'base64url');
  const { iss, aud, exp } = JSON.parse(Buffer.from(claim, 'base64url').toString()) as { iss: string; aud: string; exp: number };
  if (!isSigned || iss !== 'results@project' || aud !== `${endpoint}/token` || exp * 1_000 < Date.now()) return {};
  return { access_token: `token-${++tokens}`, expires_in: 3_600 };
}

const server: Server = createServer((request, response) => {
  void answer(request).then(([status, body]) => {
    response.writeHead(status).end(Buffer.isBuffer(body) ? body : body && JSON.stringify(body));
  });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
await writeFile(keyFile, JSON.stringify({ client_email: 'results@project', private_key: pem, token_uri: `${endpoint}/token` }));
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const storage = gcsStorage({ bucket: 'results', prefix: '/a team/', endpoint, keyFile });
storageContract('GCS', () => storage);

test('one token serves all requests, and what is busy is asked again', async () => {
  const before = tokens;
  isBusy = 2;
  await storage.put('busy', Buffer.from('x'));
  expect([tokens, objects.has('a team/busy'), storage.name]).toEqual([before, true, 'gs://results/a team']);
});

test('a refusal names the bucket, what was asked and the answer; what is missing is named', async () => {
  const stranger = gcsStorage({ bucket: 'results', endpoint, token: () => 'wrong' });
  await expect(stranger.get('a')).rejects.toThrow('gs://results: reading a was answered with 401: Invalid Credentials');
  const none = gcsStorage({ bucket: 'other-results', endpoint, keyFile });
  await expect(none.put('a', Buffer.from(''))).rejects.toThrow('gs://other-results: writing a was answered with 404: The specified bucket');
  expect(() => gcsStorage({ bucket: 'No Bucket' })).toThrow('bucket: expected the name of a bucket, got No Bucket');
});
