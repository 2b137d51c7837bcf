import { toId, uuidv7 } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, type Tenant, type TestApi } from '../../../test/api.ts';
import { openLiveStreams } from './live-streams.ts';

let api: TestApi;
let tenant: Tenant;
let secret: string;

beforeAll(async () => {
  api = await openTestApi();
  tenant = await api.tenant();
  ({ secret } = await tenant.owner.apiKeys.create({ name: 'watcher', role: 'viewer' }));
});
afterAll(() => api[Symbol.asyncDispose]());

const newRun = () => toId('run', uuidv7(Date.now()));
const open = async (query = '') => api.app.request(`/api/live${query}`, { headers: { authorization: `Bearer ${secret}` } });

/** What the stream says until it said `count` events, or ended. */
async function read(response: Response, count: number): Promise<unknown[]> {
  const events: unknown[] = [];
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    for (const [, data] of chunk.matchAll(/^event: change\ndata: (.*)$/gm)) events.push(JSON.parse(data ?? ''));
    if (events.length >= count) break;
  }
  return events;
}

describe('a live stream', () => {
  it('tells what changed in its workspace, and nothing of another', async () => {
    const response = await open();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const other = await api.tenant();
    const mine = { kind: 'run' as const, id: newRun(), what: ['state' as const] };
    api.services.bus.live(other.workspaceId, { kind: 'run', id: newRun() });
    api.services.bus.live(tenant.workspaceId, mine);
    expect(await read(response, 1)).toEqual([mine]);
  });

  it('narrowed to one run tells of that run alone', async () => {
    const id = newRun();
    const response = await open(`?run=${id}`);
    api.services.bus.live(tenant.workspaceId, { kind: 'run', id: newRun() });
    api.services.bus.live(tenant.workspaceId, { kind: 'pool', id: 'pool_x' });
    api.services.bus.live(tenant.workspaceId, { kind: 'run', id });
    expect(await read(response, 1)).toEqual([{ kind: 'run', id }]);
  });

  it('needs somebody who is signed in, a workspace of theirs, and an id that is one', async () => {
    expect((await api.app.request('/api/live')).status).toBe(401);
    expect((await open(`?workspace=${(await api.tenant()).slug}`)).status).toBe(404);
    expect((await open('?run=run_x')).status).toBe(400);
  });

  it('ends when we shut down', async () => {
    const response = await open();
    api.app.closeStreams();
    expect(await read(response, 1)).toEqual([]);
  });
});

describe('streams', () => {
  const identity = {
    actor: { kind: 'api-key' as const, id: 'k', name: 'k', owner: null },
    workspaces: [],
    organizations: [],
    expiresAt: null,
  };

  it('end when their credential has ended', async () => {
    const streams = openLiveStreams(api.services.bus, { heartbeatMs: 1 });
    const response = streams.open({ identity, workspaceIds: [], run: null, reidentify: async () => null });
    expect(await read(response, 1)).toEqual([]);
    expect(streams.count).toBe(0);
  });

  it('of one actor are bounded, and those left make room', async () => {
    const streams = openLiveStreams(api.services.bus);
    const openOne = () => streams.open({ identity, workspaceIds: [], run: null, reidentify: async () => identity });
    const first = openOne();
    for (let i = 1; i < 100; i++) openOne();
    expect(openOne).toThrow('You have 100 live streams open; close some.');
    await first.body?.cancel();
    expect(openOne()).toBeInstanceOf(Response);
    streams.close();
    expect(streams.count).toBe(0);
  });

  it('of a reader who falls behind are cut off', async () => {
    const streams = openLiveStreams(api.services.bus);
    streams.open({ identity, workspaceIds: [tenant.workspaceId], run: null, reidentify: async () => identity });
    for (let i = 0; i < 2_000 && streams.count > 0; i++) api.services.bus.live(tenant.workspaceId, { kind: 'run', id: newRun() });
    expect(streams.count).toBe(0);
  });
});
