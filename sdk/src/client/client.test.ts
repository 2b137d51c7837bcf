import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ERROR_CODE, type ErrorCode } from '@signalbox/proto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../test/fake-control-plane.ts';
import { createClient, isSignalboxError, SignalboxError } from './index.ts';

let controlPlane: FakeControlPlane;
beforeEach(async () => {
  controlPlane = await startFakeControlPlane();
});
afterEach(() => controlPlane[Symbol.asyncDispose]());

const quick = { minDelayMs: 1, maxDelayMs: 2 };
const client = (over: Partial<Parameters<typeof createClient>[0]> = {}) =>
  createClient({ url: controlPlane.url, apiKey: 'sbk_test', retry: quick, ...over });
const callsTo = (path: string) => controlPlane.state.calls.filter((call) => call.path === path).length;
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('expected a refusal'),
    (error: unknown) => error as SignalboxError,
  );

/** A server that answers everything alike. */
async function serve(status: number, type: string, body: string): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((_request, response) => void response.writeHead(status, { 'content-type': type }).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close().closeAllConnections(),
  };
}

describe('an error', () => {
  test.each(Object.keys(ERROR_CODE) as ErrorCode[])('%s arrives whole', async (code) => {
    const body = {
      code,
      message: 'no',
      issues: [{ field: 'a', expected: 'b', received: 'c' }],
      details: { kind: 'run' },
      retryAfterMs: 60_000,
      requestId: 'req_1',
    };
    controlPlane.state.failures = [body];
    const error = await refusal(client().runs.create.mutate({ deployment: 'weather/daily' }));
    expect(error).toBeInstanceOf(SignalboxError);
    expect(error).toMatchObject(body);
    expect(isSignalboxError(error, code)).toBe(true);
  });

  test('of another copy of the package is known by its brand', () => {
    expect(isSignalboxError({ [Symbol.for('@signalbox/sdk.client-error')]: true, code: 'CONFLICT' }, 'CONFLICT')).toBe(true);
    expect(isSignalboxError(new Error('x'))).toBe(false);
  });

  test('a control plane that cannot be reached is UNAVAILABLE, with the reason', async () => {
    await controlPlane.stop();
    const error = await refusal(client().me.get.query());
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      message: `cannot reach ${controlPlane.url}: connect ECONNREFUSED ${new URL(controlPlane.url).host}`,
    });
  });

  test.each([
    [502, 'UNAVAILABLE', 'answered with status 502: the control plane behind it does not serve'],
    [404, 'UNAVAILABLE', 'answered with status 404 and not as a control plane: is the address right?'],
    [200, 'UNAVAILABLE', 'answered with status 200 and not as a control plane: is the address right?'],
    [403, 'FORBIDDEN', 'answered with status 403'],
  ])('a page of status %d that is not ours is %s', async (status, code, text) => {
    await using other = await serve(status, 'text/html', '<html>hello</html>');
    const error = await refusal(client({ url: other.url }).me.get.query());
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  test('a body of ours from before tRPC arrives whole', async () => {
    await using other = await serve(
      413,
      'application/json',
      JSON.stringify({ code: 'INVALID_INPUT', message: 'The request is over 1 MB.' }),
    );
    expect(await refusal(client({ url: other.url }).me.get.query())).toMatchObject({
      code: 'INVALID_INPUT',
      message: 'The request is over 1 MB.',
    });
  });

  test('an address that is none is INVALID_INPUT', () => {
    expect(() => createClient({ url: 'localhost:4200' })).toThrow('the address of the control plane is not usable');
  });
});

describe('repeating', () => {
  const unavailable = { code: 'UNAVAILABLE', message: 'later' } as const;

  test('a query is repeated until it is answered', async () => {
    controlPlane.state.failures = [unavailable, unavailable];
    await expect(client().me.get.query()).resolves.toMatchObject({ scopes: expect.anything() });
    expect(callsTo('me.get')).toBe(3);
  });

  test('a query is given up after its attempts', async () => {
    controlPlane.state.failures = Array.from({ length: 9 }, () => unavailable);
    expect((await refusal(client({ retry: { ...quick, retries: 2 } }).me.get.query())).code).toBe('UNAVAILABLE');
    expect(callsTo('me.get')).toBe(3);
  });

  test('a refusal is not repeated', async () => {
    controlPlane.state.failures = [{ code: 'FORBIDDEN', message: 'no' }];
    expect((await refusal(client().me.get.query())).code).toBe('FORBIDDEN');
    expect(callsTo('me.get')).toBe(1);
  });

  test('a mutation is not repeated, unless a key makes it safe', async () => {
    controlPlane.state.failures = [unavailable];
    await refusal(client().runs.create.mutate({ deployment: 'weather/daily' }));
    expect(callsTo('runs.create')).toBe(1);
    controlPlane.state.failures = [unavailable];
    await client().runs.create.mutate({ deployment: 'weather/daily', idempotencyKey: 'once' });
    expect(callsTo('runs.create')).toBe(3);
  });

  test('a server that asks for more patience than we have is believed', async () => {
    controlPlane.state.failures = [{ code: 'LIMIT_EXCEEDED', message: 'later', retryAfterMs: 60_000 }];
    expect((await refusal(client().me.get.query())).retryAfterMs).toBe(60_000);
    expect(callsTo('me.get')).toBe(1);
  });
});

describe('a call', () => {
  const silent: typeof fetch = (_input, init) =>
    new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));

  test('is given up after its time limit', async () => {
    const error = await refusal(client({ fetch: silent, timeoutMs: 20, retry: { retries: 0 } }).me.get.query());
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: `${controlPlane.url} did not answer me.get within 20 ms` });
  });

  test('ends with the reason of its own signal', async () => {
    const stop = new AbortController();
    const call = client({ fetch: silent }).me.get.query(undefined, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });

  test('shares its request with queries of the same tick', async () => {
    const requests: string[] = [];
    const counting: typeof fetch = (input, init) => {
      requests.push(new URL(String(input)).pathname);
      return fetch(input, init);
    };
    const shared = client({ fetch: counting });
    await Promise.all([shared.me.get.query(), shared.workspaces.list.query(), shared.apiKeys.list.query()]);
    expect(requests).toEqual(['/trpc/me.get,workspaces.list,apiKeys.list']);
  });

  test('carries key, workspace, kind of client and own headers', async () => {
    await client({ workspace: 'etl', headers: () => ({ 'x-trace': '1' }) }).me.get.query();
    expect(controlPlane.state.calls[0]?.headers).toMatchObject({
      authorization: 'Bearer sbk_test',
      'x-signalbox-workspace': 'etl',
      'x-signalbox-client': 'sdk',
      'x-trace': '1',
    });
  });
});
