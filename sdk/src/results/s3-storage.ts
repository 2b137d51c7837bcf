/** Results in a bucket of S3 or of a server that speaks its protocol, for pools of several machines. */
import type { AwsClient } from 'aws4fetch';
import type { ResultStorage } from './storage.ts';
import { checkKey } from './storage.ts';

export interface S3StorageOptions {
  readonly bucket: string;
  /** Before every key, such as `signalbox`. Default: none. */
  readonly prefix?: string;
  /** Default: that of AWS in the region. A server of your own: `http://minio:9000`. */
  readonly endpoint?: string;
  /** Default: AWS_REGION, else us-east-1. */
  readonly region?: string;
  /** Default: AWS_ACCESS_KEY_ID. */
  readonly accessKeyId?: string;
  /** Default: AWS_SECRET_ACCESS_KEY. */
  readonly secretAccessKey?: string;
  /** Default: AWS_SESSION_TOKEN. */
  readonly sessionToken?: string;
}

/** Further tries of a request that met 5xx, 429 or no answer; 50 ms before the first, doubled each time. */
const RETRIES = 4;
const TIMEOUT_MS = 60_000;

/**
 * Keeps results in a bucket. Each is one object: no lines are added, so a step costs a request.
 * @throws RangeError when bucket or credentials are missing.
 */
export function s3Storage(options: S3StorageOptions): ResultStorage {
  const { bucket, env } = { ...options, env: process.env };
  const region = options.region ?? env.AWS_REGION ?? 'us-east-1';
  const accessKeyId = options.accessKeyId ?? env.AWS_ACCESS_KEY_ID;
  const secretAccessKey = options.secretAccessKey ?? env.AWS_SECRET_ACCESS_KEY;
  const sessionToken = options.sessionToken ?? env.AWS_SESSION_TOKEN;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new RangeError(`s3Storage: bucket: expected the name of a bucket, got ${bucket}`);
  if (!accessKeyId || !secretAccessKey) {
    throw new RangeError('s3Storage: accessKeyId, secretAccessKey: expected both, here or as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  }
  const base = options.endpoint ? `${options.endpoint.replace(/\/+$/, '')}/${bucket}` : `https://${bucket}.s3.${region}.amazonaws.com`;
  const prefix = options.prefix ? `${options.prefix.replace(/^\/+|\/+$/g, '')}/` : '';
  const urlOf = (key: string) => `${base}/${(prefix + checkKey(key)).split('/').map(encodeURIComponent).join('/')}`;

  let client: Promise<AwsClient> | null = null;
  const send = async (what: string, url: string, init: RequestInit = {}, allowed: readonly number[] = []): Promise<Response> => {
    client ??= import('aws4fetch').then(
      ({ AwsClient: Client }) => new Client({ accessKeyId, secretAccessKey, sessionToken, region, service: 's3', retries: RETRIES }),
    );
    const response = await (await client).fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok || allowed.includes(response.status)) return response;
    const detail = /<Message>(.*?)<\/Message>/s.exec(await response.text())?.[1] ?? response.statusText;
    throw new Error(`s3://${bucket}: ${what} was answered with ${response.status}: ${unescapeXml(detail)}`);
  };
  const putOnce = async (key: string, bytes: Uint8Array): Promise<boolean> => {
    const init = { method: 'PUT', body: Buffer.from(bytes), headers: { 'if-none-match': '*' } };
    const response = await send(`creating ${key}`, urlOf(key), init, [409, 412]);
    await response.arrayBuffer();
    return response.ok;
  };
  let canCreate: Promise<boolean> | null = null;

  return {
    name: `s3://${bucket}/${prefix}`.replace(/\/$/, ''),
    get: async (key) => {
      const response = await send(`reading ${key}`, urlOf(key), {}, [404]);
      const bytes = new Uint8Array(await response.arrayBuffer());
      return response.ok ? bytes : null;
    },
    put: async (key, bytes) => {
      const response = await send(`writing ${key}`, urlOf(key), { method: 'PUT', body: Buffer.from(bytes) });
      await response.arrayBuffer();
    },
    has: async (key) => (await send(`asking for ${key}`, urlOf(key), { method: 'HEAD' }, [404])).ok,
    delete: async (key) => {
      await (await send(`deleting ${key}`, urlOf(key), { method: 'DELETE' }, [404])).arrayBuffer();
    },
    list: async (wanted) => {
      const keys: string[] = [];
      for (let token: string | null = null; ; ) {
        const query: URLSearchParams = new URLSearchParams({
          'list-type': '2',
          prefix: prefix + wanted,
          ...(token === null ? {} : { 'continuation-token': token }),
        });
        const xml: string = await (await send(`listing ${wanted}`, `${base}?${query}`)).text();
        for (const [, key = ''] of xml.matchAll(/<Key>(.*?)<\/Key>/gs)) keys.push(unescapeXml(key).slice(prefix.length));
        token = unescapeXml(/<NextContinuationToken>(.*?)<\/NextContinuationToken>/s.exec(xml)?.[1] ?? '') || null;
        if (token === null) return keys;
      }
    },
    create: async (key, bytes) => {
      // A server that knows no conditions would put over what is there, and two would think that they hold a lock.
      canCreate ??= probe(putOnce);
      if (!(await canCreate)) throw new RangeError(`s3://${bucket}: its server does not honor If-None-Match, which "serializable" needs`);
      return putOnce(key, bytes);
    },
  };
}

async function probe(putOnce: (key: string, bytes: Uint8Array) => Promise<boolean>): Promise<boolean> {
  const bytes = Buffer.from('does this server put only where nothing is?');
  return !(await putOnce('locks/probe', bytes)) || !(await putOnce('locks/probe', bytes));
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|apos);/g, (entity) => ENTITIES[entity] ?? entity);
}
