/** Figures, deadlines, and triggers of code: against the rows that dispatch decides by. */
import { toId, toUuid } from '@signalbox/proto';
import type { AutomationDefinitionInput, DEADLINES, METRICS, TriggerInput } from '@signalbox/proto/api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';
import { createYard, type Yard } from '../../../test/dispatch.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { transitionRuns } from '../dispatch/index.ts';
import { evaluateStates } from './evaluate/evaluate-states.ts';
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

const make = (name: string, trigger: AutomationDefinitionInput['trigger']) =>
  tenant.owner.automations.create({ name, trigger, onTrigger: [{ type: 'pause-deployment' }], onResolve: [{ type: 'resume-deployment' }] });
/** What one look makes of one automation: kind and key of each firing. */
async function look(automation: string) {
  const made = await evaluateStates(api.db);
  return made.filter((each) => each.automation.id === toUuid('automation', automation)).map(({ kind, key }) => [kind, ...key]);
}

it('a run that runs for too long fires once, and resolves when it ends', async () => {
  const { id } = await make('too long', { type: 'deadline', condition: 'running-longer-than', seconds: 3_600 });
  await yard.addRuns(await yard.addDeployment(), 1);
  const agent = await yard.addAgent();
  const [claimed] = (await yard.claim(agent)).runs;
  if (!claimed) throw new Error('nothing was claimed');
  await yard.permit(agent, claimed);
  expect(await look(id)).toEqual([]);
  const { rows } = await api.db.systemSql.query<{ id: string }>(
    `UPDATE run_dispatch SET started_at = now() - interval '2 hours' WHERE state_type = 'RUNNING' RETURNING run_id AS id`,
  );
  const run = toId('run', rows[0]?.id ?? '');
  expect(await look(id)).toEqual([['triggered', run]]);
  expect(await look(id)).toEqual([]);
  expect(await tenant.owner.automations.get({ automation: id })).toMatchObject({ openCount: 1, problem: null });
  await inTransaction(api.db.systemSql, (sql) =>
    transitionRuns(sql, [{ runId: toUuid('run', run), intent: { kind: 'cancel', by: 'a test' } }]),
  );
  expect(await look(id)).toEqual([['resolved', run]]);
  const [, fired] = (await tenant.owner.automations.firings({ automation: id })).items;
  expect(fired).toMatchObject({
    why: expect.stringContaining('runs for over 3600 s'),
    event: { related: [{ role: 'deployment' }, {}, {}] },
  });
});

it('what a deadline fires is an event of its own too, though no event led to it', async () => {
  const { id } = await tenant.owner.automations.create({
    name: 'tells',
    trigger: { type: 'deadline', condition: 'not-started-by', seconds: 60 },
    onTrigger: [{ type: 'emit-event', name: 'told.late', payload: { for: '{{ firing.id }}' } }],
  });
  const [run = ''] = await yard.addRuns(await yard.addDeployment(), 1);
  await api.db.systemSql.query(`UPDATE run_dispatch SET due_at = now() - interval '2 hours' WHERE run_id = $1`, [run]);
  await evaluateStates(api.db);
  const outbox = openOutbox(api.services, templatesOf('http://localhost:4200'));
  while ((await outbox.turn()) > 0) await outbox.settled();
  const { items } = await tenant.owner.automations.firings({ automation: id });
  expect(items.find(({ key }) => key.includes(toId('run', run)))?.actions).toMatchObject([{ status: 'done', target: { kind: 'event' } }]);
});

it('runs that wait past their due instant are too many, and a share of failures too great, once', async () => {
  const deployment = await yard.addDeployment();
  const path = `weather/dep-${deployment}`;
  const depth = await make('depth', { type: 'metric', metric: 'queue-depth', about: { deployments: [path] }, operator: '>', threshold: 2 });
  const rate = await make('rate', {
    type: 'metric',
    metric: 'success-rate',
    each: 'deployment',
    about: { deployments: [path] },
    operator: '<',
    threshold: 0.5,
    leastRuns: 3,
  });
  const late = await make('late', { type: 'deadline', condition: 'not-started-by', seconds: 600, about: { deployments: [path] } });
  const none = await make('none', { type: 'deadline', condition: 'no-success-within', seconds: 3_600, about: { deployments: [path] } });
  await make('slow', { type: 'metric', metric: 'duration', operator: '>', threshold: 1_000_000 });
  await make('lateness', { type: 'metric', metric: 'lateness', each: 'pool', operator: '>', threshold: 1_000_000 });
  const runs = await yard.addRuns(deployment, 3, { dueAt: new Date(Date.now() - 3_600_000) });
  await api.db.systemSql.query("UPDATE run_dispatch SET due_at = now() - interval '1 hour' WHERE deployment_id = $1", [deployment]);
  expect(await look(depth.id)).toEqual([['triggered', 'workspace']]);
  await inTransaction(api.db.systemSql, (sql) =>
    transitionRuns(
      sql,
      runs.map((runId) => ({
        runId,
        intent: { kind: 'force', by: 'a test', to: { type: 'FAILED', name: 'Failed', reason: 'x' } } as const,
      })),
    ),
  );
  expect(await look(rate.id)).toEqual([['triggered', toId('deployment', deployment)]]);
  // Looked at together with the others, so that their firings came with those above.
  const kinds = async (automation: string) => (await tenant.owner.automations.firings({ automation })).items.map(({ kind }) => kind);
  expect(await kinds(depth.id)).toEqual(['resolved', 'triggered']);
  expect((await kinds(late.id)).sort()).toEqual(['resolved', 'resolved', 'resolved', 'triggered', 'triggered', 'triggered']);
  expect(await kinds(none.id)).toEqual([]);
  await api.db.systemSql.query(`UPDATE automation SET since_at = now() - interval '1 day' WHERE id = $1`, [toUuid('automation', none.id)]);
  await api.db.systemSql.query(`UPDATE deployment SET created_at = now() - interval '1 day' WHERE id = $1`, [deployment]);
  expect(await look(none.id)).toEqual([['triggered', toId('deployment', deployment)]]);
  const replayed = async (trigger: TriggerInput) => (await tenant.owner.automations.test({ trigger, days: 1 })).count;
  const about = { deployments: [path] };
  const figure = (metric: (typeof METRICS)[number], threshold: number) =>
    replayed({ type: 'metric', metric, about, operator: '>=', threshold, each: 'deployment' });
  expect([
    await figure('queue-depth', 3),
    await figure('queue-depth', 4),
    await figure('lateness', 0),
    await figure('duration', 0),
  ]).toEqual([1, 0, 0, 0]);
  expect(await replayed({ type: 'metric', metric: 'success-rate', about, operator: '<', threshold: 0.5 })).toBe(1);
  const overdue = (condition: (typeof DEADLINES)[number]) => replayed({ type: 'deadline', condition, seconds: 600, about });
  expect([await overdue('not-started-by'), await overdue('running-longer-than'), await overdue('no-success-within')]).toEqual([3, 0, 1]);

  // An attempt of an hour, on a pool that has a price since.
  await api.db.systemSql.query(
    `INSERT INTO attempt (retention_class, run_id, epoch, workspace_id, attempt, claimed_at, ended_at, state_type, state_name)
     SELECT retention_class, id, 1, workspace_id, 1, now() - interval '1 hour', now(), 'FAILED', 'Failed' FROM run WHERE id = $1`,
    [runs[0]],
  );
  expect(await figure('cost', 0)).toBe(0);
  const [pool] = (await tenant.owner.workPools.list({})).items;
  await tenant.owner.workPools.update({ pool: pool?.name ?? '', costPerHour: 1.25 });
  expect([await figure('cost', 1.2), await figure('cost', 1.3)]).toEqual([1, 0]);
  const cost = await make('cost', { type: 'metric', metric: 'cost', about, each: 'pool', operator: '>', threshold: 1.2 });
  expect(await look(cost.id)).toEqual([['triggered', pool?.id]]);
  const problems = (await tenant.owner.automations.list({ limit: 50 })).items.filter(({ problem }) => problem !== null);
  expect(problems.map(({ name, problem }) => [name, problem])).toEqual([]);
});

it('a trigger of code is an automation of its deployment, under what an operator lays over it', async () => {
  const trigger = { type: 'event' as const, expect: ['file.arrived'] };
  const deploy = (triggers?: Parameters<Tenant['owner']['deployments']['deploy']>[0]['triggers']) =>
    tenant.owner.deployments.deploy(deployOf({ name: 'triggered', ...(triggers ? { triggers } : {}) }));
  const { deployment } = await deploy([
    { trigger, parameters: { file: '{{ event.resource.id }}' } },
    { name: 'second', trigger },
  ]);
  const owned = () => tenant.owner.automations.list({ deployment: deployment.id }).then(({ items }) => items);
  expect(await owned()).toMatchObject([
    { name: 'second', owner: { kind: 'deployment' } },
    {
      name: 'weather triggered trigger 1',
      onTrigger: [{ type: 'run-deployment', deployment: deployment.id, parameters: { file: '{{ event.resource.id }}' } }],
    },
  ]);
  await tenant.owner.automations.update({ automation: 'second', enabled: false, reason: 'noisy' });
  const changed = await deploy([{ name: 'second', trigger: { ...trigger, expect: ['file.*'] }, description: 'new' }]);
  expect(changed.changes).toEqual([
    'trigger "second": description changed',
    'trigger "second": trigger changed',
    'trigger "weather triggered trigger 1": removed',
  ]);
  expect(await owned()).toMatchObject([
    { name: 'second', enabled: false, description: 'new', overlay: { fields: ['enabled'], reason: 'noisy' } },
  ]);
  expect((await deploy()).changes).toEqual([]);
  expect(await tenant.owner.automations.reset({ automation: 'second' })).toMatchObject({ enabled: true, overlay: null });
  await deploy([]);
  expect(await owned()).toEqual([]);
  expect((await refusal(tenant.owner.automations.get({ automation: 'second' }))).code).toBe('NOT_FOUND');
});
