/** `/trpc/*`: makes the request's context, and puts what an error says about retrying into a header too. */
import { traceparentOf } from '@signalbox/proto';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import type { Context } from 'hono';
import { type Auth, identify } from './features/identity/index.ts';
import type { Identity } from './platform/actor.ts';
import type { HttpEnv } from './platform/http.ts';
import type { Request as ApiRequest, Services } from './platform/services.ts';
import { bodyOf } from './platform/trpc.ts';
import { appRouter } from './router.ts';

/** What `x-signalbox-client` may say; a run remembers it as how it came to be. */
const ORIGINS = new Set(['console', 'cli', 'sdk']);
const MAX_BATCH = 50;

/** Who makes a request. */
export type Identify = typeof identify;

export async function serveTrpc(c: Context<HttpEnv>, services: Services, auth: Auth, whoAsks: Identify = identify): Promise<Response> {
  const cookies: string[] = [];
  const counted = new Set<string>();
  const response = await fetchRequestHandler({
    endpoint: '/trpc',
    router: appRouter,
    req: c.req.raw,
    maxBatchSize: MAX_BATCH,
    createContext: () => ({
      ...contextOf(c, services, auth, whoAsks, (cookie) => cookies.push(cookie)),
      counted: (workspaceId: string) => void counted.add(workspaceId),
    }),
    responseMeta({ errors, ctx }) {
      const waits = errors.map((error) => bodyOf(error, ctx?.id).retryAfterMs ?? 0);
      const seconds = Math.ceil(Math.max(0, ...waits) / 1000);
      return { headers: new Headers({ 'cache-control': 'no-store', ...(seconds > 0 ? { 'retry-after': String(seconds) } : {}) }) };
    },
  });
  // A session in use is prolonged: the browser must hear of it.
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  // The calls of one request are in one workspace.
  for (const workspaceId of counted) {
    for (const [name, value] of Object.entries(services.usage.headers(workspaceId) ?? {})) response.headers.set(name, value);
  }
  return response;
}

function contextOf(
  c: Context<HttpEnv>,
  services: Services,
  auth: Auth,
  whoAsks: Identify,
  setCookie: (cookie: string) => void,
): ApiRequest {
  const { method, headers } = c.req.raw;
  const { address, requestId } = c.var;
  const client = headers.get('x-signalbox-client')?.split('/')[0] ?? '';
  let identity: Promise<Identity | null> | undefined;
  return {
    services,
    id: requestId,
    address,
    origin: ORIGINS.has(client) ? client : 'api',
    traceparent: traceparentOf(headers.get('traceparent')),
    clientHost: hostOf(headers.get('x-signalbox-host')),
    workspaceRef: headers.get('x-signalbox-workspace'),
    organizationRef: headers.get('x-signalbox-organization'),
    identify: () => (identity ??= whoAsks(services, auth, { method, headers, address, requestId, setCookie })),
  };
}

/** Shown to people: what no machine is called is left out. */
function hostOf(header: string | null): string | null {
  return header && /^[\w.-]{1,100}$/.test(header) ? header : null;
}
