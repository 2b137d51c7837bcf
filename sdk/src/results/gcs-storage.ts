/** Results in a bucket of Google Cloud Storage, for pools of several machines. */
import { createSign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { bucketRequests, bytesOf, pathOf, prefixOf } from './bucket-requests.ts';
import type { ResultStorage } from './storage.ts';

export interface GcsStorageOptions {
  readonly bucket: string;
  /** Before every key, such as `signalbox`. Default: none. */
  readonly prefix?: string;
  /** File with the key of a service account. Default: GOOGLE_APPLICATION_CREDENTIALS; without it the machine's own account is asked for. */
  readonly keyFile?: string;
  /** Gives an access token, instead of the above: asked before each request, so cache it. */
  readonly token?: () => string | Promise<string>;
  /** Default: STORAGE_EMULATOR_HOST, else `https://storage.googleapis.com`. An emulator's needs no credentials. */
  readonly endpoint?: string;
}

const GOOGLE = 'https://storage.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';
/** A token is replaced so long before it ends. */
const SPARE_MS = 60_000;

/**
 * Keeps results in a bucket. Each is one object: no lines are added, so a step costs a request.
 * @throws RangeError when the bucket's name is none.
 */
export function gcsStorage(options: GcsStorageOptions): ResultStorage {
  const { bucket } = options;
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket))
    throw new RangeError(`gcsStorage: bucket: expected the name of a bucket, got ${bucket}`);
  const emulator = process.env.STORAGE_EMULATOR_HOST;
  const endpoint = (options.endpoint ?? (emulator && (emulator.includes('://') ? emulator : `http://${emulator}`)) ?? GOOGLE).replace(
    /\/+$/,
    '',
  );
  const prefix = prefixOf(options.prefix);
  const name = `gs://${bucket}/${prefix}`.replace(/\/$/, '');
  const tokenOf = options.token ?? (endpoint === GOOGLE || options.keyFile ? machineToken(options.keyFile) : null);
  const send = bucketRequests(
    name,
    async () => (tokenOf ? { authorization: `Bearer ${await tokenOf()}` } : ({} as Record<string, string>)),
    problemOf,
  );
  const object = (key: string, query = '') =>
    new URL(`${endpoint}/storage/v1/b/${bucket}/o/${encodeURIComponent(pathOf(prefix, key))}${query}`);
  const upload = (key: string, more = '') =>
    new URL(`${endpoint}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(pathOf(prefix, key))}${more}`);
  const body = (bytes: Uint8Array) => ({ method: 'POST', body: bytes, headers: { 'content-type': 'application/octet-stream' } }) as const;

  return {
    name,
    get: async (key) => bytesOf(await send(`reading ${key}`, object(key, '?alt=media'), {}, [404])),
    put: async (key, bytes) => void (await bytesOf(await send(`writing ${key}`, upload(key), body(bytes)))),
    has: async (key) => {
      const response = await send(`asking for ${key}`, object(key, '?fields=name'), {}, [404]);
      await response.arrayBuffer();
      return response.ok;
    },
    delete: async (key) => void (await bytesOf(await send(`deleting ${key}`, object(key), { method: 'DELETE' }, [404]))),
    list: async (wanted) => {
      const keys: string[] = [];
      for (let pageToken: string | undefined; ; ) {
        const query = new URLSearchParams({ prefix: prefix + wanted, fields: 'items/name,nextPageToken', ...(pageToken && { pageToken }) });
        const response = await send(`listing ${wanted}`, new URL(`${endpoint}/storage/v1/b/${bucket}/o?${query}`));
        const page = (await response.json()) as { items?: { name: string }[]; nextPageToken?: string };
        for (const item of page.items ?? []) keys.push(item.name.slice(prefix.length));
        pageToken = page.nextPageToken;
        if (!pageToken) return keys;
      }
    },
    create: async (key, bytes) => {
      const response = await send(`creating ${key}`, upload(key, '&ifGenerationMatch=0'), body(bytes), [412]);
      await response.arrayBuffer();
      return response.ok;
    },
  };
}

function problemOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message;
  } catch {
    return text.split('\n')[0]?.slice(0, 300) || undefined;
  }
}

interface Token {
  readonly access_token: string;
  readonly expires_in: number;
}

/** A token of the service account in the file, else of the machine's own; kept until shortly before it ends. */
function machineToken(keyFile = process.env.GOOGLE_APPLICATION_CREDENTIALS): () => Promise<string> {
  let known: Promise<{ text: string; untilMs: number }> | null = null;
  const make = async () => {
    const { access_token: text, expires_in: seconds } = keyFile ? await tokenByKey(keyFile) : await tokenOfMachine();
    return { text, untilMs: Date.now() + seconds * 1_000 - SPARE_MS };
  };
  return async () => {
    const last = await known?.catch(() => null);
    if (!last || last.untilMs <= Date.now()) known = make();
    return (await (known as NonNullable<typeof known>)).text;
  };
}

/** @see https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
async function tokenByKey(file: string): Promise<Token> {
  const key = JSON.parse(await readFile(file, 'utf8')) as { client_email?: string; private_key?: string; token_uri?: string };
  const { client_email: iss, private_key: secret, token_uri: aud = 'https://oauth2.googleapis.com/token' } = key;
  if (!iss || !secret)
    throw new RangeError(`gcsStorage: keyFile: expected the key of a service account, with client_email and private_key, in ${file}`);
  const now = Math.floor(Date.now() / 1_000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claim = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss, scope: SCOPE, aud, iat: now, exp: now + 3_600 })}`;
  const signature = createSign('RSA-SHA256').update(claim).sign(secret, 'base64url');
  const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: `${claim}.${signature}` });
  return answer('the token of a service account', await fetch(aud, { method: 'POST', body: form, signal: AbortSignal.timeout(10_000) }));
}

/** @see https://cloud.google.com/compute/docs/metadata/querying-metadata */
async function tokenOfMachine(): Promise<Token> {
  const host = process.env.GCE_METADATA_HOST ?? 'metadata.google.internal';
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token?scopes=${SCOPE}`;
  const headers = { 'metadata-flavor': 'Google' };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(5_000) }).catch((cause: unknown) => {
    throw new Error('gcsStorage: expected keyFile, token, GOOGLE_APPLICATION_CREDENTIALS, or a machine of Google Cloud', { cause });
  });
  return answer("the token of the machine's account", response);
}

async function answer(what: string, response: Response): Promise<Token> {
  if (response.ok) return (await response.json()) as Token;
  throw new Error(`gcsStorage: ${what} was refused with ${response.status}: ${(await response.text()).slice(0, 300)}`);
}
