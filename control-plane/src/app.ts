/** The HTTP front: API, sign-in, agents' enrolment, live streams, health; everything else is the console's. No rules here. */
import { idSchema } from '@signalbox/proto';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { agentRoutes } from './features/agents/index.ts';
import { exportAudit } from './features/audit/index.ts';
import { type Auth, authRoutes, identify, openAuth } from './features/identity/index.ts';
import { type LiveStreams, openLiveStreams } from './features/live/index.ts';
import { exportOrganization } from './features/organizations/index.ts';
import { scimRoutes } from './features/scim/index.ts';
import { ssoRoutes } from './features/sso/index.ts';
import { hookRoutes } from './features/webhooks/index.ts';
import { exportWorkspace } from './features/workspaces/index.ts';
import { chooseWorkspace, type Identity } from './platform/actor.ts';
import { bodyLimits } from './platform/body-limit.ts';
import { proxyToConsole, withoutConsole } from './platform/console-proxy.ts';
import { invalidInput, notFound, unauthenticated } from './platform/errors.ts';
import { checkReady } from './platform/health.ts';
import { answerError, type HttpEnv } from './platform/http.ts';
import { registry } from './platform/metrics.ts';
import { requireMetricsReader } from './platform/metrics-access.ts';
import { requestLog } from './platform/request-log.ts';
import type { Services } from './platform/services.ts';
import { type Identify, serveTrpc } from './trpc-endpoint.ts';

/** For what is no page of the console. */
const CONTENT_POLICY = "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'";

export type App = {
  fetch(request: Request, env?: unknown): Response | Promise<Response>;
  /** In-process requests, for tests. */
  request(path: string, init?: RequestInit): Response | Promise<Response>;
  /** `GET /ready` of every handler: what the matrix of tests is made from. */
  readonly routes: readonly string[];
  /** Ends what would never end by itself: live streams. */
  closeStreams(): void;
};

/** `whoAsks`: what the bench leaves out, to say what it costs. */
export function createApp(services: Services, whoAsks: Identify = identify): App {
  const { log, settings } = services;
  const auth = openAuth(services);
  const streams = openLiveStreams(services.bus);
  const app = new Hono<HttpEnv>();

  app.use(requestLog(log, settings));
  app.use(
    secureHeaders({
      strictTransportSecurity: settings.publicUrl.startsWith('https:') ? 'max-age=31536000' : false,
      xFrameOptions: 'DENY',
    }),
  );
  app.use(async (c, next) => {
    await next();
    // A page of the console comes with a stricter policy of its own, with a nonce.
    if (!c.res.headers.has('content-security-policy')) c.res.headers.set('content-security-policy', CONTENT_POLICY);
  });
  app.use(bodyLimits());
  app.onError((error, c) => answerError(c, error, log));

  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/ready', async (c) => {
    const report = await checkReady(services);
    return c.json(report, report.ready ? 200 : 503);
  });
  app.get('/metrics', async (c) => {
    requireMetricsReader(c, settings.metricsToken);
    return c.body(await registry.metrics(), 200, { 'content-type': registry.contentType });
  });
  app.route('/api/auth', authRoutes(services, auth));
  app.route('/api/sso', ssoRoutes({ ...services, auth }));
  app.route('/scim/v2', scimRoutes(services));
  app.route('/api/agents', agentRoutes(services));
  app.route('/hooks', hookRoutes(services));
  app.get('/api/live', (c) => live(c.req.raw, c.var, services, auth, streams));
  app.get('/api/audit/export', async (c) => {
    const identity = await knownBy(c.req.raw, c.var, services, auth);
    return exportAudit(services, identity, new URL(c.req.url).searchParams, c.req.header('x-signalbox-workspace') ?? null);
  });
  app.get('/api/workspaces/export', async (c) => {
    const identity = await knownBy(c.req.raw, c.var, services, auth);
    return exportWorkspace(services, identity, c.req.query('workspace') ?? c.req.header('x-signalbox-workspace') ?? null);
  });
  app.get('/api/organizations/export', async (c) => {
    const identity = await knownBy(c.req.raw, c.var, services, auth);
    const ref = c.req.query('organization') ?? c.req.header('x-signalbox-organization') ?? null;
    return exportOrganization(services, identity, ref, c.req.header('x-signalbox-workspace') ?? null);
  });
  app.all('/trpc/*', (c) => serveTrpc(c, services, auth, whoAsks));
  app.all('/api/*', (c) => {
    throw notFound('endpoint', c.req.path);
  });
  app.all('*', (c) => (settings.webUrl ? proxyToConsole(c, settings.webUrl) : withoutConsole(c)));

  const routes = [...new Set(app.routes.map(({ method, path }) => `${method} ${path}`))];
  return { routes, fetch: app.fetch, request: (path, init) => app.request(path, init), closeStreams: streams.close };
}

/** Whoever asks for a download. @throws UNAUTHENTICATED for nobody. */
async function knownBy(request: Request, { address, requestId }: HttpEnv['Variables'], services: Services, auth: Auth): Promise<Identity> {
  const identity = await identify(services, auth, { method: 'GET', headers: request.headers, address, requestId, setCookie: () => {} });
  if (!identity) throw unauthenticated();
  return identity;
}

/** `?run=run_...` narrows to one run, `?workspace=` to one workspace; else all the actor may see, since a page's event source sends no header. */
async function live(
  request: Request,
  { address, requestId }: HttpEnv['Variables'],
  services: Services,
  auth: Auth,
  streams: LiveStreams,
): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const ask = (): Promise<Identity | null> =>
    identify(services, auth, { method: 'GET', headers: request.headers, address, requestId, setCookie: () => {} });
  const identity = await ask();
  if (!identity) throw unauthenticated();
  const ref = searchParams.get('workspace') ?? request.headers.get('x-signalbox-workspace');
  const chosen = ref ? [chooseWorkspace(identity, ref)].filter((workspace) => workspace !== null) : identity.workspaces;
  const run = searchParams.get('run');
  if (run !== null && !idSchema('run').safeParse(run).success)
    throw invalidInput([{ field: 'run', expected: 'an id such as run_01h455vb4pex5vsknk084sn02q', received: run.slice(0, 80) }]);
  // Events tell of all runs of a workspace: who may see some of them alone reads those, and is told nothing live.
  const heard = chosen.filter((workspace) => workspace.scopes.has('runs:read') && !workspace.purgeAt);
  return streams.open({ identity, workspaceIds: heard.map((workspace) => workspace.id), run, reidentify: ask });
}
