/** From event to effect: what fires, what is done, once for each edge, whoever dies or works at the same time. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toId, toUuid } from '@signalbox/proto';
import type { AutomationDefinitionInput } from '@signalbox/proto/api';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, type Tenant, type TestApi } from '../../../test/api.ts';
import { createYard, type Yard } from '../../../test/dispatch.ts';
import type { Services } from '../../platform/services.ts';
import { sequence } from '../events/index.ts';
import { signingKey } from './actions/call-webhook.ts';
import { evaluateBatch, nothingCompiled } from './evaluate/evaluate-batch.ts';
import { openOutbox } from './execute/outbox.ts';
import { templatesOf } from './templates/render.ts';

let api: TestApi;
let tenant: Tenant;
let yard: Yard;

beforeAll(async () => {
  api = await openTestApi();
  tenant = await api.tenant();
  yard = await createYard(api.db, tenant.workspaceId);
});
afterAll(() => api[Symbol.asyncDispose]());

const templates = templatesOf('http://localhost:4200');
let count = 0;
const make = (more: Partial<AutomationDefinitionInput> & Pick<AutomationDefinitionInput, 'trigger'>) =>
  tenant.owner.automations.create({ name: `automation ${++count}`, ...more });
const emit = (name: string, id: string, payload = {}) => tenant.owner.events.emit({ events: [{ name, resource: { id }, payload }] });
const position = async () => {
  while ((await sequence(api.db.systemSql)).count > 0);
};
async function act(services: Services): Promise<void> {
  const outbox = openOutbox(services, templates);
  while ((await outbox.turn()) > 0) await outbox.settled();
}
/** As the loops do, to the end. Each evaluator compiles anew, as after a restart. */
async function settle(services: Services = api.services): Promise<void> {
  await position();
  while ((await evaluateBatch(api.db, nothingCompiled())).state === 'more');
  await act(services);
  await position();
}
const firingsOf = async (automation: string) => (await tenant.owner.automations.firings({ automation, limit: 200 })).items;

describe('a firing', () => {
  it('does what the automation says to what the event is about, in its name, with types kept', async () => {
    const deployment = await yard.addDeployment();
    const automation = await make({
      trigger: { type: 'event', expect: ['file.arrived'] },
      onTrigger: [
        {
          type: 'run-deployment',
          deployment: toId('deployment', deployment),
          parameters: { rows: '{{ event.payload.rows }}', text: 'of {{ event.resource.id }}' },
        },
      ],
    });
    await emit('file.arrived', 's3://raw/a.csv', { rows: 12 });
    await settle();
    const [firing] = await firingsOf(automation.id);
    expect(firing).toMatchObject({
      kind: 'triggered',
      why: 'file.arrived of s3://raw/a.csv',
      actions: [{ type: 'run-deployment', status: 'done', attempts: [{ outcome: 'done' }], target: { kind: 'run' } }],
    });
    const run = await tenant.owner.runs.get({ run: firing?.actions[0]?.target?.id as `run_${string}` });
    expect(run).toMatchObject({ createdBy: 'automation', parameters: { body: { rows: 12, text: 'of s3://raw/a.csv' } } });
    const { items } = await tenant.owner.audit.list({ action: 'run.create' });
    expect(items[0]?.actor).toMatchObject({ kind: 'automation', name: automation.name });
    expect((await tenant.owner.automations.get({ automation: automation.id })).lastFiredAt).not.toBeNull();
  });

  it('infers the run of its event, acts when it resolves too, and tells both', async () => {
    const automation = await make({
      trigger: {
        type: 'event',
        expect: ['run.Scheduled'],
        match: { name: 'doomed' },
        forEach: ['id'],
        resolveOn: { expect: ['run.Cancelled'] },
      },
      onTrigger: [{ type: 'cancel-run' }],
      onResolve: [{ type: 'emit-event', name: 'doom.over', payload: { was: '{{ run.state }}' } }],
    });
    const deployment = toId('deployment', await yard.addDeployment());
    const run = await tenant.owner.runs.create({ deployment, name: 'doomed', dueAt: '2099-01-01T00:00:00Z' });
    await settle();
    await settle();
    await settle();
    expect((await tenant.owner.runs.get({ run: run.id })).state.name).toBe('Cancelled');
    expect((await firingsOf(automation.id)).map(({ kind, key, actions }) => [kind, key, actions[0]?.status])).toEqual([
      ['resolved', [run.id], 'done'],
      ['triggered', [run.id], 'done'],
    ]);
    const told = (await tenant.owner.events.list({ about: automation.id, after: 0 })).items;
    expect(told.map(({ name }) => name)).toEqual(expect.arrayContaining(['automation.fired', 'automation.resolved', 'doom.over']));
    expect(told.find(({ name }) => name === 'doom.over')).toMatchObject({ payload: { was: 'Cancelled' }, resource: { id: run.id } });
  });

  it('that ends an alert acts after what began it, however late that is, and the next begins after the end', async () => {
    const automation = await make({
      trigger: { type: 'event', expect: ['door.open'], forEach: ['id'], resolveOn: { expect: ['door.shut'] } },
      onTrigger: [{ type: 'declare-incident', title: 'A door is open' }],
      onResolve: [{ type: 'resolve-incident' }],
    });
    const incidents = async () => (await tenant.owner.incidents.list({ limit: 2 })).items.map(({ status }) => status);
    const delay = (kind: string, interval: string) =>
      api.db.systemSql.query(
        `UPDATE automation_action x SET next_at = now() + $3::interval FROM automation_firing f
          WHERE f.id = x.firing_id AND x.automation_id = $1::uuid AND x.status = 'waiting' AND f.kind = $2`,
        [toUuid('automation', automation.id), kind, interval],
      );
    const evaluate = async () => {
      await position();
      while ((await evaluateBatch(api.db, nothingCompiled())).state === 'more');
    };
    // Both in one batch, and the first try of the beginning has failed.
    for (const name of ['door.open', 'door.shut']) await emit(name, 'front');
    await evaluate();
    await delay('triggered', '1 hour');
    await act(api.services);
    expect(await incidents()).toEqual([]);
    await delay('triggered', '0');
    await act(api.services);
    expect(await incidents()).toEqual(['resolved']);
    // The end is late, and it begins anew meanwhile: the new incident stands.
    await emit('door.open', 'front');
    await evaluate();
    await act(api.services);
    for (const name of ['door.shut', 'door.open']) await emit(name, 'front');
    await evaluate();
    await delay('resolved', '1 hour');
    await act(api.services);
    expect(await incidents()).toEqual(['open', 'resolved']);
    await delay('resolved', '0');
    await act(api.services);
    expect(await incidents()).toEqual(['open', 'resolved']);
    expect((await tenant.owner.incidents.list({})).items).toHaveLength(3);
    expect((await firingsOf(automation.id)).map(({ kind, actions }) => [kind, actions[0]?.status])).toEqual(
      ['triggered', 'resolved', 'triggered', 'resolved', 'triggered'].map((kind) => [kind, 'done']),
    );
    // Of another door nothing waits.
    await emit('door.shut', 'front');
    await emit('door.open', 'back');
    await evaluate();
    await delay('resolved', '1 hour');
    await act(api.services);
    expect((await tenant.owner.incidents.list({})).items).toHaveLength(4);
    await delay('resolved', '0');
    await act(api.services);
  });

  it('happens once however many evaluate and act, and though one dies before its commit', async () => {
    const automation = await make({
      trigger: { type: 'event', expect: ['tick'] },
      onTrigger: [{ type: 'emit-event', name: 'tock', resource: { id: '{{ event.resource.id }}' } }],
    });
    for (let i = 0; i < 30; i++) await emit('tick', `tick ${i}`);
    await position();
    await expect(evaluateBatch({ systemSql: dyingBeforeCommit(api.db.systemSql) }, nothingCompiled())).rejects.toThrow('killed');
    expect(await firingsOf(automation.id)).toEqual([]);
    const evaluators = Array.from({ length: 4 }, async () => {
      for (let i = 0; i < 5; i++) await evaluateBatch(api.db, nothingCompiled());
    });
    await Promise.all(evaluators);
    await Promise.all(Array.from({ length: 3 }, () => act(api.services)));
    await settle();
    const firings = await firingsOf(automation.id);
    expect(new Set(firings.map(({ event }) => event?.resource.id)).size).toBe(30);
    expect(firings.length).toBe(30);
    const { items } = await tenant.owner.events.list({ names: ['tock'], limit: 200 });
    expect(items.length).toBe(30);
  });

  it('of several triggers keeps what took part, tells it to its templates, and leads back to all of it', async () => {
    const automation = await make({
      trigger: { type: 'sequence', triggers: ['part.one', 'part.two'].map((name) => ({ type: 'event' as const, expect: [name] })) },
      onTrigger: [{ type: 'emit-event', name: 'parts.told', payload: { ids: '{{ events | map: "resource" | map: "id" }}' } }],
    });
    await emit('part.one', 'one', { rows: 1 });
    await settle();
    await emit('part.two', 'two');
    await settle();
    const [firing] = await firingsOf(automation.id);
    expect(firing?.parts.map(({ part, event }) => [part, event?.resource.id, event?.payload])).toEqual([
      [0, 'one', { rows: 1 }],
      [1, 'two', {}],
    ]);
    expect((await tenant.owner.events.list({ names: ['parts.told'] })).items[0]?.payload).toEqual({ ids: ['one', 'two'] });
    const [fired] = (await tenant.owner.events.list({ resource: automation.id, names: ['automation.fired'] })).items;
    const { nodes } = await tenant.owner.events.graph({ position: fired?.position ?? 0 });
    expect(nodes.flatMap((node) => (node.kind === 'event' ? node.event.name : []))).toEqual(
      expect.arrayContaining(['part.one', 'part.two']),
    );
  });

  it('says why it could not be carried out, and is tried again by hand under the same id', async () => {
    const automation = await make({
      trigger: { type: 'event', expect: ['nobody.there'] },
      onTrigger: [{ type: 'cancel-run' }, { type: 'cancel-run', run: '{{ event.payload.run }}' }],
    });
    await emit('nobody.there', 'x', { run: 'run_01h455vb4pex5vsknk084sn02q' });
    await settle();
    const [firing] = await firingsOf(automation.id);
    expect(firing?.actions.map(({ status, attempts }) => [status, attempts[0]?.message])).toEqual([
      ['skipped', 'The event has nothing to do with any run.'],
      ['failed', expect.stringContaining('No run')],
    ]);
    const action = firing?.actions[1]?.id as `act_${string}`;
    expect((await tenant.owner.events.list({ names: ['automation.action-failed'] })).items[0]).toMatchObject({
      payload: { action: 'cancel-run', message: expect.stringContaining('No run') },
    });
    await tenant.owner.automations.retryAction({ action });
    await settle();
    expect((await tenant.owner.automations.firing({ firing: firing?.id ?? 'fire_' })).actions[1]?.attempts.length).toBe(2);
  });
});

describe('the graph of an event', () => {
  /** Each edge by the names of its ends. */
  const edgesOf = async (position: number, as: Tenant = tenant) => {
    const { nodes, edges, isCut } = await as.owner.events.graph({ position });
    const names = new Map(nodes.map((node) => [node.key, node.kind === 'event' ? node.event.name : node.type]));
    return { edges: edges.map(({ from, to }) => `${names.get(from)} > ${names.get(to)}`).sort(), isCut };
  };
  const placeOf = async (name: string) => (await tenant.owner.events.list({ names: [name] })).items[0]?.position ?? 0;

  it('leads from what fired an automation over its actions to what they did, from either end', async () => {
    const deployment = toId('deployment', await yard.addDeployment());
    await make({
      trigger: { type: 'event', expect: ['graph.begun'] },
      onTrigger: [
        { type: 'run-deployment', deployment, name: 'made by a graph' },
        { type: 'declare-incident', title: 'A graph began' },
        { type: 'emit-event', name: 'graph.told' },
      ],
    });
    await make({ trigger: { type: 'event', expect: ['graph.told'] }, onTrigger: [{ type: 'pause-deployment', deployment }] });
    const root = crypto.randomUUID();
    await tenant.owner.events.emit({ events: [{ name: 'graph.root', id: root, resource: { id: 'g' } }] });
    await tenant.owner.events.emit({ events: [{ name: 'graph.begun', follows: root, resource: { id: 'g' } }] });
    await settle();
    await settle();
    const all = [
      'automation.fired > declare-incident',
      'automation.fired > emit-event',
      'automation.fired > pause-deployment',
      'automation.fired > run-deployment',
      'declare-incident > incident.declared',
      'emit-event > graph.told',
      'graph.begun > automation.fired',
      'graph.root > graph.begun',
      'graph.told > automation.fired',
      'run-deployment > run.Scheduled',
    ];
    expect(await edgesOf(await placeOf('graph.begun'))).toEqual({ edges: all, isCut: false });
    expect((await edgesOf(await placeOf('graph.root'))).edges).toEqual(all);
    // From an end: how it came to be, and nothing beside it.
    const { items } = await tenant.owner.runs.list({ deployment });
    await tenant.owner.runs.cancel({ run: items[0]?.id ?? 'run_' });
    await position();
    const { items: ends } = await tenant.owner.events.list({ resource: items[0]?.id ?? '', names: ['run.Cancelled'] });
    expect((await edgesOf(ends[0]?.position ?? 0)).edges).toEqual([
      'automation.fired > run-deployment',
      'graph.begun > automation.fired',
      'graph.root > graph.begun',
      'run-deployment > run.Scheduled',
      'run.Scheduled > run.Cancelled',
    ]);
    expect((await edgesOf(await placeOf('incident.declared'))).edges).toContain('declare-incident > incident.declared');
  });

  it('is of one alone, bounded, and not of others', async () => {
    await emit('graph.alone', 'g');
    const hub = crypto.randomUUID();
    await tenant.owner.events.emit({ events: [{ name: 'graph.hub', id: hub, resource: { id: 'g' } }] });
    const many = (from: number) =>
      Array.from({ length: 40 }, (_, i) => ({ name: 'graph.leaf', follows: hub, resource: { id: `leaf ${from + i}` } }));
    await tenant.owner.events.emit({ events: many(0) });
    await tenant.owner.events.emit({ events: many(40) });
    await position();
    expect(await edgesOf(await placeOf('graph.alone'))).toEqual({ edges: [], isCut: false });
    const { edges, isCut } = await edgesOf(await placeOf('graph.hub'));
    expect(isCut).toBe(true);
    expect(edges.length).toBeGreaterThanOrEqual(40);
    expect(edges.length).toBeLessThan(60);
    await expect(edgesOf(await placeOf('graph.hub'), await api.tenant())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a webhook', () => {
  it('is signed, sent again under the same delivery id until it is taken, and never to a private address unless allowed', async () => {
    const clouds: { type: string | undefined; event: object }[] = [];
    const got: { headers: IncomingHttpHeaders; body: string }[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      if (request.url === '/cloud') {
        clouds.push({ type: request.headers['content-type'], event: JSON.parse(body) });
        return void response.end();
      }
      got.push({ headers: request.headers, body });
      response.writeHead(got.length === 1 ? 503 : 200).end('busy');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await using _ = { [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())) };
    const automation = await make({
      trigger: { type: 'event', expect: ['call.out'] },
      onTrigger: [
        { type: 'call-webhook', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` },
        { type: 'call-webhook', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cloud`, format: 'cloudevents' },
      ],
    });

    await emit('call.out', 'refused');
    await settle();
    expect((await firingsOf(automation.id))[0]?.actions[0]).toMatchObject({
      status: 'failed',
      attempts: [{ message: expect.stringContaining('not on the public internet (SIGNALBOX_PRIVATE_TARGETS allows it)') }],
    });
    // That identity providers may be in private networks opens those to nobody's webhooks.
    await emit('call.out', 'refused still');
    await settle({ ...api.services, settings: { ...api.services.settings, privateProviders: true } });
    expect(got).toEqual([]);

    const allowed = { ...api.services, settings: { ...api.services.settings, privateTargets: true } };
    await emit('call.out', 'allowed');
    await settle(allowed);
    const [waiting] = await firingsOf(automation.id);
    expect(waiting?.actions[0]).toMatchObject({
      status: 'waiting',
      attempts: [{ message: expect.stringContaining('answered 503: busy') }],
    });
    await api.db.systemSql.query(`UPDATE automation_action SET next_at = now() WHERE status = 'waiting'`);
    await settle(allowed);
    const [done] = await firingsOf(automation.id);
    expect(done?.actions[0]).toMatchObject({ status: 'done', attempts: [{ outcome: 'failed' }, { outcome: 'done' }] });
    expect(got.map(({ headers }) => headers['webhook-id'])).toEqual([done?.actions[0]?.id, done?.actions[0]?.id]);
    const [first] = got;
    expect(JSON.parse(first?.body ?? '')).toMatchObject({ firing: { id: done?.id }, event: { resource: { id: 'allowed' } } });
    const event = { specversion: '1.0', source: api.services.settings.publicUrl, type: 'call.out', subject: 'allowed' };
    expect(clouds).toMatchObject([{ type: 'application/cloudevents+json; charset=utf-8', event }]);
    const signed = `${first?.headers['webhook-id']}.${first?.headers['webhook-timestamp']}.${first?.body}`;
    const key = signingKey(api.services.settings.secret, tenant.workspaceId);
    expect(first?.headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  });
});

/** A pool whose connections die when they are asked to commit. */
function dyingBeforeCommit(pool: pg.Pool): pg.Pool {
  return {
    connect: async () => {
      const client = await pool.connect();
      return {
        query: (text: unknown, values?: unknown[]) => {
          if (text === 'COMMIT') throw new Error('killed');
          return client.query(text as string, values as never);
        },
        release: () => client.release(true),
      };
    },
  } as unknown as pg.Pool;
}
