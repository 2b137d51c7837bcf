/** Results in a container of Azure Blob Storage, for pools of several machines. */
import { createHmac } from 'node:crypto';
import { type BucketRequest, bucketRequests, bytesOf, pathOf, prefixOf, type Sign } from './bucket-requests.ts';
import type { ResultStorage } from './storage.ts';

export interface AzureStorageOptions {
  readonly container: string;
  /** Before every key, such as `signalbox`. Default: none. */
  readonly prefix?: string;
  /** Default: that of the connection string, else AZURE_STORAGE_ACCOUNT. */
  readonly account?: string;
  /** Default: AZURE_STORAGE_CONNECTION_STRING, as the portal shows it. */
  readonly connectionString?: string;
  /** Default: AZURE_STORAGE_KEY. */
  readonly accountKey?: string;
  /** A shared access signature, instead of a key. Default: AZURE_STORAGE_SAS_TOKEN. */
  readonly sasToken?: string;
  /** Gives a token of Entra ID for `https://storage.azure.com/`, instead of both: asked before each request, so cache it. */
  readonly token?: () => string | Promise<string>;
  /** Default: `https://<account>.blob.core.windows.net`. */
  readonly endpoint?: string;
}

const VERSION = '2024-11-04';

/**
 * Keeps results in a container. Each is one block blob: no lines are added, so a step costs a request.
 * @throws RangeError when container, account or credentials are missing.
 */
export function azureStorage(options: AzureStorageOptions): ResultStorage {
  const { container } = options;
  if (!/^[a-z0-9](-?[a-z0-9]){2,62}$/.test(container))
    throw new RangeError(`azureStorage: container: expected the name of a container, got ${container}`);
  const given = credentialsOf(options, process.env);
  const base = `${given.endpoint.replace(/\/+$/, '')}/${container}`;
  const prefix = prefixOf(options.prefix);
  const name = `azure://${given.account}/${container}/${prefix}`.replace(/\/$/, '');
  const send = bucketRequests(name, signerOf(given), (text) => {
    const [, code, message] = /<Code>(.*?)<\/Code>\s*<Message>(.*?)<\/Message>/s.exec(text) ?? [];
    return code && `${code}: ${message?.split('\n')[0]}`;
  });
  const urlOf = (path: string, query: Record<string, string> = {}) => {
    const url = new URL(path === '' ? base : `${base}/${path.split('/').map(encodeURIComponent).join('/')}`);
    for (const [key, value] of [...Object.entries(query), ...new URLSearchParams(given.sasToken ?? '')]) url.searchParams.set(key, value);
    return url;
  };
  const blob = (key: string) => urlOf(pathOf(prefix, key));
  const put = (body: Uint8Array, headers: Record<string, string> = {}): BucketRequest => ({
    method: 'PUT',
    body,
    headers: { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/octet-stream', ...headers },
  });

  return {
    name,
    get: async (key) => bytesOf(await send(`reading ${key}`, blob(key), {}, [404])),
    put: async (key, bytes) => void (await bytesOf(await send(`writing ${key}`, blob(key), put(bytes)))),
    has: async (key) => (await send(`asking for ${key}`, blob(key), { method: 'HEAD' }, [404])).ok,
    delete: async (key) => void (await bytesOf(await send(`deleting ${key}`, blob(key), { method: 'DELETE' }, [404]))),
    list: async (wanted) => {
      const keys: string[] = [];
      for (let marker = ''; ; ) {
        const query = { restype: 'container', comp: 'list', prefix: prefix + wanted, ...(marker && { marker }) };
        const xml = await (await send(`listing ${wanted}`, urlOf('', query))).text();
        for (const [, key = ''] of xml.matchAll(/<Blob>.*?<Name>(.*?)<\/Name>/gs)) keys.push(unescapeXml(key).slice(prefix.length));
        marker = unescapeXml(/<NextMarker>(.*?)<\/NextMarker>/s.exec(xml)?.[1] ?? '');
        if (marker === '') return keys;
      }
    },
    create: async (key, bytes) => {
      const response = await send(`creating ${key}`, blob(key), put(bytes, { 'if-none-match': '*' }), [409, 412]);
      await response.arrayBuffer();
      return response.ok;
    },
  };
}

interface Credentials {
  readonly account: string;
  readonly endpoint: string;
  readonly accountKey?: string | undefined;
  readonly sasToken?: string | undefined;
  readonly token?: (() => string | Promise<string>) | undefined;
}

function credentialsOf(options: AzureStorageOptions, env: NodeJS.ProcessEnv): Credentials {
  const text = options.connectionString ?? env.AZURE_STORAGE_CONNECTION_STRING ?? '';
  const parts = new Map(text.split(';').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]));
  const account = options.account ?? parts.get('AccountName') ?? env.AZURE_STORAGE_ACCOUNT;
  if (!account) throw new RangeError('azureStorage: account: expected it, a connectionString, or AZURE_STORAGE_ACCOUNT');
  const suffix = parts.get('EndpointSuffix') ?? 'core.windows.net';
  const endpoint = options.endpoint ?? parts.get('BlobEndpoint') ?? `https://${account}.blob.${suffix}`;
  if (options.token) return { account, endpoint, token: options.token };
  const accountKey = options.accountKey ?? parts.get('AccountKey') ?? env.AZURE_STORAGE_KEY;
  const sasToken = options.sasToken ?? parts.get('SharedAccessSignature') ?? env.AZURE_STORAGE_SAS_TOKEN;
  if (!accountKey && !sasToken)
    throw new RangeError('azureStorage: accountKey, sasToken, token: expected one of them, a connectionString, or AZURE_STORAGE_KEY');
  return { account, endpoint, ...(accountKey ? { accountKey } : { sasToken: sasToken?.replace(/^\?/, '') }) };
}

function signerOf({ account, accountKey, token }: Credentials): Sign {
  return async (url, request) => {
    const headers: Record<string, string> = { 'x-ms-version': VERSION, 'x-ms-date': new Date().toUTCString() };
    if (token) return { ...headers, authorization: `Bearer ${await token()}` };
    if (!accountKey) return headers;
    const text = textToSign(account, url, { ...request, headers: { ...request.headers, ...headers } });
    const signature = createHmac('sha256', Buffer.from(accountKey, 'base64')).update(text, 'utf8').digest('base64');
    return { ...headers, authorization: `SharedKey ${account}:${signature}` };
  };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key */
function textToSign(account: string, url: URL, { method = 'GET', headers = {}, body }: BucketRequest): string {
  const own = Object.entries(headers)
    .filter(([key]) => key.startsWith('x-ms-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}:${value}\n`)
    .join('');
  const query = [...url.searchParams]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `\n${key.toLowerCase()}:${value}`)
    .join('');
  const length = body && body.length > 0 ? String(body.length) : '';
  // Verb, content encoding, language, length, MD5, type, date, if-modified-since, if-match, if-none-match, if-unmodified-since, range.
  const lines = [method, '', '', length, '', headers['content-type'] ?? '', '', '', '', headers['if-none-match'] ?? '', '', ''];
  return `${lines.join('\n')}\n${own}/${account}${url.pathname}${query}`;
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|apos);/g, (entity) => ENTITIES[entity] ?? entity);
}
