import { randomUUID } from 'node:crypto';
import { uuidv7 } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';
import { renderJob } from '../../domain/layers/pool-template.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { claimRuns } from '../dispatch/store/claim-runs.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const REF = { deployment: 'weather/daily' };
const template = {
  variables: {
    type: 'object',
    properties: {
      memoryMb: { type: 'integer', minimum: 64, default: 512 },
      env: { type: 'object', default: { REGION: 'eu', LOG: 'warn' } },
    },
    additionalProperties: false,
  },
  job: { env: '{{ env }}', nodeArgs: ['--max-old-space-size={{ memoryMb }}'] },
};

async function yard(): Promise<Tenant> {
  const tenant = await api.tenant();
  await tenant.owner.workPools.setTemplate({ pool: 'local', template });
  return tenant;
}

/** What the launcher is told of the runs that an agent gets. */
async function claimed(tenant: Tenant): Promise<Record<string, unknown>[]> {
  const agentId = uuidv7(Date.now());
  await api.db.system.agent.create({
    data: { id: agentId, workspaceId: tenant.workspaceId, poolId: tenant.poolId, name: agentId, publicKey: agentId, slots: 9, session: 1 },
  });
  const answer = await claimRuns(sqlOfClient(api.db.reportSql), {
    workspaceId: tenant.workspaceId,
    agentId,
    session: 1,
    claimId: randomUUID(),
    free: 9,
    warm: [],
    prefetchMs: 0,
    startReportMs: 15_000,
    leaseMs: 60_000,
  });
  if (answer.refused) throw new Error(answer.refused);
  return answer.runs.map((run) => renderJob(run.pool, run.config.variables, run.variables));
}

describe('a template', () => {
  it('merges pool, code, person and run into what the launcher is told', async () => {
    const own = await yard();
    await own.owner.deployments.deploy(deployOf({ variables: { env: { LOG: 'info', OWN: '1' } } }));
    const set = [{ path: 'variables.env.LOG', value: 'debug' }];
    await own.owner.deployments.setOverlay({ ...REF, set, reason: 'a look' });
    await own.owner.runs.create({ ...REF, variables: { memoryMb: 2_048, env: { REGION: null } } });
    expect(await claimed(own)).toEqual([{ env: { LOG: 'debug', OWN: '1' }, nodeArgs: ['--max-old-space-size=2048'] }]);
    const { fields } = await own.owner.deployments.describe(REF);
    expect(fields.filter(({ field }) => field === 'variables').map(({ path, value, from }) => [path, value, from])).toEqual([
      ['variables.env.LOG', 'debug', 'overlay'],
      ['variables.env.OWN', '1', 'code'],
      ['variables.env.REGION', 'eu', 'pool'],
      ['variables.memoryMb', 512, 'pool'],
    ]);
  });

  it('that changes holds for runs that wait, too, and is given back', async () => {
    const own = await yard();
    await own.owner.deployments.deploy(deployOf());
    await own.owner.runs.create(REF);
    await own.owner.workPools.setTemplate({ pool: 'local', template: { ...template, job: { env: '{{ env }}' } } });
    expect(await claimed(own)).toEqual([{ env: { REGION: 'eu', LOG: 'warn' } }]);
    await own.owner.runs.create(REF);
    expect(await own.owner.workPools.setTemplate({ pool: 'local', template: null })).toMatchObject({ custom: false, launcher: 'process' });
    expect(await claimed(own)).toEqual([{}]);
  });

  it('refuses by name what code, a person or a run gives it', async () => {
    const own = await yard();
    const low = 'variables.memoryMb: expected >= 64, got 1';
    expect(await refusal(own.owner.deployments.deploy(deployOf({ variables: { memoryMb: 1 } })))).toMatchObject({
      code: 'INVALID_INPUT',
      message: low,
    });
    await own.owner.deployments.deploy(deployOf());
    const set = [{ path: 'variables.memoryMb', value: 1 }];
    expect(await refusal(own.owner.deployments.setOverlay({ ...REF, set, reason: 'x' }))).toMatchObject({ message: low });
    expect(await refusal(own.owner.runs.create({ ...REF, variables: { memoryMb: 1 } }))).toMatchObject({ message: low });
    const unknown = refusal(own.owner.runs.createMany({ ...REF, runs: [{}, { variables: { gpu: 1 } }] }));
    expect(await unknown).toMatchObject({ message: 'runs.1.variables.gpu: expected nothing: pool "local" has no such variable, got 1' });
    const large = await refusal(own.owner.runs.create({ ...REF, variables: { env: { A: 'x'.repeat(9_000) } } }));
    expect(large.message).toMatch(/^variables: expected at most 8192 bytes of JSON/);
  });

  it('that asks for what nobody gives lets a run bring it, and names the deployment meanwhile', async () => {
    const own = await api.tenant();
    await own.owner.deployments.deploy(deployOf());
    const asking = {
      ...template,
      variables: { ...template.variables, required: ['memoryMb'], properties: { memoryMb: { type: 'integer' } } },
      job: {},
    };
    const { conflicts } = await own.owner.workPools.setTemplate({ pool: 'local', template: asking });
    expect(conflicts).toEqual(['weather/daily: variables.memoryMb: expected a value: it is required']);
    expect(await refusal(own.owner.runs.create(REF))).toMatchObject({
      message: 'variables.memoryMb: expected a value: it is required, got nothing',
    });
    await own.owner.runs.create({ ...REF, variables: { memoryMb: 1 } });
  });

  it.each([
    ['a setting no launcher knows', { job: { image: 'node' } }, /^template\.job\.image: expected a setting of the launcher "process"/],
    [
      'a variable nobody declares',
      { job: { env: '{{ nope }}' } },
      /^template\.job: expected variables that template\.variables\.properties declares/,
    ],
    [
      'a schema that does not compile',
      { variables: { properties: { a: { type: 'text' } } }, job: {} },
      /^template\.variables: expected a JSON Schema/,
    ],
    [
      'a default that breaks it',
      { variables: { type: 'object', properties: { a: { type: 'integer', default: 'x' } } }, job: {} },
      /^template\.variables\.properties\.a: expected integer/,
    ],
    [
      'more than claims can carry',
      { variables: { type: 'object', properties: { a: { default: 'x'.repeat(5_000) } } }, job: {} },
      /^template: expected defaults and job of at most 4096 bytes/,
    ],
  ])('with %s is refused', async (_title, change, message) => {
    const own = await api.tenant();
    const refused = await refusal(own.owner.workPools.setTemplate({ pool: 'local', template: { ...template, ...change } }));
    expect(refused).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringMatching(message) });
    expect((await own.owner.workPools.getTemplate({ pool: 'local' })).custom).toBe(false);
  });

  it("is its own workspace's, and written with the scope; so are a run's variables", async () => {
    const own = await yard();
    await own.owner.deployments.deploy(deployOf());
    const stranger = await api.tenant();
    const { id } = await own.owner.workPools.get({ pool: 'local' });
    expect(await refusal(stranger.owner.workPools.setTemplate({ pool: id, template: null }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(stranger.owner.workPools.getTemplate({ pool: id }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(own.as('operator').workPools.setTemplate({ pool: 'local', template: null }))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusal(own.as('operator').runs.create({ ...REF, variables: {} }))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await own.audit('work-pool.set-template')).toMatchObject([
      { before: { custom: false }, after: { custom: true, job: ['env', 'nodeArgs'] } },
    ]);
  });
});
