/** Service levels through the API, and what the loop makes of runs and assets as they are. */
import { toUuid } from '@signalbox/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';
import { positionAll } from '../../../test/events.ts';
import { evaluateSlas } from './evaluate.ts';

let api: TestApi;
let tenant: Tenant;
let deployment: `dep_${string}`;

beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(async () => {
  tenant = await api.tenant();
  deployment = (await tenant.owner.deployments.deploy(deployOf({}))).deployment.id;
});
afterAll(() => api?.[Symbol.asyncDispose]());

type Create = Parameters<Tenant['owner']['slas']['create']>[0];
async function promise(kind: Create['kind'], over: Partial<Create> = {}) {
  const about = kind === 'freshness' ? { asset: 's3://out/orders' } : { deployment };
  const sla = await tenant.owner.slas.create({ name: kind, kind, seconds: 60, severity: 'high', ...about, ...over });
  // As if it had been promised a day ago.
  await api.db.systemSql.query(`UPDATE sla SET since = now() - interval '1 day' WHERE id = $1`, [toUuid('sla', sla.id)]);
  return sla;
}
/** Two replicas at once. */
const look = () => Promise.all([evaluateSlas(api.db.systemSql), evaluateSlas(api.db.systemSql)]);
async function heard() {
  await positionAll(api.db.systemSql);
  return (await tenant.owner.events.list({ names: ['sla.*'] })).items.map(({ name }) => name).reverse();
}
const violations = async () => (await tenant.owner.slas.violations({})).items;
const dispatch = (run: string, set: string) =>
  api.db.systemSql.query(`UPDATE run_dispatch SET ${set} WHERE run_id = $1`, [toUuid('run', run)]);

describe('a promise', () => {
  test('of lateness is broken once a run that is due and does not start, and met when it starts', async () => {
    const sla = await promise('lateness');
    const run = await tenant.owner.runs.create({ deployment });
    await look();
    expect(await violations()).toEqual([]);
    await dispatch(run.id, `due_at = now() - interval '2 minutes'`);
    await look();
    await look();
    expect(await violations()).toMatchObject([{ sla: { id: sla.id, kind: 'lateness' }, run: { id: run.id, name: run.name }, metAt: null }]);
    expect(await heard()).toEqual(['sla.violated']);
    expect(await tenant.owner.slas.list({ deployment })).toMatchObject([{ unmet: 1, lastViolatedAt: expect.any(String) }]);
    await dispatch(run.id, `state_type = 'RUNNING', state_name = 'Running', started_at = now(), first_started_at = now()`);
    await look();
    expect(await heard()).toEqual(['sla.violated', 'sla.met']);
    expect((await violations())[0]?.metAt).not.toBeNull();
  });

  test('of completion is broken by a run that takes longer, also when it ends between two looks', async () => {
    await promise('completion');
    const [slow, past] = [await tenant.owner.runs.create({ deployment }), await tenant.owner.runs.create({ deployment })];
    await dispatch(slow.id, `state_type = 'RUNNING', state_name = 'Running', started_at = now() - interval '2 minutes'`);
    await tenant.owner.runs.setState({ run: past.id, type: 'COMPLETED', reason: 'test' });
    await api.db.systemSql.query(`UPDATE run SET started_at = ended_at - interval '3 minutes' WHERE id = $1`, [toUuid('run', past.id)]);
    await look();
    expect((await violations()).map(({ run }) => run?.id).sort()).toEqual([slow.id, past.id].sort());
    await look();
    // What ended is over at once.
    expect((await heard()).sort()).toEqual(['sla.met', 'sla.violated', 'sla.violated']);
    // No agent holds it: a person may say how it ended.
    await dispatch(slow.id, `state_type = 'SCHEDULED', state_name = 'Scheduled'`);
    await tenant.owner.runs.setState({ run: slow.id, type: 'FAILED', reason: 'test' });
    await look();
    expect((await violations()).every(({ metAt }) => metAt !== null)).toBe(true);
  });

  test('of frequency is broken while no run completes, once, and kept again by the next', async () => {
    await promise('frequency');
    await look();
    await look();
    expect(await violations()).toMatchObject([{ sla: { kind: 'frequency' }, run: null, metAt: null }]);
    const run = await tenant.owner.runs.create({ deployment });
    await tenant.owner.runs.setState({ run: run.id, type: 'COMPLETED', reason: 'test' });
    await look();
    await look();
    expect(await heard()).toEqual(['sla.violated', 'sla.met']);
    await api.db.systemSql.query(`UPDATE run SET ended_at = now() - interval '2 minutes' WHERE id = $1`, [toUuid('run', run.id)]);
    await look();
    expect(await heard()).toEqual(['sla.violated', 'sla.met', 'sla.violated']);
  });

  test('of freshness is broken by an asset that is not made, or was made too long ago', async () => {
    await promise('freshness');
    await look();
    expect(await heard()).toEqual(['sla.violated']);
    await api.db.systemSql.query(`INSERT INTO asset (workspace_id, uri, last_materialized_at) VALUES ($1, 's3://out/orders', now())`, [
      tenant.workspaceId,
    ]);
    await look();
    expect(await heard()).toEqual(['sla.violated', 'sla.met']);
    await api.db.systemSql.query(`UPDATE asset SET last_materialized_at = now() - interval '2 minutes' WHERE workspace_id = $1`, [
      tenant.workspaceId,
    ]);
    await look();
    expect(await heard()).toEqual(['sla.violated', 'sla.met', 'sla.violated']);
  });

  test('that is new, or switched off, is broken by nothing', async () => {
    const { slas } = tenant.owner;
    const sla = await slas.create({ name: 'new', kind: 'frequency', deployment, seconds: 60 });
    await look();
    await promise('freshness');
    await look();
    expect((await violations()).map(({ sla: { kind } }) => kind)).toEqual(['freshness']);
    const [fresh] = await slas.list({ asset: 's3://out/orders' });
    expect(fresh).toMatchObject({ kind: 'freshness', asset: 's3://out/orders' });
    expect((await slas.violations({ asset: 's3://out/orders' })).items).toHaveLength(1);
    expect([await slas.list({ asset: 's3://other' }), (await slas.violations({ asset: 's3://other' })).items]).toEqual([[], []]);
    await slas.update({ sla: fresh?.id ?? sla.id, isEnabled: false });
    await look();
    expect(await heard()).toEqual(['sla.violated', 'sla.met']);
    await slas.update({ sla: fresh?.id ?? sla.id, isEnabled: true });
    await look();
    expect(await heard()).toHaveLength(2);
  });
});

test('of code is owned by its deployment; what people promised and switched off stays', async () => {
  const { slas, deployments } = tenant.owner;
  const deploy = async (wanted?: Parameters<typeof deployments.deploy>[0]['slas']) =>
    (await deployments.deploy({ ...deployOf({}), ...(wanted && { slas: wanted }) })).changes;
  const shown = async () => (await slas.list({})).map(({ name, seconds, isEnabled, origin }) => [name, seconds, isEnabled, origin]);
  await slas.create({ name: 'by hand', kind: 'lateness', deployment, seconds: 60 });
  const fresh = { kind: 'freshness', asset: 's3://out/orders', seconds: 60, name: 'orders' } as const;
  expect(await deploy([{ kind: 'completion', seconds: 60 }, fresh])).toEqual([
    'service level "weather daily completion": added',
    'service level "orders": added',
  ]);
  const ofCode = (await slas.list({ deployment })).find(({ origin }) => origin === 'code');
  if (!ofCode) throw new Error('nothing came from code');
  for (const call of [() => slas.update({ sla: ofCode.id, seconds: 90 }), () => slas.delete({ sla: ofCode.id })])
    expect(await refusal(call())).toMatchObject({ code: 'PRECONDITION_FAILED', message: expect.stringContaining('declared in code') });
  await slas.update({ sla: ofCode.id, isEnabled: false });
  expect(await deploy()).toEqual([]);
  expect(await deploy([{ kind: 'completion', seconds: 90, severity: 'high' }])).toEqual([
    'service level "orders": removed',
    'service level "weather daily completion": seconds 60 -> 90',
    'service level "weather daily completion": severity moderate -> high',
  ]);
  expect(await shown()).toEqual([
    ['by hand', 60, true, 'operator'],
    ['weather daily completion', 90, false, 'code'],
  ]);
  expect((await refusal(deploy([{ name: 'by hand', kind: 'lateness', seconds: 60 }]))).message).toMatch(/already/);
  expect((await refusal(deploy([fresh, fresh]))).message).toMatch(/slas.1.name: expected a name of its own/);
  expect((await refusal(deploy([{ kind: 'freshness', seconds: 60 }]))).message).toMatch(/slas.0.asset/);
  await deploy([]);
  expect(await shown()).toEqual([['by hand', 60, true, 'operator']]);
});

describe('a service level', () => {
  test('is about a deployment or an asset, has a name of its own, and is made, changed and deleted', async () => {
    const { slas } = tenant.as('operator');
    const sla = await slas.create({ name: 'nightly', kind: 'completion', deployment, seconds: 3_600 });
    expect(await slas.update({ sla: sla.id, seconds: 60, severity: 'critical' })).toMatchObject({
      name: 'nightly',
      seconds: 60,
      severity: 'critical',
    });
    const wrong = [
      [() => slas.create({ name: 'nightly', kind: 'lateness', deployment, seconds: 60 }), /already/],
      [() => slas.create({ name: 'x', kind: 'freshness', deployment, seconds: 60 }), /asset: expected the URI/],
      [() => slas.create({ name: 'x', kind: 'lateness', asset: 'a', deployment, seconds: 60 }), /asset: expected nothing/],
      [() => slas.create({ name: 'x', kind: 'lateness', seconds: 60 }), /deployment: expected the id/],
    ] as const;
    for (const [call, message] of wrong) expect((await refusal(call())).message).toMatch(message);
    const stranger = (await api.tenant()).owner.slas;
    for (const call of [
      () => stranger.update({ sla: sla.id, name: 'mine' }),
      () => stranger.delete({ sla: sla.id }),
      () => stranger.create({ name: 'x', kind: 'lateness', deployment, seconds: 60 }),
    ])
      expect(await refusal(call())).toMatchObject({ code: 'NOT_FOUND' });
    expect(await slas.delete({ sla: sla.id })).toEqual({ deleted: true });
    expect(await tenant.audit('sla.update')).toHaveLength(1);
  });
});
