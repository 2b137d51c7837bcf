/** Assets as reports tell of them, and as the API shows them. */
import { randomUUID } from 'node:crypto';
import { toId } from '@signalbox/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { createYard, type Yard } from '../../../test/dispatch.ts';
import { positionAll } from '../../../test/events.ts';
import { artifact } from '../../../test/report-entries.ts';
import { DEFAULT_TIMINGS } from '../../domain/run-snapshot.ts';
import { openReports, type Reports } from '../reports/index.ts';
import { openMeter } from '../usage/index.ts';

let api: TestApi;
let reports: Reports;
let tenant: Tenant;
let yard: Yard;

beforeAll(async () => {
  api = await openTestApi();
  const bus = { live() {}, nudge() {}, command: async () => {} };
  reports = openReports({
    db: api.db,
    bus,
    log: { warn() {}, error() {} },
    settings: DEFAULT_TIMINGS,
    usage: openMeter({ db: api.db, defaults: {} }),
  });
});
beforeEach(async () => {
  tenant = await api.tenant();
  yard = await createYard(api.db, tenant.workspaceId);
});
afterAll(() => api?.[Symbol.asyncDispose]());

async function running() {
  const agentId = await yard.addAgent();
  const [runId = ''] = await yard.addRuns(await yard.addDeployment());
  const claimed = (await yard.claim(agentId)).runs.find((run) => run.runId === runId);
  if (!claimed) throw new Error('not claimed');
  await yard.permit(agentId, claimed);
  const spoolId = randomUUID();
  const one = { run: toId('run', runId), epoch: Number(claimed.epoch) };
  let n = 0;
  /** Tells of assets, one entry each. */
  const tell = async (...told: { asset: string; at: string; outcome?: string; upstream?: string[]; [more: string]: unknown }[]) => {
    const entries = told.map(({ at, ...body }) => {
      const { ordinal: _, ...entry } = artifact(++n, one, '') as Record<string, unknown>;
      const report = {
        outcome: 'materialized',
        name: null,
        description: null,
        url: null,
        owners: [],
        taskRun: 'load',
        metadata: {},
        upstream: [],
      };
      return { ...entry, at, ordinal: n, kind: 'asset', key: null, data: { encoding: 'json', body: { ...report, ...body } } };
    });
    return reports.bulk({ workspaceId: yard.workspaceId, agentId }, { v: 1, session: 1, spoolId, entries }, 1_000);
  };
  return { ...one, runId, tell };
}

const DAY = (n: number) => `2026-11-0${n}T00:00:00.000Z`;

describe('an asset', () => {
  test('is known from what a task tells: its words, when it was made, from what, and by which run', async () => {
    const { tell, run } = await running();
    const told = { asset: 's3://lake/orders', name: 'Orders', owners: ['data'], metadata: { rows: 5 }, upstream: ['pg://shop/orders'] };
    expect(await tell({ ...told, at: DAY(1) })).toMatchObject({ exceptions: [] });
    const { assets } = tenant.owner;
    expect(await assets.get({ uri: 's3://lake/orders' })).toMatchObject({
      ...{ name: 'Orders', owners: ['data'], lastMaterializedAt: DAY(1), lastFailedAt: null, lastRun: run, upstream: 1, downstream: 0 },
    });
    expect(await assets.get({ uri: 'pg://shop/orders' })).toMatchObject({ lastMaterializedAt: null, lastRun: null, downstream: 1 });
    const { items } = await assets.materializations({ uri: 's3://lake/orders' });
    expect(items).toMatchObject([
      { at: DAY(1), outcome: 'materialized', run, taskRun: 'load', metadata: { rows: 5 }, upstream: ['pg://shop/orders'] },
    ]);
    expect(items[0]?.flow).not.toBe('');
  });

  test('that failed keeps when it was made and its lineage; a late report takes nothing back', async () => {
    const { tell } = await running();
    const asset = 's3://lake/orders';
    await tell(
      { asset, at: DAY(3), name: 'New', upstream: ['pg://new'] },
      { asset, at: DAY(4), outcome: 'failed', upstream: ['pg://other'] },
    );
    await tell({ asset, at: DAY(2), upstream: ['pg://old'] });
    expect(await tenant.owner.assets.get({ uri: asset })).toMatchObject({
      name: 'New',
      lastMaterializedAt: DAY(3),
      lastFailedAt: DAY(4),
      upstream: 1,
    });
    await tell({ asset, at: DAY(5), upstream: ['pg://newer'] });
    const { edges } = await tenant.owner.assets.graph({ uri: asset });
    expect(edges).toEqual([{ from: 'pg://newer', to: asset }]);
    const { items } = await tenant.owner.assets.materializations({ uri: asset });
    expect(items.map(({ at, outcome }) => [at, outcome])).toEqual([
      [DAY(5), 'materialized'],
      [DAY(4), 'failed'],
      [DAY(3), 'materialized'],
      [DAY(2), 'materialized'],
    ]);
  });

  test('becomes an event that names the run, with what it was made from', async () => {
    const { tell, run } = await running();
    await tell({ asset: 's3://a', at: DAY(1), upstream: ['s3://b'] });
    await positionAll(api.db.systemSql);
    const { items } = await tenant.owner.events.list({ names: ['asset.*'] });
    expect(items).toMatchObject([{ name: 'asset.materialized', resource: { id: 's3://a', kind: 'asset' } }]);
    expect(items[0]?.related).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ role: 'run', id: run }),
        expect.objectContaining({ role: 'upstream', id: 's3://b' }),
      ]),
    );
  });
});

describe('looking at assets', () => {
  test('by part of a name, by freshness, page by page', async () => {
    const { tell } = await running();
    const now = new Date().toISOString();
    await tell(
      { asset: 's3://a', at: DAY(1) },
      { asset: 's3://b', at: now, name: 'Bread' },
      { asset: 's3://c', at: now, upstream: ['pg://x'] },
    );
    const uris = async (input: object) => (await tenant.owner.assets.list(input)).items.map(({ uri }) => uri);
    expect(await uris({ text: 'BREAD' })).toEqual(['s3://b']);
    expect(await uris({ staleMs: 3_600_000 })).toEqual(['pg://x', 's3://a']);
    const first = await tenant.owner.assets.list({ limit: 3 });
    expect(first.nextCursor).toBe('s3://b');
    expect(await uris({ cursor: first.nextCursor ?? '' })).toEqual(['s3://c']);
  });

  test('as a graph goes both ways, up to its depth', async () => {
    const { tell } = await running();
    const chain = ['s3://1', 's3://2', 's3://3', 's3://4', 's3://5'];
    await tell(...chain.slice(1).map((asset, i) => ({ asset, at: DAY(1), upstream: [chain[i] ?? ''] })));
    const graph = await tenant.owner.assets.graph({ uri: 's3://3', depth: 1 });
    expect([graph.nodes.map(({ uri }) => uri), graph.edges, graph.isCut]).toEqual([
      ['s3://2', 's3://3', 's3://4'],
      [
        { from: 's3://2', to: 's3://3' },
        { from: 's3://3', to: 's3://4' },
      ],
      false,
    ]);
    expect((await tenant.owner.assets.graph({ uri: 's3://3' })).nodes).toHaveLength(5);
  });

  test("a stranger's is not found; one that is deleted goes with its history, with an audit row", async () => {
    const { tell } = await running();
    await tell({ asset: 's3://a', at: DAY(1) });
    const { assets: theirs } = (await api.tenant()).owner;
    const { assets } = tenant.owner;
    const uri = { uri: 's3://a' };
    for (const call of [theirs.get, theirs.graph, theirs.materializations, theirs.delete])
      expect(await refusal(call(uri))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await assets.delete(uri)).toEqual({ deleted: true });
    expect(await refusal(assets.get(uri))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await tenant.audit('asset.delete')).toHaveLength(1);
  });
});
