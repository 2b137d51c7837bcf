/** `/api/sso/*`: what browsers and providers call. Refusals lead back to the sign-in page with a word that it explains. */
import { isId, toId, toUuid } from '@signalbox/proto';
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import { recordRefusal } from '../../platform/audit.ts';
import { issuesOf } from '../../platform/classify-error.ts';
import { AppError, invalidInput, limitExceeded } from '../../platform/errors.ts';
import type { HttpEnv } from '../../platform/http.ts';
import { newSecret } from '../../platform/secrets.ts';
import type { Services } from '../../platform/services.ts';
import { type Auth, auditOfPerson, refuseForeignPage, SSO_BY_ADDRESS, takeAttempt } from '../identity/index.ts';
import { admit } from './admit.ts';
import { beginFlow, type Connection, FLOW_SECONDS, type Flow, findConnection, readFlow, takeFlow, tellFlow } from './flow.ts';
import { beginOidc, finishOidc, organizationOfCallback } from './oidc.ts';
import { inNameOf, RefusedSignOn } from './refused.ts';
import { beginSaml, readSaml, samlMetadata } from './saml.ts';

const COOKIE = 'signalbox.sso';
type Deps = Services & { readonly auth: Auth };
type C = Context<HttpEnv>;

export function ssoRoutes(deps: Deps): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.post('/discover', async (c) => {
    refuseForeignPage(deps.settings.publicUrl, c.req.raw.headers);
    return c.json(await discover(deps, await c.req.json().catch(() => undefined), c.var.address));
  });
  app.get('/saml/:connection/metadata', async (c) => {
    const connection = await connectionOf(deps, c.req.param('connection'), 'saml');
    return c.body(await samlMetadata(deps.settings, connection), 200, { 'content-type': 'application/samlmetadata+xml' });
  });
  app.get(
    '/:connection/start',
    guarded(deps, (c) => start(deps, c)),
  );
  for (const path of ['/callback', '/callback/:organization'])
    app.get(
      path,
      guarded(deps, (c) => finish(deps, c, true)),
    );
  app.get(
    '/finish',
    guarded(deps, (c) => finish(deps, c, false)),
  );
  app.post(
    '/saml/:connection/acs',
    guarded(deps, (c) => receive(deps, c)),
  );
  return app;
}

/** By the email's domain alone: it tells nobody whether there is such an account. */
async function discover(deps: Deps, body: unknown, address: string) {
  const input = z.object({ email: z.email().max(320) }).safeParse(body);
  if (!input.success) throw invalidInput(issuesOf(input.error, body));
  const waitMs = await takeAttempt(deps.db, SSO_BY_ADDRESS, address);
  if (waitMs !== null) throw limitExceeded('Too many tries from your address.', { retryAfterMs: waitMs });
  const domain = input.data.email.toLowerCase().split('@').at(-1);
  // One organization a domain, by the unique index of verified ones; its enforced connection first.
  const { rows } = await deps.db.systemSql.query<{ id: string; name: string; enforced: boolean }>(
    `SELECT c.id, c.name, c.enforced FROM organization_domain d JOIN sso_connection c ON c.organization_id = d.organization_id
      WHERE d.domain = $1 AND d.verified_at IS NOT NULL ORDER BY c.enforced DESC, c.id LIMIT 1`,
    [domain],
  );
  const [found] = rows;
  return { connection: found ? { id: toId('ssoConnection', found.id), name: found.name, required: found.enforced } : null };
}

async function start(deps: Deps, c: C): Promise<Response> {
  const waitMs = await takeAttempt(deps.db, SSO_BY_ADDRESS, c.var.address);
  if (waitMs !== null) throw limitExceeded('Too many single sign-ons from your address.', { retryAfterMs: waitMs });
  const connection = await connectionOf(deps, c.req.param('connection') ?? '');
  const state = newSecret('sbs_');
  const hint = z.email().max(320).safeParse(c.req.query('email'));
  const { url, request } =
    connection.kind === 'saml'
      ? await beginSaml(deps.settings, connection, state)
      : await beginOidc(deps.settings, connection, state, hint.success ? hint.data : null);
  const { browser } = await beginFlow(deps, { connection, state, request, next: safePath(c.req.query('next')) });
  setCookie(c, COOKIE, browser, {
    path: '/api/sso',
    httpOnly: true,
    // Sent when the provider leads back by a link, not with what its page posts.
    sameSite: 'Lax',
    secure: deps.settings.publicUrl.startsWith('https:'),
    maxAge: FLOW_SECONDS,
  });
  return c.redirect(url, 302);
}

/** The provider's page posts its assertion; the browser then comes by itself, with its cookie. */
async function receive(deps: Deps, c: C): Promise<Response> {
  const form = await c.req.parseBody();
  const { SAMLResponse: response, RelayState: state } = form;
  if (typeof response !== 'string' || typeof state !== 'string')
    throw new RefusedSignOn('provider', 'SAMLResponse or RelayState is missing');
  const flow = await readFlow(deps, state);
  if (!flow || toId('ssoConnection', flow.connection.id) !== c.req.param('connection'))
    throw new RefusedSignOn('expired', 'no sign-on of ours waits for this answer');
  return inNameOf(flow.connection, async () => {
    const profile = await readSaml(deps.settings, flow.connection, flow.request, response);
    if (!(await tellFlow(deps, state, profile))) throw new RefusedSignOn('expired', 'the sign-on was answered already');
    return c.redirect(`/api/sso/finish?state=${encodeURIComponent(state)}`, 303);
  });
}

async function finish(deps: Deps, c: C, isOidc: boolean): Promise<Response> {
  const state = c.req.query('state') ?? '';
  const flow = await takeFlow(deps, state, getCookie(c, COOKIE) ?? '');
  if (!flow || (flow.connection.kind === 'oidc') !== isOidc)
    throw new RefusedSignOn('expired', 'no sign-on of this browser waits for this answer');
  return inNameOf(flow.connection, async () => {
    if (isOidc && organizationOfCallback(flow.connection) !== (c.req.param('organization') ?? null))
      throw new RefusedSignOn('provider', 'the answer came to the callback of another organization');
    const profile = isOidc
      ? await finishOidc(deps.settings, flow.connection, flow.request, { search: new URL(c.req.url).search, state })
      : flow.profile;
    if (!profile) throw new RefusedSignOn('expired', 'the provider did not answer');
    const { userId } = await admit(deps, flow.connection, profile, c.var.requestId);
    return openSession(deps, c, flow, userId);
  });
}

async function openSession(deps: Deps, c: C, flow: Flow, userId: string): Promise<Response> {
  const headers = new Headers({ 'x-signalbox-address': c.var.address, 'user-agent': c.req.header('user-agent') ?? '' });
  const { headers: given } = await deps.auth.api
    .startSsoSession({ body: { userId, connectionId: flow.connection.id }, headers, returnHeaders: true })
    .catch((cause: { statusCode?: number; message: string }) => {
      if (cause.statusCode === 403) throw new RefusedSignOn('switched-off', cause.message);
      throw cause;
    });
  const from = { requestId: c.var.requestId, address: c.var.address, method: `single sign-on: ${flow.connection.name}` };
  await auditOfPerson(deps, { userId }, 'account.sign-in', from);
  for (const cookie of given.getSetCookie()) c.header('set-cookie', cookie, { append: true });
  return c.redirect(flow.next, 303);
}

/** A person waits in front of each of these: what is refused is said on the sign-in page. */
function guarded(deps: Deps, handle: (c: C) => Promise<Response>) {
  return async (c: C): Promise<Response> => {
    c.header('cache-control', 'no-store');
    try {
      return await handle(c);
    } catch (error) {
      if (!(error instanceof RefusedSignOn)) throw error;
      deps.log.warn({ requestId: c.var.requestId, refusal: error.refusal, reason: error.message }, 'a single sign-on was refused');
      noteRefusal(deps, c, error);
      return c.redirect(`/sign-in?problem=sso-${error.refusal}`, 303);
    }
  };
}

/** To the organization whose sign-on it was, else to the operator of the installation. */
function noteRefusal(deps: Deps, c: C, { connection, refusal, message }: RefusedSignOn): void {
  recordRefusal(deps, {
    action: 'account.refuse-sign-on',
    actor: { kind: 'stranger', id: null, name: connection ? `single sign-on "${connection.name}"` : c.var.address },
    target: { kind: 'sso-connection', id: connection?.id ?? null },
    organizationIds: connection ? [connection.organizationId] : [],
    address: c.var.address,
    requestId: c.var.requestId,
    details: { reason: message, refusal },
  });
}

async function connectionOf(deps: Deps, id: string, kind?: Connection['kind']): Promise<Connection> {
  const found = isId('ssoConnection', id) ? await findConnection(deps, toUuid('ssoConnection', id)) : null;
  if (!found || (kind && found.kind !== kind)) throw new AppError('NOT_FOUND', 'No such connection. Ask for a new link.');
  return found;
}

/** A path of ours; anything else is the front page. */
function safePath(next: string | undefined): string {
  return next && /^\/(?![/\\])[^\s\\]{0,500}$/.test(next) && !next.startsWith('/api/') ? next : '/';
}
