import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';

const DEPLOYMENT = 'weather/daily';
const SCHEMA = { type: 'object', properties: { year: { type: 'integer' } }, required: ['year'] };

let api: TestApi;
let tenant: Tenant;
let stranger: Tenant;

beforeAll(async () => {
  api = await openTestApi();
  [tenant, stranger] = await Promise.all([api.tenant(), api.tenant()]);
  await tenant.owner.deployments.deploy(deployOf({ parameterSchema: SCHEMA }));
});
afterAll(() => api[Symbol.asyncDispose]());

describe('createMany', () => {
  it('makes all of them, in order, with one audit row', async () => {
    const { runs } = await tenant.owner.runs.createMany({
      deployment: DEPLOYMENT,
      runs: [1, 2, 3].map((year) => ({ parameters: { year } })),
    });
    const made = await Promise.all(runs.map((run) => tenant.owner.runs.get({ run })));
    expect(made.map((run) => run.parameters.body)).toEqual([{ year: 1 }, { year: 2 }, { year: 3 }]);
    expect((await tenant.audit('run.create-many')).map((row) => row.after)).toEqual([
      expect.objectContaining({ runs: 3, deployment: DEPLOYMENT }),
    ]);
  });

  it('makes none when one is wrong, and says which', async () => {
    const before = await tenant.owner.runs.list({});
    const refused = await refusal(
      tenant.owner.runs.createMany({ deployment: DEPLOYMENT, runs: [{ parameters: { year: 1 } }, { parameters: { year: 'x' } }] }),
    );
    expect(refused).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ field: 'runs.1.parameters.year', expected: 'integer', received: '"x"' }],
    });
    expect(await tenant.owner.runs.list({})).toEqual(before);
  });

  it('takes at most a thousand', async () => {
    const runs = Array.from({ length: 1_001 }, () => ({ parameters: { year: 1 } }));
    expect(await refusal(tenant.owner.runs.createMany({ deployment: DEPLOYMENT, runs }))).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ field: 'runs' }],
    });
  });

  it('finds no deployment of another workspace', async () => {
    expect(await refusal(stranger.owner.runs.createMany({ deployment: DEPLOYMENT, runs: [{}] }))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
