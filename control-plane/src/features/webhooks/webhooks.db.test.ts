/** Webhooks through the API, and requests at their addresses as they come in. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { positionAll } from '../../../test/events.ts';

let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(async () => {
  tenant = await api.tenant();
});
afterAll(() => api?.[Symbol.asyncDispose]());

type Create = Parameters<Tenant['owner']['webhooks']['create']>[0];
async function hook(input: Partial<Create> = {}) {
  const { webhook, url } = await tenant.owner.webhooks.create({ name: 'hook', ...input });
  const send = (body: string | null, init: RequestInit = {}, to = url) =>
    api.app.request(new URL(to).pathname, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body === null ? {} : { body }),
      ...init,
    });
  const log = async () => (await tenant.owner.webhooks.requests({ webhook: webhook.id })).items;
  return { webhook, url, send, log };
}
async function events() {
  await positionAll(api.db.systemSql);
  const { items } = await tenant.owner.events.list({ names: ['!command.*'] });
  return items.reverse();
}
const github = (body: string, secret: string) => ({
  headers: {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': 'd-1',
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  },
});

describe('a request', () => {
  test('becomes an event once, however often it is sent, and is logged', async () => {
    const { send, log } = await hook({ preset: 'github', verify: { scheme: 'github', secret: 'shared secret' } });
    const body = JSON.stringify({ repository: { full_name: 'acme/app' }, ref: 'refs/heads/main' });
    const first = await send(body, github(body, 'shared secret'));
    expect([first.status, await first.json()]).toEqual([202, { events: [expect.any(String)], repeated: false }]);
    expect(await (await send(body, github(body, 'shared secret'))).json()).toEqual({ events: [], repeated: true });
    // Under another delivery, which nobody signed.
    const { headers } = github(body, 'shared secret');
    expect(await (await send(body, { headers: { ...headers, 'x-github-delivery': 'd-2' } })).json()).toEqual({
      events: [],
      repeated: true,
    });
    expect(await events()).toMatchObject([
      { name: 'github.push', resource: { id: 'github://acme/app', ref: 'refs/heads/main' }, payload: { ref: 'refs/heads/main' } },
    ]);
    const requests = await log();
    expect(requests.map(({ outcome }) => outcome)).toEqual(['repeated', 'repeated', 'accepted']);
    const { at = '', events: made = [] } = requests[2] ?? {};
    const asked = { id: made[0] ?? '', since: at };
    expect(await tenant.owner.events.find(asked)).toMatchObject({ id: asked.id, name: 'github.push' });
    expect(await tenant.owner.events.find({ id: asked.id })).toMatchObject({ name: 'github.push' });
    expect(await tenant.owner.events.find({ ...asked, since: new Date(Date.now() + 60_000).toISOString() })).toBe(null);
    expect(await (await api.tenant()).owner.events.find(asked)).toBe(null);
    expect((await tenant.owner.webhooks.list())[0]).toMatchObject({ scheme: 'github', lastAt: expect.any(String) });
  });

  test('that proves nothing is refused, and the log alone says why', async () => {
    const { send, log } = await hook({ preset: 'github', verify: { scheme: 'github', secret: 'shared secret' } });
    const answer = await send('{}', github('{}', 'another secret'));
    expect([answer.status, await answer.text()]).toEqual([401, expect.not.stringContaining('x-hub')]);
    expect(await log()).toMatchObject([{ outcome: 'refused', reason: 'the signature of x-hub-signature-256 does not fit', events: [] }]);
    await send('{}', github('{}', 'another secret'));
    // Told once an hour, however many are refused.
    expect(await events()).toMatchObject([
      {
        name: 'webhook.refused',
        resource: { kind: 'webhook', name: 'hook' },
        payload: { reason: expect.stringContaining('does not fit') },
      },
    ]);
  });

  test('of any method and form is filled into a template, which keeps types', async () => {
    const { send } = await hook({
      template: {
        name: 'deploy.{{ body.env }}',
        resource: { id: 'service/{{ query.service }}', method: '{{ method }}' },
        payload: { count: '{{ body.count | plus: 1 }}', secret: '{{ headers.authorization }}', agent: '{{ headers["x-agent"] }}' },
      },
    });
    const { url } = await tenant.owner.webhooks.rotate({
      webhook: (await tenant.owner.webhooks.list())[0]?.id as `hook_${string}`,
      graceHours: 1,
    });
    const answer = await api.app.request(`${new URL(url).pathname}?service=api`, {
      method: 'PUT',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: 'Bearer hidden', 'x-agent': 'ci' },
      body: 'env=prod&count=4',
    });
    expect(answer.status).toBe(202);
    expect(await events()).toMatchObject([
      { name: 'deploy.prod', resource: { id: 'service/api', method: 'PUT' }, payload: { count: 5, secret: null, agent: 'ci' } },
    ]);
    // The address before the rotation is taken for its grace.
    expect((await send('{"env":"x"}')).status).toBe(202);
  });

  test('that is no event, or too large, is refused with the reason', async () => {
    const { send, log } = await hook({ preset: 'cloudevents' });
    const reserved = await send(JSON.stringify({ type: 'run.Failed', source: 's', id: '1' }));
    expect([reserved.status, ((await reserved.json()) as { message: string }).message]).toEqual([
      400,
      expect.stringMatching(/name: .*does not begin with run\./),
    ]);
    expect((await send('x'.repeat(300_000))).status).toBe(400);
    expect((await log()).map(({ outcome }) => outcome)).toEqual(['refused']);
    expect(
      (await send(null, { method: 'OPTIONS', headers: { 'webhook-request-origin': 'grid' } })).headers.get('webhook-allowed-origin'),
    ).toBe('grid');
  });
});

describe('an address', () => {
  test('that is not there, was rotated, switched off or deleted is not found, with one answer for all', async () => {
    const { webhook, url, send } = await hook();
    const { webhooks } = tenant.owner;
    const missing = await send('{}', {}, 'http://x/hooks/sbw_nothing');
    const answers = [missing];
    const { url: next } = await webhooks.rotate({ webhook: webhook.id, graceHours: 0 });
    answers.push(await send('{}', {}, url));
    await webhooks.update({ webhook: webhook.id, isEnabled: false });
    answers.push(await send('{}', {}, next));
    await webhooks.delete({ webhook: webhook.id });
    answers.push(await send('{}', {}, next));
    const told = await Promise.all(answers.map(async (answer) => [answer.status, { ...((await answer.json()) as object), requestId: '' }]));
    expect(new Set(told.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(told[0]?.[0]).toBe(404);
  });

  test('and the secret of its signature are shown once, and neither stored in the open nor audited', async () => {
    const { url, webhook } = await hook({ verify: { scheme: 'github', secret: 'shared secret' } });
    const token = url.split('/').at(-1) ?? '';
    expect(token).toMatch(/^sbw_/);
    const { rows } = await api.db.systemSql.query('SELECT t::text AS text FROM webhook t WHERE workspace_id = $1', [tenant.workspaceId]);
    const seen = JSON.stringify([rows, await tenant.audit('webhook.create'), await tenant.owner.webhooks.list()]);
    expect([seen.includes(token), seen.includes('shared secret')]).toEqual([false, false]);
    expect(webhook.prefix).toBe(token.slice(0, 10));
    const stranger = (await api.tenant()).owner.webhooks;
    for (const call of [
      () => stranger.rotate({ webhook: webhook.id }),
      () => stranger.requests({ webhook: webhook.id }),
      () => stranger.delete({ webhook: webhook.id }),
    ])
      expect(await refusal(call())).toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('the tester shows what a request would become, and writes nothing', async () => {
  const { webhooks } = tenant.as('viewer');
  const shown = await webhooks.preview({
    preset: 'stripe',
    request: { body: '{"type":"charge.failed","data":{"object":{"object":"charge","id":"ch_1"}}}' },
  });
  expect(shown).toMatchObject({ problem: null, events: [{ name: 'stripe.charge.failed', resource: { id: 'stripe://charge/ch_1' } }] });
  const broken = await webhooks.preview({ template: { name: '{{ body.x | nothing }}', resource: { id: 'x' } }, request: { body: '{}' } });
  expect(broken.problem).toMatch(/^name: undefined filter: nothing/);
  expect(
    (await webhooks.preview({ template: { name: '{{ body.name }}', resource: { id: 'x' } }, request: { body: '{}' } })).problem,
  ).toMatch(/^name: expected/);
  expect(await events()).toEqual([]);
});
