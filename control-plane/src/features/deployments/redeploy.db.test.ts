/**
 * The golden table: every field x { set in code, changed in code, removed from code, set by a person, removed by a person }
 * over a redeploy. Made from the field table: a new field has no sample below, and does not compile.
 */
import { DEPLOYMENT_FIELDS, type DeployInput, FIELD_NAMES, type FieldName, isOverridable } from '@signalbox/proto/api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestApi, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';

/** What code says first, what it says next, and what a person says; of a map: of its one key. */
type Sample = { readonly key?: string; readonly code: unknown; readonly next: unknown; readonly person: unknown };
const SAMPLES: { readonly [F in FieldName]: Sample } = {
  description: { code: 'first', next: 'second', person: '' },
  paused: { code: undefined, next: undefined, person: true },
  pool: { code: 'local', next: 'second', person: 'third' },
  queue: { code: 'fast', next: 'slow', person: 'night' },
  tags: { code: ['etl'], next: ['etl', 'new'], person: [] },
  parameterSchema: { code: { type: 'object' }, next: { type: 'object', title: 'new' }, person: undefined },
  parameters: { key: 'city', code: 'Berlin', next: 'Rome', person: null },
  concurrencyLimit: { code: 2, next: 3, person: null },
  concurrency: {
    code: { limit: 2, key: '{{ parameters.city }}', strategy: 'ENQUEUE', gracePeriodMs: null },
    next: { limit: 3, key: '{{ parameters.city }}', strategy: 'CANCEL_NEW', gracePeriodMs: null },
    person: null,
  },
  retry: { code: { retries: 1, delaysMs: [0] }, next: { retries: 2, delaysMs: [0] }, person: { retries: 0, delaysMs: [] } },
  timeoutMs: { code: 60_000, next: 120_000, person: null },
  graceMs: { code: 5_000, next: 6_000, person: 0 },
  startTimeoutMs: { code: 70_000, next: 80_000, person: null },
  isolation: { code: 'reuse', next: 'fresh', person: 'fresh' },
  onLostAgent: { code: 'retry', next: 'requeue', person: 'crash' },
  variables: { key: 'env.LOG', code: 'info', next: 'warn', person: 'debug' },
};

const REF = { deployment: 'weather/daily' };
const pathOf = (field: FieldName) => (SAMPLES[field].key ? `${field}.${SAMPLES[field].key}` : field);

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

async function yard(): Promise<Tenant> {
  const tenant = await api.tenant();
  for (const pool of ['second', 'third']) await tenant.owner.workPools.create({ name: pool });
  for (const pool of ['local', 'second', 'third'])
    for (const name of ['fast', 'slow', 'night']) await tenant.owner.workPools.upsertQueue({ pool, name });
  return tenant;
}

/** All fields as code says them; `none`: only what a deploy cannot be without. */
function code(which: 'code' | 'next' | 'none'): DeployInput {
  const fields = FIELD_NAMES.filter((field) => which !== 'none' && SAMPLES[field][which] !== undefined).map((field) => {
    const { key, [which as 'code']: value } = SAMPLES[field];
    const [first = '', inner] = key?.split('.') ?? [];
    return [field, key ? { [first]: inner ? { [inner]: value } : value } : value];
  });
  return deployOf({ digest: 'sha256:same', ...Object.fromEntries(fields) });
}

const set = (tenant: Tenant, removed: boolean) =>
  tenant.owner.deployments.setOverlay({
    ...REF,
    reason: 'golden',
    // A pool may be replaced, not removed: it has no default.
    set: FIELD_NAMES.filter((field) => isOverridable(field) && !(removed && field === 'pool')).map((field) => ({
      path: pathOf(field),
      ...(removed ? { removed: true } : { value: SAMPLES[field].person }),
    })),
  });

const steps: readonly (readonly [
  title: string,
  act: (tenant: Tenant) => Promise<unknown>,
  ...then: ((tenant: Tenant) => Promise<unknown>)[],
])[] = [
  ['set in code', (t) => t.owner.deployments.deploy(code('code'))],
  ['then changed in code', (t) => t.owner.deployments.deploy(code('next'))],
  ['then set by a person', (t) => set(t, false)],
  ['redeployed as it was', (t) => t.owner.deployments.deploy(code('code'))],
  ['removed from code', (t) => t.owner.deployments.deploy(code('none'))],
  ['then reset', (t) => t.owner.deployments.resetOverlay(REF)],
  ['in code again, removed by a person', (t) => t.owner.deployments.deploy(code('next')), (t) => set(t, true)],
  ['redeployed with changes', (t) => t.owner.deployments.deploy(code('code'))],
  ['then reset again', (t) => t.owner.deployments.resetOverlay(REF)],
];

it('every field over a redeploy comes to what the golden table says', async () => {
  const tenant = await yard();
  const columns: Map<string, string>[] = [];
  for (const [, ...acts] of steps) {
    for (const act of acts) await act(tenant);
    const { fields } = await tenant.owner.deployments.describe(REF);
    const cells = new Map(
      fields.map((field) => [field.path, `${'value' in field ? JSON.stringify(field.value) : 'gone'} (${field.from})`]),
    );
    columns.push(cells);
    await expectDispatchAgrees(tenant);
  }
  const rows = FIELD_NAMES.map((field) => [`\`${pathOf(field)}\``, ...columns.map((cells) => cells.get(pathOf(field)) ?? 'not set')]);
  const lines = [['field', ...steps.map(([title]) => title)], Array.from({ length: steps.length + 1 }, () => '---'), ...rows];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
  await expect(`${HEADER}${table}`).toMatchFileSnapshot('golden/redeploy.md');
}, 90_000);

/** What dispatch reads is what is told to people. */
async function expectDispatchAgrees(tenant: Tenant): Promise<void> {
  const { fields } = await tenant.owner.deployments.describe(REF);
  const told = new Map(fields.map((field) => [field.path, field.value]));
  const row = await api.db.system.deployment.findFirstOrThrow({
    where: { workspaceId: tenant.workspaceId },
    include: { pool: true, queue: true },
  });
  const { config } = await api.db.system.deploymentVersion.findUniqueOrThrow({ where: { id: row.versionId } });
  const { parameters, variables, ...read } = {
    ...(config as { variables?: { env?: Record<string, unknown> } }),
    ...row,
    parameters: row.parameters as Record<string, unknown>,
    pool: row.pool?.name,
    queue: row.queue?.name,
  };
  for (const field of FIELD_NAMES.filter((each) => DEPLOYMENT_FIELDS[each].merge !== 'merge-by-key'))
    expect(read, field).toMatchObject({ [field]: told.get(field) });
  expect(parameters['city']).toEqual(told.get('parameters.city'));
  expect(variables?.env?.['LOG'] ?? undefined).toEqual(told.get('variables.env.LOG'));
}

const HEADER = `# Every field over a redeploy

One deployment, step by step from left to right; each cell is the effective value and the layer it comes from. Written by
redeploy.db.test.ts from the table of fields (proto/src/api/deployment-fields.ts); what dispatch reads is compared at each step.

`;
