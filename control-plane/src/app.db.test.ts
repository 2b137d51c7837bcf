import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, type TestApi } from '../test/api.ts';
import { deployOf } from '../test/deploy-input.ts';
import { createApp } from './app.ts';
import { serveApp } from './serve.ts';

let api: TestApi;

beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

describe('health', () => {
  const TOKEN = 'a-token-of-sixteen-or-more';
  const scraped = async (headers: Record<string, string>) =>
    createApp({ ...api.services, settings: { ...api.services.settings, metricsToken: TOKEN } }).request('/metrics', { headers });

  it('is alive without any dependency, ready with all of them', async () => {
    expect(await (await api.app.request('/health')).json()).toEqual({ status: 'ok' });
    const ready = await api.app.request('/ready');
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, database: 'ok', nats: 'ok' }]);
  });

  it('names the dependency that is away', async () => {
    const bus = { ...api.services.bus, prove: async () => Promise.reject(new Error('no NATS')) };
    const ready = await createApp({ ...api.services, bus }).request('/ready');
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, database: 'ok', nats: 'away' }]);
  });

  it('counts requests in /metrics by route, never by path', async () => {
    await api.app.request('/trpc/me.get');
    const text = await (await scraped({ authorization: `Bearer ${TOKEN}` })).text();
    expect(text).toContain('signalbox_http_requests_total{route="trpc",method="GET",status="401"}');
    expect(text).not.toContain('me.get');
  });

  it('shows /metrics to whoever has the token, and without one configured to this machine alone', async () => {
    const refused = [await scraped({}), await scraped({ authorization: 'Bearer wrong' }), await api.app.request('/metrics')];
    expect(refused.map((response) => response.status)).toEqual([401, 401, 403]);
    const listening = await serveApp(api.app, { host: '127.0.0.1', port: 0 });
    try {
      const here = `http://127.0.0.1:${listening.port}/metrics`;
      expect((await fetch(here)).status).toBe(200);
      expect((await fetch(here, { headers: { 'x-forwarded-for': '203.0.113.7' } })).status).toBe(403);
    } finally {
      await listening.close();
    }
  });
});

describe('every answer', () => {
  it('carries a request id, its own or the one that was sent, and secure headers', async () => {
    const own = await api.app.request('/health', { headers: { 'x-request-id': 'mine-12345' } });
    expect(own.headers.get('x-request-id')).toBe('mine-12345');
    expect((await api.app.request('/health', { headers: { 'x-request-id': 'a b' } })).headers.get('x-request-id')).toMatch(
      /^[0-9a-f-]{36}$/,
    );
    expect(own.headers.get('x-content-type-options')).toBe('nosniff');
    expect(own.headers.get('x-frame-options')).toBe('DENY');
  });
});

describe('errors', () => {
  const signalboxOf = async (response: Response) =>
    ((await response.json()) as { error: { data: { signalbox: object } } }).error.data.signalbox;

  it('of nobody, of an unknown procedure, of a body that is no JSON have code, text and request id', async () => {
    const nobody = await api.app.request('/trpc/runs.list?input=%7B%7D');
    expect(nobody.status).toBe(401);
    expect(await signalboxOf(nobody)).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'Sign in, or send an API key as "Authorization: Bearer sbk_...".',
      requestId: nobody.headers.get('x-request-id'),
    });
    const unknown = await api.app.request('/trpc/runs.explode');
    expect([unknown.status, await signalboxOf(unknown)]).toMatchObject([404, { code: 'NOT_FOUND' }]);
    const noJson = await api.app.request('/trpc/login.poll', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect([noJson.status, await signalboxOf(noJson)]).toMatchObject([400, { code: 'INVALID_INPUT' }]);
  });

  it('of a body above the bound name size and bound', async () => {
    const body = JSON.stringify({ deployment: 'weather/daily', parameters: { years: 'x'.repeat(10_000_000) } });
    const response = await api.app.request('/trpc/runs.create', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(body.length) },
      body,
    });
    expect(response.status).toBe(400);
    expect(await signalboxOf(response)).toMatchObject({
      code: 'INVALID_INPUT',
      message: `body: expected at most 2097152 bytes (parameters of a run: at most 524288; pass large data by reference), got ${body.length} bytes`,
    });
  });

  it("of characters and depths that no database stores are the requester's fault, not ours", async () => {
    const tenant = await api.tenant();
    await tenant.owner.deployments.deploy(deployOf());
    const { secret } = await tenant.owner.apiKeys.create({ name: 'k' });
    const create = async (fields: string) => {
      const body = `{"deployment":"weather/daily",${fields}}`;
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` };
      const response = await api.app.request('/trpc/runs.create', { method: 'POST', headers, body });
      return [response.status, ((await signalboxOf(response)) as { code: string }).code];
    };
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    for (const fields of [
      String.raw`"tags":["a\u0000b"]`,
      String.raw`"parameters":{"a":"\u0000"}`,
      String.raw`"parameters":{"a":"\ud800"}`,
      `"parameters":{"a":${nested(20_000)}}`,
      `"parameters":{"a":${nested(200_000)}}`,
    ])
      expect(await create(fields), fields.slice(0, 40)).toEqual([400, 'INVALID_INPUT']);
  });

  it('of ours are generic, and leak nothing', async () => {
    const { secret } = await (await api.tenant()).owner.apiKeys.create({ name: 'k' });
    const db = { ...api.db, inWorkspace: async () => Promise.reject(new Error('password=hunter2')) };
    const response = await createApp({ ...api.services, db }).request('/trpc/flows.list?input=%7B%7D', {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect([response.status, await signalboxOf(response)]).toMatchObject([
      500,
      { code: 'INTERNAL', message: 'Something went wrong on our side. It was logged; the request id finds it.' },
    ]);
  });

  it('of a database that is away say that trying again helps', async () => {
    const { secret } = await (await api.tenant()).owner.apiKeys.create({ name: 'k' });
    const db = { ...api.db, inWorkspace: async () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })) };
    const response = await createApp({ ...api.services, db }).request('/trpc/flows.list?input=%7B%7D', {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await signalboxOf(response)).toMatchObject({ code: 'UNAVAILABLE', retryAfterMs: 1_000 });
  });
});

describe('the console', () => {
  it('gets every path that is not ours, streamed, with redirects untouched', async () => {
    const web = createServer((request, response) => {
      if (request.url === '/old') return response.writeHead(307, { location: '/new' }).end();
      response.setHeader('content-type', 'text/plain');
      response.end(`${request.method} ${request.url} ${request.headers['x-forwarded-host']}`);
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const settings = { ...api.services.settings, webUrl: `http://127.0.0.1:${(web.address() as AddressInfo).port}` };
    const listening = await serveApp(createApp({ ...api.services, settings }), { host: '127.0.0.1', port: 0 });
    try {
      const at = `http://127.0.0.1:${listening.port}`;
      expect(await (await fetch(`${at}/runs?state=FAILED`)).text()).toBe(`GET /runs?state=FAILED 127.0.0.1:${listening.port}`);
      const moved = await fetch(`${at}/old`, { redirect: 'manual' });
      expect([moved.status, moved.headers.get('location')]).toEqual([307, '/new']);
      expect((await fetch(`${at}/api/nothing`)).status).toBe(404);
      await new Promise((resolve) => web.close(resolve));
      const away = await fetch(`${at}/`);
      expect([away.status, (await away.text()).includes('The console does not answer')]).toEqual([503, true]);
    } finally {
      await listening.close();
      web.closeAllConnections();
    }
  });

  it('is the only server a request is passed on to, whatever its path names', async () => {
    const heard: string[] = [];
    const serverOf = (name: string) => createServer((request, response) => response.end(String(heard.push(`${name} ${request.url}`))));
    const [web, elsewhere] = [serverOf('console'), serverOf('elsewhere')];
    for (const server of [web, elsewhere]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const portOf = (server: typeof web) => (server.address() as AddressInfo).port;
    const settings = { ...api.services.settings, webUrl: `http://127.0.0.1:${portOf(web)}` };
    const listening = await serveApp(createApp({ ...api.services, settings }), { host: '127.0.0.1', port: 0 });
    try {
      const path = `//127.0.0.1:${portOf(elsewhere)}/steal?x=1`;
      await fetch(`http://127.0.0.1:${listening.port}${path}`, { headers: { cookie: 'signalbox.session_token=secret' } });
      expect(heard).toEqual([`console ${path}`]);
    } finally {
      await listening.close();
      for (const server of [web, elsewhere]) {
        server.closeAllConnections();
        server.close();
      }
    }
  });

  it('takes the upgrades of its development server, and those alone', async () => {
    const web = createServer();
    web.on('upgrade', (request, socket) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nx-path: ${request.url}\r\n\r\n`);
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    const listening = await serveApp(createApp({ ...api.services, settings: { ...api.services.settings, webUrl } }), {
      host: '127.0.0.1',
      port: 0,
      webUrl,
    });
    const upgrade = (path: string) =>
      new Promise<{ status: number | undefined; path?: string; echo?: string }>((resolve, reject) => {
        const asked = httpRequest({
          port: listening.port,
          host: '127.0.0.1',
          path,
          headers: { upgrade: 'websocket', connection: 'Upgrade' },
        });
        asked.on('error', reject);
        asked.on('response', ({ statusCode }) => resolve({ status: statusCode }));
        asked.on('upgrade', ({ statusCode, headers }, socket) => {
          socket.once('data', (data) => {
            socket.destroy();
            resolve({ status: statusCode, path: String(headers['x-path']), echo: String(data) });
          });
          socket.write('hello');
        });
        asked.end();
      });
    try {
      expect(await upgrade('/_next/hmr?id=1')).toEqual({ status: 101, path: '/_next/hmr?id=1', echo: 'hello' });
      expect(await upgrade('/trpc/runs.list')).toEqual({ status: 404 });
    } finally {
      await listening.close();
      web.closeAllConnections();
      web.close();
    }
  });

  it('where none is configured, a page says what to do', async () => {
    const response = await api.app.request('/', { headers: { accept: 'text/html' } });
    expect([response.status, (await response.text()).includes('SIGNALBOX_WEB_URL')]).toEqual([404, true]);
  });
});
