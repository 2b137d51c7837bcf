/**
 * Requests to addresses that a customer typed. They may reach the public internet alone, so that nobody makes the control plane
 * ask its own network; the address is looked at when the socket is opened, whatever a name resolved to before.
 */
import { lookup } from 'node:dns';
import ipaddr from 'ipaddr.js';

const CONNECT_MS = 5_000;
let loading: ReturnType<typeof load> | undefined;

/** With the first request, since it takes 20 MB: most installations ask nobody. */
async function load() {
  const { Agent, fetch } = await import('undici');
  const open = new Agent({ connect: { timeout: CONNECT_MS } });
  const guarded = new Agent({
    connect: {
      timeout: CONNECT_MS,
      lookup(host, options, done) {
        lookup(host, { ...options, all: true }, (error, found) => {
          if (error) return done(error, []);
          const allowed = found.filter(({ address }) => isPublicAddress(address));
          if (allowed.length === 0) return done(new PrivateAddressError(host), []);
          done(null, allowed);
        });
      },
    },
  });
  return { fetch, open, guarded };
}

class PrivateAddressError extends Error {
  constructor(host: string) {
    super(`${host} is not on the public internet`);
  }
}

/** A `fetch` that follows no redirect. `allowPrivate`: for installations whose other systems are in the same network; `setting` is its name; null: nothing allows it. */
export function outsideFetch(allowPrivate: boolean, setting: string | null = null) {
  return async (url: string, options: object = {}): Promise<Response> => {
    const { hostname } = new URL(url);
    // A literal address is never looked up.
    const literal = hostname.replace(/^\[|\]$/g, '');
    if (!allowPrivate && ipaddr.isValid(literal) && !isPublicAddress(literal)) throw allowedBy(setting, new PrivateAddressError(hostname));
    loading ??= load();
    const { fetch, open, guarded } = await loading;
    try {
      const response = await fetch(url, { ...options, redirect: 'manual', dispatcher: allowPrivate ? open : guarded });
      return response as unknown as Response;
    } catch (error) {
      const { cause } = error as Error;
      throw cause instanceof PrivateAddressError ? allowedBy(setting, cause) : error;
    }
  };
}

function allowedBy(setting: string | null, { message }: Error): Error {
  return new Error(setting ? `${message} (${setting} allows it)` : message);
}

/** Neither loopback, link-local (metadata services), private, multicast nor reserved, in either family. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'unicast';
}
