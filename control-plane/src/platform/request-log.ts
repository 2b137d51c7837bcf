/** One structured line a request, and its numbers. The path without its query: that may hold codes. */
import { randomUUID } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { withoutSecrets } from './errors.ts';
import type { HttpEnv } from './http.ts';
import type { Log } from './log.ts';
import { httpRequests, httpSeconds } from './metrics.ts';
import type { Settings } from './services.ts';

const GIVEN_ID = /^[\w.-]{8,64}$/;
/** Asked often by machines, told only when they fail. */
const QUIET_ROUTES = new Set(['health', 'ready', 'metrics', 'console']);

/** Gives the request its id (the caller's `x-request-id`, where it is one) and its peer's address, and logs its end. */
export function requestLog(log: Log, settings: Pick<Settings, 'trustedProxies'>): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const given = c.req.header('x-request-id');
    const requestId = given && GIVEN_ID.test(given) ? given : randomUUID();
    c.set('requestId', requestId);
    c.set('address', addressOf(c, settings.trustedProxies));
    c.set('route', routeOf(c.req.path));
    const begunAt = performance.now();
    await next();
    const ms = performance.now() - begunAt;
    c.header('x-request-id', requestId);

    const { route } = c.var;
    const { status } = c.res;
    httpRequests.inc({ route, method: c.req.method, status: String(status) });
    httpSeconds.observe({ route }, ms / 1000);
    const level = status >= 500 ? 'warn' : status < 400 && (QUIET_ROUTES.has(route) || c.req.method === 'GET') ? 'debug' : 'info';
    log[level]({ requestId, method: c.req.method, path: shownPath(c.req.path), status, ms: Math.round(ms * 10) / 10 }, 'request');
  };
}

/** The token of a webhook is a credential in a path, and any other of ours may come into one by mistake. */
export function shownPath(path: string): string {
  return path.startsWith('/hooks/') ? '/hooks/***' : withoutSecrets(path);
}

/** A closed set, for labels. */
function routeOf(path: string): string {
  if (path.startsWith('/trpc')) return 'trpc';
  if (path.startsWith('/api/auth/')) return 'auth';
  if (path.startsWith('/api/sso/')) return 'sso';
  if (path.startsWith('/scim/')) return 'scim';
  if (path.startsWith('/api/agents/')) return 'agents';
  if (path.startsWith('/hooks/')) return 'hooks';
  if (path === '/api/live') return 'live';
  if (path === '/health' || path === '/ready' || path === '/metrics') return path.slice(1);
  return 'console';
}

/** Of the peer; behind proxies of ours, what the outermost of them saw. What stands left of that anybody may have written. */
function addressOf(c: Context, trustedProxies: number): string {
  const seen = trustedProxies > 0 ? c.req.header('x-forwarded-for')?.split(',').at(-trustedProxies)?.trim() : undefined;
  if (seen) return seen.slice(0, 64);
  try {
    return getConnInfo(c).remote.address ?? 'unknown';
  } catch {
    return 'unknown'; // asked in the process, without a socket
  }
}
