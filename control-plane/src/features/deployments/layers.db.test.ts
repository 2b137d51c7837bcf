import type { DeployInput, EffectiveValue } from '@signalbox/proto/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';
import { expireOverlays } from './expire-overlays.ts';

let api: TestApi;
const REF = { deployment: 'weather/daily' };
const why = { ...REF, reason: 'slow today' };

beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

/** A tenant with the deployment, and what is asked of it most. */
async function yard(changes: Partial<DeployInput> = {}): Promise<Tenant & { field(path: string): Promise<EffectiveValue | undefined> }> {
  const tenant = await api.tenant();
  await tenant.owner.deployments.deploy(deployOf(changes));
  const field = async (path: string) => (await tenant.owner.deployments.describe(REF)).fields.find((each) => each.path === path);
  return { ...tenant, field };
}

/** What dispatch reads. */
const configOf = async (tenant: Tenant) => {
  const deployment = await api.db.system.deployment.findFirstOrThrow({ where: { workspaceId: tenant.workspaceId } });
  const version = await api.db.system.deploymentVersion.findUniqueOrThrow({ where: { id: deployment.versionId } });
  return version.config as Record<string, unknown>;
};
const expire = () => expireOverlays({ ...api.services, bus: api.services.bus as never });

describe('an overlay', () => {
  it('lies over code, tells who, why and what it hides, and reaches dispatch', async () => {
    const own = await yard({ timeoutMs: 300_000, parameters: { city: 'Berlin' } });
    await own.owner.deployments.setOverlay({
      ...why,
      set: [
        { path: 'timeoutMs', value: 600_000 },
        { path: 'parameters.city', value: 'Rome' },
        { path: 'concurrencyLimit', value: 3 },
      ],
    });
    expect(await own.field('timeoutMs')).toMatchObject({
      value: 600_000,
      from: 'overlay',
      layers: [
        { layer: 'default', value: null },
        { layer: 'code', value: 300_000 },
        { layer: 'overlay', value: 600_000 },
      ],
      overlay: { author: own.ownerEmail, reason: 'slow today', expiresAt: null },
    });
    expect(await configOf(own)).toMatchObject({ timeoutMs: 600_000 });
    const shown = await own.owner.deployments.get(REF);
    expect(shown).toMatchObject({ timeoutMs: 600_000, parameters: { city: 'Rome' }, concurrencyLimit: 3, overridden: 3 });
    const run = await own.owner.runs.create(REF);
    expect((await own.owner.runs.get({ run: run.id })).parameters).toMatchObject({ body: { city: 'Rome' } });
  });

  it('of no limit lifts the one that code gives with its strategy, until it is reset', async () => {
    const own = await yard({ concurrency: { limit: 1, strategy: 'CANCEL_NEW' } });
    const gate = async () =>
      (await api.db.system.deployment.findFirstOrThrow({ where: { workspaceId: own.workspaceId } })).concurrencyLimit;
    expect(await gate()).toBe(1);
    await own.owner.deployments.setOverlay({ ...why, set: [{ path: 'concurrencyLimit', value: null }] });
    expect(await gate()).toBe(null);
    await own.owner.deployments.resetOverlay({ ...REF, paths: ['concurrencyLimit'] });
    expect(await gate()).toBe(1);
  });

  it('is not touched by a deploy, which says what it hides', async () => {
    const own = await yard({ timeoutMs: 300_000 });
    await own.owner.deployments.setOverlay({ ...why, set: [{ path: 'timeoutMs', value: 600_000 }] });
    const input = deployOf({ digest: 'sha256:two', timeoutMs: 900_000, tags: ['etl'] });
    const planned = await own.owner.deployments.plan(input);
    const { diff, deployment } = await own.owner.deployments.deploy(input);
    expect(diff).toMatchObject([
      { path: 'digest', before: 'sha256:one', after: 'sha256:two', hiddenBy: null },
      { path: 'tags', after: ['etl'], hiddenBy: null },
      { path: 'timeoutMs', before: 300_000, after: 900_000, hiddenBy: { author: own.ownerEmail, reason: 'slow today', value: 600_000 } },
    ]);
    expect(planned.diff).toEqual(diff);
    expect(deployment).toMatchObject({ timeoutMs: 600_000, tags: ['etl'], version: 2 });
    expect(await configOf(own)).toMatchObject({ timeoutMs: 600_000 });
  });

  it('is reset to what code says by now', async () => {
    const own = await yard({ timeoutMs: 300_000, parameters: { a: 1, b: 2 } });
    const paths = ['timeoutMs', 'parameters.a', 'parameters.b', 'parameters.c'];
    await own.owner.deployments.setOverlay({ ...why, set: paths.map((path) => ({ path, value: 7 })) });
    await own.owner.deployments.deploy(deployOf({ timeoutMs: 900_000, parameters: { a: 1, b: 3 } }));
    await own.owner.deployments.resetOverlay({ ...REF, paths: ['timeoutMs', 'parameters'] });
    expect(await own.owner.deployments.get(REF)).toMatchObject({ timeoutMs: 900_000, parameters: { a: 1, b: 3 }, overridden: 0 });
    expect(await configOf(own)).toMatchObject({ timeoutMs: 900_000 });
    expect(await own.audit('deployment.reset-overlay')).toMatchObject([
      { before: { overlay: ['parameters.a', 'parameters.b', 'parameters.c', 'timeoutMs'] } },
    ]);
  });

  it('reaches runs that wait under an older version, too', async () => {
    const own = await yard({ timeoutMs: 300_000 });
    const { digest: old, id } = await own.owner.runs.get({ run: (await own.owner.runs.create(REF)).id });
    await own.owner.deployments.deploy(deployOf({ digest: 'sha256:two', timeoutMs: 300_000 }));
    await own.owner.deployments.setOverlay({ ...why, set: [{ path: 'timeoutMs', value: 600_000 }] });
    const configs = await api.db.system.deploymentVersion.findMany({
      where: { workspaceId: own.workspaceId },
      orderBy: { number: 'asc' },
    });
    expect(configs.map(({ digest, config }) => [digest, (config as { timeoutMs: number }).timeoutMs])).toEqual([
      ['sha256:one', 600_000],
      ['sha256:two', 600_000],
    ]);
    expect([old, (await own.owner.runs.get({ run: id })).digest]).toEqual(['sha256:one', 'sha256:one']);
  });

  it('tells absent, empty and null apart', async () => {
    const own = await yard({ tags: ['etl'], concurrencyLimit: 5, parameters: { city: 'Berlin', limit: 1 } });
    const set = [
      { path: 'tags', value: [] },
      { path: 'concurrencyLimit', value: null },
      { path: 'parameters.city', value: null },
      { path: 'parameters.limit', removed: true },
    ];
    await own.owner.deployments.setOverlay({ ...why, set });
    expect(await own.owner.deployments.get(REF)).toMatchObject({ tags: [], concurrencyLimit: null, parameters: { city: null } });
    expect((await own.owner.deployments.get(REF)).parameters).not.toHaveProperty('limit');
    expect(await own.field('parameters.limit')).toMatchObject({ from: 'overlay', overlay: { removed: true } });
    expect(await own.field('parameters.limit')).not.toHaveProperty('value');
  });

  it('ends by itself, in dispatch as well, with an audit row and a word to whoever waits', async () => {
    const own = await yard({ timeoutMs: 300_000 });
    await own.owner.deployments.setOverlay({ ...why, set: [{ path: 'timeoutMs', value: 600_000 }], expiresInMs: 3_600_000 });
    await own.owner.deployments.pause({ ...REF, reason: 'moving disks', expiresInMs: 3_600_000 });
    await expire();
    expect(await own.owner.deployments.get(REF)).toMatchObject({ paused: true, timeoutMs: 600_000 });
    await api.db.system.deploymentOverlay.updateMany({
      where: { workspaceId: own.workspaceId },
      data: { expiresAt: new Date(Date.now() - 1) },
    });
    api.sent.live.length = 0;
    await expire();
    expect(await own.owner.deployments.get(REF)).toMatchObject({ paused: false, timeoutMs: 300_000, overridden: 0 });
    expect(await configOf(own)).toMatchObject({ timeoutMs: 300_000 });
    expect(api.sent.live).toMatchObject([{ kind: 'deployment' }]);
    expect(await own.audit('deployment.overlay-expired')).toMatchObject([
      { actorName: 'overlay expiry', before: { overlay: [{ path: 'paused', reason: 'moving disks' }, { path: 'timeoutMs' }] } },
    ]);
  });

  it('is a pause, which says who and why, and ends with resume', async () => {
    const own = await yard();
    await own.owner.deployments.pause({ ...REF, reason: 'moving disks' });
    expect(await own.field('paused')).toMatchObject({ value: true, from: 'overlay', overlay: { reason: 'moving disks' } });
    await own.owner.deployments.resume(REF);
    expect(await own.field('paused')).toMatchObject({ value: false, from: 'default', overlay: null });
  });

  it('moves new runs to another pool and queue, and back', async () => {
    const own = await yard();
    await own.owner.workPools.create({ name: 'spare' });
    const missing = await refusal(own.owner.deployments.setOverlay({ ...why, set: [{ path: 'pool', value: 'mars' }] }));
    expect(missing).toMatchObject({ code: 'PRECONDITION_FAILED', message: expect.stringContaining('Work pool "mars" does not exist') });
    await own.owner.deployments.setOverlay({ ...why, set: [{ path: 'pool', value: 'spare' }] });
    expect((await own.owner.deployments.get(REF)).pool?.name).toBe('spare');
    await own.owner.workPools.delete({ pool: 'spare' });
    expect((await own.owner.deployments.get(REF)).pool).toBeNull();
    await own.owner.deployments.resetOverlay({ ...REF, paths: ['pool'] });
    expect((await own.owner.deployments.get(REF)).pool?.name).toBe('local');
  });

  it.each([
    [
      'code alone',
      { path: 'parameterSchema', value: {} },
      "set.0.path: expected a field that people may set; parameterSchema is code's alone",
    ],
    ['nobody', { path: 'digest', value: 'x' }, 'set.0.path: expected one of description, paused'],
    ['a whole map', { path: 'parameters', value: {} }, 'set.0.path: expected one key, such as parameters.name, got "parameters"'],
    ['a key of no map', { path: 'timeoutMs.a', value: 1 }, 'set.0.path: expected timeoutMs without a key, got "timeoutMs.a"'],
    ['a whole environment', { path: 'variables.env', value: {} }, 'set.0.path: expected one key, such as variables.env.NAME'],
    ['a wrong type', { path: 'timeoutMs', value: 'soon' }, 'timeoutMs: expected number, got "soon"'],
    ['no value', { path: 'timeoutMs' }, 'set.0.value: expected a value, or removed: true, got nothing'],
    ['what the schema refuses', { path: 'parameters.n', value: 'x' }, 'parameters.n: expected integer, got "x"'],
    [
      'what the pool refuses',
      { path: 'variables.gpu', value: 1 },
      'variables.gpu: expected nothing: pool "local" has no such variable, got 1',
    ],
  ])('of %s is refused by name, and writes nothing', async (_title, entry, message) => {
    const own = await yard({ parameterSchema: { type: 'object', properties: { n: { type: 'integer' } } } });
    const refused = await refusal(own.owner.deployments.setOverlay({ ...why, set: [entry] }));
    expect(refused).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining(message) });
    expect((await own.owner.deployments.get(REF)).overridden).toBe(0);
  });

  it('that no longer fits the code is told by the deploy that leaves it', async () => {
    const own = await yard();
    await own.owner.deployments.setOverlay({ ...why, set: [{ path: 'parameters.n', value: 'x' }] });
    const { warnings } = await own.owner.deployments.deploy(
      deployOf({ parameterSchema: { type: 'object', properties: { n: { type: 'integer' } } } }),
    );
    expect(warnings).toEqual([
      `parameters.n: set by ${own.ownerEmail} ("slow today"), but the code now expects integer. Its runs are refused.`,
    ]);
  });

  it("is set with the scope, in one's own workspace; variables need more", async () => {
    const own = await yard();
    const stranger = await api.tenant();
    const input = { ...why, set: [{ path: 'timeoutMs', value: 1_000 }] };
    for (const act of [
      () => stranger.owner.deployments.setOverlay(input),
      () => stranger.owner.deployments.resetOverlay(REF),
      () => stranger.owner.deployments.describe(REF),
      () => stranger.owner.deployments.versions(REF),
      () => stranger.owner.deployments.rollback({ ...REF, version: 1 }),
    ])
      expect(await refusal(act())).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(own.as('viewer').deployments.setOverlay(input))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusal(own.as('viewer').deployments.resetOverlay(REF))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusal(own.as('operator').deployments.plan(deployOf()))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusal(own.as('operator').deployments.rollback({ ...REF, version: 1 }))).toMatchObject({ code: 'FORBIDDEN' });
    await own.as('operator').deployments.setOverlay(input);
    const variables = { ...why, set: [{ path: 'variables.env.NODE_OPTIONS', value: '--require=/tmp/x' }] };
    expect(await refusal(own.as('operator').deployments.setOverlay(variables))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await own.audit('deployment.set-overlay')).toMatchObject([
      { after: { overlay: [{ path: 'timeoutMs', value: 1_000 }], reason: 'slow today' } },
    ]);
  });

  it('set by two at once holds both', async () => {
    const own = await yard();
    await Promise.all(
      ['a', 'b', 'c', 'd'].map((key) => own.owner.deployments.setOverlay({ ...why, set: [{ path: `parameters.${key}`, value: key }] })),
    );
    expect((await own.owner.deployments.get(REF)).parameters).toEqual({ a: 'a', b: 'b', c: 'c', d: 'd' });
  });
});

describe('a plan', () => {
  it('writes nothing, not even a flow', async () => {
    const tenant = await api.tenant();
    const reply = await tenant.owner.deployments.plan(deployOf());
    expect(reply).toMatchObject({ created: true, deployment: { name: 'daily' } });
    expect(await api.db.system.flow.count({ where: { workspaceId: tenant.workspaceId } })).toBe(0);
    expect(await tenant.audit('deployment.deploy')).toEqual([]);
    expect(await refusal(tenant.owner.deployments.plan(deployOf({ pool: 'mars' })))).toMatchObject({ code: 'PRECONDITION_FAILED' });
  });
});

describe('versions', () => {
  it('count what code said, tell who and what changed, and are rolled back to; the overlay stays', async () => {
    const own = await yard({ timeoutMs: 1_000 });
    await own.owner.deployments.deploy(deployOf({ timeoutMs: 1_000 }));
    await own.owner.deployments.deploy(deployOf({ digest: 'sha256:two', timeoutMs: 2_000 }));
    await own.owner.deployments.setOverlay({ ...why, set: [{ path: 'tags', value: ['kept'] }] });
    expect((await own.owner.deployments.versions(REF)).items).toMatchObject([
      {
        number: 2,
        digest: 'sha256:two',
        current: true,
        deployedBy: own.ownerEmail,
        changes: ['digest: sha256:one -> sha256:two', 'timeoutMs: 1000 -> 2000'],
      },
      { number: 1, digest: 'sha256:one', current: false, changes: [] },
    ]);
    const page = await own.owner.deployments.versions({ ...REF, limit: 1 });
    expect((await own.owner.deployments.versions({ ...REF, cursor: page.nextCursor ?? '' })).items).toMatchObject([{ number: 1 }]);

    const back = await own.owner.deployments.rollback({ ...REF, version: 1 });
    expect(back).toMatchObject({
      changes: ['digest: sha256:two -> sha256:one', 'timeoutMs: 2000 -> 1000'],
      deployment: { version: 1, tags: ['kept'] },
    });
    const run = await own.owner.runs.create(REF);
    expect((await own.owner.runs.get({ run: run.id })).digest).toBe('sha256:one');
    expect(await configOf(own)).toMatchObject({ timeoutMs: 1_000 });
    await own.owner.deployments.deploy(deployOf({ digest: 'sha256:three' }));
    expect((await own.owner.deployments.versions(REF)).items.map(({ number, current }) => [number, current])).toEqual([
      [3, true],
      [2, false],
      [1, false],
    ]);
    expect(await refusal(own.owner.deployments.rollback({ ...REF, version: 9 }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await own.audit('deployment.rollback')).toMatchObject([{ before: { version: 2 }, after: { version: 1 } }]);
  });
});
