/**
 * Servers below 2.12.7 have known holes, some of which a stranger reaches before any sign-in. They are for laptops, CI and private
 * networks; where strangers reach the listener we do not start.
 * @see docs/security.md
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

const SAFE: readonly number[] = [2, 12, 7];

export type NatsServerFacts = {
  /** As the server tells it: `2.10.27`. */
  readonly version: string;
  /** Where it listens: `0.0.0.0`, `127.0.0.1`. */
  readonly listenHost: string;
  /** What agents are told to dial. */
  readonly agentUrls: readonly string[];
};

/** `ok`, `warn`: start and say so loudly, `refuse`: do not start. The text names what to do. */
export function checkNatsServer(
  facts: NatsServerFacts,
): { readonly verdict: 'ok' } | { readonly verdict: 'warn' | 'refuse'; readonly text: string } {
  if (isAtLeast(facts.version, SAFE) || isLoopback(facts.listenHost)) return { verdict: 'ok' };
  const text = `nats-server ${facts.version} has known security holes and listens on ${facts.listenHost}: use 2.12.7 or newer (a maintained line), or let it listen on 127.0.0.1`;
  const open = facts.agentUrls.find(isPublic);
  if (open === undefined) return { verdict: 'warn', text };
  return { verdict: 'refuse', text: `${text}. Agents are told to dial ${new URL(open).host}, which strangers may reach` };
}

/** A WebSocket listener, or a host that is neither loopback, private nor a bare name of a private network. */
function isPublic(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'ws:' || protocol === 'wss:') return true;
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return host !== 'localhost' && host.includes('.') && !/\.(internal|local|svc|cluster\.local)$/.test(host);
  return ipaddr.process(host).range() === 'unicast';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || (isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback');
}

function isAtLeast(version: string, wanted: readonly number[]): boolean {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [0, 0, 0];
  for (const [index, least] of wanted.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}
