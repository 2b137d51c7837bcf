import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';

let api: TestApi;
let tenant: Tenant;
let stranger: Tenant;
const REF = { deployment: 'weather/daily' };
const daily = { slug: 'daily', spec: { kind: 'cron' as const, cron: '0 6 * * *', timezone: 'Europe/Berlin' } };

beforeAll(async () => {
  api = await openTestApi();
  [tenant, stranger] = await Promise.all([api.tenant(), api.tenant()]);
});
afterAll(() => api[Symbol.asyncDispose]());

describe('deploy', () => {
  it('refuses variables that no claim could carry to an agent', async () => {
    const variables = { env: { BIG: 'x'.repeat(70_000) } };
    expect(await refusal(tenant.owner.deployments.deploy(deployOf({ variables })))).toMatchObject({
      code: 'INVALID_INPUT',
      message: 'variables: expected at most 65536 bytes of JSON, got 70018 bytes',
    });
  });

  it('makes flow, deployment, version and schedules, and says so', async () => {
    const { owner } = await api.tenant();
    const reply = await owner.deployments.deploy(deployOf({ schedules: [daily] }));
    expect(reply).toMatchObject({
      created: true,
      changes: [],
      deployment: { name: 'daily', flow: { name: 'weather' }, pool: { name: 'local' }, queue: 'default', paused: false },
    });
    expect(reply.deployment.schedules).toMatchObject([{ slug: 'daily', active: true, spec: { cron: '0 6 * * *' }, problem: null }]);
    expect(reply.deployment.schedules[0]?.nextFireAt).toMatch(/T0[45]:00:00\.000Z$/);
    expect((await owner.flows.list({})).items).toMatchObject([{ name: 'weather', deployments: 1 }]);
  });

  it('again with nothing changed changes nothing, and keeps the version', async () => {
    const own = await api.tenant();
    await own.owner.deployments.deploy(deployOf({ schedules: [daily] }));
    const again = await own.owner.deployments.deploy(deployOf({ schedules: [daily] }));
    expect(again).toMatchObject({ created: false, changes: [] });
    expect(await api.db.system.deploymentVersion.count({ where: { workspaceId: own.workspaceId } })).toBe(1);
  });

  it('prints what differs, pins new runs to the new digest, and leaves what people set alone', async () => {
    const own = await api.tenant();
    await own.owner.deployments.deploy(deployOf({ schedules: [daily] }));
    const old = await own.owner.runs.create(REF);
    await own.owner.deployments.pause(REF);
    const { changes, deployment } = await own.owner.deployments.deploy(
      deployOf({ digest: 'sha256:two', tags: ['etl'], retry: { retries: 2, delaysMs: [1_000] }, concurrencyLimit: 3, schedules: [] }),
    );
    expect(changes).toMatchInlineSnapshot(`
      [
        "digest: sha256:one -> sha256:two",
        "tags: not set -> ["etl"]",
        "concurrencyLimit: not set -> 3",
        "retry: not set -> {"retries":2,"delaysMs":[1000]}",
        "schedule daily: 0 6 * * * (Europe/Berlin) -> none",
      ]
    `);
    expect(deployment.paused).toBe(true);
    const fresh = await own.owner.runs.create(REF);
    expect((await own.owner.runs.get({ run: old.id })).digest).toBe('sha256:one');
    expect(await own.owner.runs.get({ run: fresh.id })).toMatchObject({
      digest: 'sha256:two',
      waitingFor: [`Deployment "weather/daily" is paused by ${own.ownerEmail}.`, 'Work pool "local" has no agent yet.'],
    });
  });

  it('twice at once makes one deployment, and tells who made it', async () => {
    const { owner } = await api.tenant();
    const replies = await Promise.all([owner.deployments.deploy(deployOf()), owner.deployments.deploy(deployOf())]);
    expect(replies.map((reply) => reply.created).sort()).toEqual([false, true]);
    expect(replies[0]?.deployment.id).toBe(replies[1]?.deployment.id);
  });

  it.each([
    [
      'an unknown pool',
      { pool: 'mars' },
      'PRECONDITION_FAILED',
      /^Work pool "mars" does not exist in workspace "t-\w+": make it first, then deploy\.$/,
    ],
    [
      'an unknown queue',
      { queue: 'urgent' },
      'PRECONDITION_FAILED',
      /^Work pool "local" has no queue "urgent": make it first, then deploy\.$/,
    ],
    [
      'a bad cron',
      { schedules: [{ slug: 'bad', spec: { kind: 'cron' as const, cron: '61 * * * *' } }] },
      'INVALID_INPUT',
      /^schedules\.0\.spec\.cron: field minute: expected 0-59, got 61$/,
    ],
    [
      'a schema that does not compile',
      { parameterSchema: { type: 'object', properties: { a: { type: 'text' } } } },
      'INVALID_INPUT',
      /^parameterSchema: expected a JSON Schema of draft 2020-12/,
    ],
    [
      'defaults that break the schema',
      { parameterSchema: { type: 'object', properties: { n: { type: 'integer' } } }, parameters: { n: 'x' } },
      'INVALID_INPUT',
      /^parameters\.n: expected integer, got "x"$/,
    ],
    [
      'a schedule whose parameters are not complete',
      { parameterSchema: { type: 'object', required: ['n'] }, schedules: [daily] },
      'INVALID_INPUT',
      /^schedules\.0\.parameters\.n: expected a value: it is required, got nothing$/,
    ],
    ['a name with a slash', { name: 'a/b' }, 'INVALID_INPUT', /^name: expected a name without/],
  ])('with %s is refused, and writes nothing', async (_title, changes, code, message) => {
    const own = await api.tenant();
    const refused = await refusal(own.owner.deployments.deploy(deployOf(changes)));
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await api.db.system.flow.count({ where: { workspaceId: own.workspaceId } })).toBe(0);
  });

  it('with concurrency says what the gate decides by, and says so again unchanged', async () => {
    const own = await api.tenant();
    const concurrency = { limit: 2, key: '{{ parameters.city }}', strategy: 'CANCEL_NEW' as const, gracePeriodMs: 120_000 };
    const { deployment } = await own.owner.deployments.deploy(deployOf({ concurrency, concurrencyLimit: 9 }));
    expect(deployment).toMatchObject({ concurrency, concurrencyLimit: 9 });
    const gate = () => api.db.system.deployment.findFirstOrThrow({ where: { workspaceId: own.workspaceId } });
    expect(await gate()).toMatchObject({
      concurrencyLimit: 9,
      keyLimit: 2,
      keyParts: [['city']],
      collision: 'CANCEL_NEW',
      slotGraceMs: 120_000n,
    });
    expect((await own.owner.deployments.deploy(deployOf({ concurrency, concurrencyLimit: 9 }))).changes).toEqual([]);
    await own.owner.deployments.deploy(deployOf());
    expect(await gate()).toMatchObject({ concurrencyLimit: null, keyLimit: null, keyParts: null, collision: 'ENQUEUE', slotGraceMs: null });
  });

  it.each([
    [{ concurrency: { limit: 1, key: '{{ city }}' } }, 'concurrency.key: expected text with places such as {{ parameters.customer }}'],
    [{ concurrency: { limit: 1 }, concurrencyLimit: 2 }, 'concurrencyLimit: expected to be left out where concurrency.limit is given'],
    [{ concurrency: { limit: 0 } }, 'concurrency.limit: '],
    [{ concurrency: { limit: 1, gracePeriodMs: 5 } }, 'concurrency.gracePeriodMs: '],
  ])('with %j is refused', async (changes, message) => {
    const { owner } = await api.tenant();
    const refused = await refusal(owner.deployments.deploy(deployOf(changes)));
    expect(refused).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining(message) });
  });

  it('to another pool takes along runs whose pool was deleted', async () => {
    const { owner } = await api.tenant();
    await owner.workPools.create({ name: 'old' });
    await owner.deployments.deploy(deployOf({ pool: 'old' }));
    const run = await owner.runs.create(REF);
    await owner.workPools.delete({ pool: 'old' });
    expect((await owner.runs.get({ run: run.id })).waitingFor).toEqual([
      'Its work pool was deleted: deploy the deployment to another pool.',
    ]);
    await owner.deployments.deploy(deployOf());
    expect((await owner.runs.get({ run: run.id })).pool?.name).toBe('local');
  });
});

describe('a deployment', () => {
  beforeAll(() => tenant.owner.deployments.deploy(deployOf()));

  it('is found by name and by id, by its own workspace alone', async () => {
    const found = await tenant.owner.deployments.get(REF);
    expect((await tenant.owner.deployments.get({ deployment: found.id })).name).toBe('daily');
    for (const deployment of ['weather/daily', found.id]) {
      for (const verb of ['get', 'pause', 'resume', 'delete'] as const) {
        expect(await refusal(stranger.owner.deployments[verb]({ deployment })), verb).toEqual({
          code: 'NOT_FOUND',
          message: `No deployment "${deployment}" in this workspace.`,
        });
      }
    }
    expect((await stranger.owner.deployments.list({})).items).toEqual([]);
  });

  it('is listed with its flow, by a part of its name', async () => {
    expect((await tenant.owner.deployments.list({ search: 'WEATH' })).items).toHaveLength(1);
    expect((await tenant.owner.deployments.list({ search: 'nothing' })).items).toEqual([]);
  });

  it('is written, paused and deleted only with the scope', async () => {
    expect((await refusal(tenant.as('operator').deployments.deploy(deployOf()))).code).toBe('FORBIDDEN');
    expect((await refusal(tenant.as('viewer').deployments.pause(REF))).code).toBe('FORBIDDEN');
    expect((await refusal(tenant.as('viewer').deployments.resume(REF))).code).toBe('FORBIDDEN');
    expect((await refusal(tenant.as('operator').deployments.delete(REF))).code).toBe('FORBIDDEN');
  });

  it('leaves an audit row of each command', async () => {
    await tenant.owner.deployments.pause(REF);
    await tenant.owner.deployments.resume(REF);
    expect(await tenant.audit('deployment.pause')).toMatchObject([{ before: { paused: false }, after: { paused: true } }]);
    expect(await tenant.audit('deployment.resume')).toMatchObject([{ before: { paused: true }, after: { paused: false } }]);
    expect(await tenant.audit('deployment.deploy')).toMatchObject([
      { before: null, after: { flow: 'weather', name: 'daily', digest: 'sha256:one' } },
    ]);
  });

  it('that was deleted is deleted for the second one who asks, too', async () => {
    const { owner } = await api.tenant();
    await owner.deployments.deploy(deployOf({ schedules: [daily] }));
    const results = await Promise.allSettled([owner.deployments.delete(REF), owner.deployments.delete(REF)]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await owner.flows.list({})).items).toMatchObject([{ deployments: 0 }]);
  });
});

describe('a schedule', () => {
  it('is switched off and on by people, with an audit row, and previewed without being stored', async () => {
    const own = await api.tenant();
    const { deployment } = await own.owner.deployments.deploy(deployOf({ schedules: [daily] }));
    const schedule = deployment.schedules[0]?.id ?? '';
    expect(await own.owner.schedules.setActive({ schedule, active: false })).toMatchObject({ active: false, nextFireAt: null });
    expect((await own.owner.deployments.deploy(deployOf({ schedules: [daily] }))).deployment.schedules[0]?.active).toBe(false);
    expect(await own.audit('schedule.set-active')).toMatchObject([{ before: { active: true }, after: { active: false } }]);
    expect((await refusal(stranger.owner.schedules.setActive({ schedule, active: true }))).code).toBe('NOT_FOUND');
    expect((await refusal(own.as('viewer').schedules.setActive({ schedule, active: true }))).code).toBe('FORBIDDEN');
    expect((await own.owner.schedules.preview({ spec: daily.spec, count: 3 })).fires).toHaveLength(3);
    expect((await refusal(own.owner.schedules.preview({ spec: { ...daily.spec, timezone: 'Mars/Olympus' } }))).message).toBe(
      'spec.timezone: expected an IANA time zone such as Europe/Berlin or UTC, got "Mars/Olympus"',
    );
  });
});
