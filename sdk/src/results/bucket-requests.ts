/** Requests to the HTTP API of a bucket: tried again where that may help, refused in words that name what was asked. */
import { setTimeout as delay } from 'node:timers/promises';
import { checkKey } from './storage.ts';

/** Further tries of a request that met 5xx, 408, 429 or no answer; 50 ms before the first, doubled each time. */
const RETRIES = 4;
const FIRST_PAUSE_MS = 50;
const TIMEOUT_MS = 60_000;

export interface BucketRequest {
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** Headers that say who asks; made anew for each try, since they may carry the time. */
export type Sign = (url: URL, request: BucketRequest) => Record<string, string> | Promise<Record<string, string>>;

export type Send = (what: string, url: URL, request?: BucketRequest, allowed?: readonly number[]) => Promise<Response>;

/** @throws Error for an answer that is neither a success nor `allowed`, after the last try. */
export function bucketRequests(name: string, sign: Sign, problemOf: (text: string) => string | undefined): Send {
  return async (what, url, request = {}, allowed = []) => {
    for (let tries = 0; ; tries++) {
      const response = await tryOnce(url, request, sign);
      if (response instanceof Response && (response.ok || allowed.includes(response.status))) return response;
      const mayHelp = !(response instanceof Response) || response.status >= 500 || response.status === 429 || response.status === 408;
      if (mayHelp && tries < RETRIES) {
        if (response instanceof Response) await response.body?.cancel();
        await delay(FIRST_PAUSE_MS * 2 ** tries * (0.5 + Math.random()));
        continue;
      }
      if (!(response instanceof Response)) throw new Error(`${name}: ${what} was not answered: ${response.message}`, { cause: response });
      const text = await response.text();
      throw new Error(`${name}: ${what} was answered with ${response.status}: ${problemOf(text) ?? response.statusText}`);
    }
  };
}

async function tryOnce(url: URL, request: BucketRequest, sign: Sign): Promise<Response | Error> {
  const headers = { ...request.headers, ...(await sign(url, request)) };
  const body = request.body && Buffer.from(request.body);
  try {
    return await fetch(url, { method: request.method ?? 'GET', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** `signalbox/` of ` /signalbox/ `: what stands before every key. */
export function prefixOf(prefix: string | undefined): string {
  const inner = prefix?.replace(/^\/+|\/+$/g, '');
  return inner ? `${inner}/` : '';
}

export function pathOf(prefix: string, key: string): string {
  return prefix + checkKey(key);
}

export async function bytesOf(response: Response): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  return response.ok ? bytes : null;
}
