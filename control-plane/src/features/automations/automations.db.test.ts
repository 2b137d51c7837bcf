/** Automations as they are written down: who may, what is refused, and what a change leaves alone. */
import type { AutomationDefinitionInput } from '@signalbox/proto/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { accessOf } from '../../domain/access.ts';

let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi();
  tenant = await api.tenant();
});
afterAll(() => api[Symbol.asyncDispose]());

let count = 0;
const definition = (more: Partial<AutomationDefinitionInput> = {}): AutomationDefinitionInput => ({
  name: `automation ${++count}`,
  trigger: { type: 'event', expect: ['run.Failed'] },
  onTrigger: [{ type: 'retry-run' }],
  ...more,
});

describe('an automation', () => {
  it('is made, listed, changed, switched and deleted, each with its audit row', async () => {
    const { owner } = tenant;
    const made = await owner.automations.create(definition({ name: 'failures' }));
    expect(made).toMatchObject({ enabled: true, owner: { kind: 'operator', name: tenant.ownerEmail }, problem: null, lastFiredAt: null });
    expect((await owner.automations.list({ search: 'FAIL' })).items.map(({ id }) => id)).toEqual([made.id]);
    await owner.automations.update({ automation: 'failures', description: 'of the night' });
    expect(await owner.automations.get({ automation: made.id })).toMatchObject({ description: 'of the night', trigger: made.trigger });
    expect((await owner.automations.disable({ automation: made.id })).enabled).toBe(false);
    await owner.automations.delete({ automation: made.id });
    expect((await refusal(owner.automations.get({ automation: made.id }))).code).toBe('NOT_FOUND');
    expect(await tenant.audit('automation.create')).toMatchObject([
      { targetKind: 'automation', after: { name: 'failures', trigger: 'event', onTrigger: ['retry-run'] } },
    ]);
    expect(await tenant.audit('automation.update')).toMatchObject([
      { before: { description: '' }, after: { description: 'of the night' } },
    ]);
  });

  it('is applied from a file: made, then unchanged, then changed', async () => {
    const file = definition();
    const outcomes = [];
    for (const each of [file, file, { ...file, description: 'new' }]) {
      const { outcome, changes } = await tenant.owner.automations.upsert(each);
      outcomes.push([outcome, outcome === 'updated' ? changes : null]);
    }
    expect(outcomes).toEqual([
      ['created', null],
      ['unchanged', null],
      ['updated', ['description']],
    ]);
  });

  it('of a name that is taken is a conflict', async () => {
    const { name } = await tenant.owner.automations.create(definition());
    expect(await refusal(tenant.owner.automations.create(definition({ name })))).toMatchObject({
      code: 'CONFLICT',
      message: `There is an automation "${name}" already.`,
    });
  });

  it('does no more than who saves it may', async () => {
    const deletes = definition({ onTrigger: [{ type: 'delete-run' }] });
    expect(await refusal(tenant.as('operator').automations.create(deletes))).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('onTrigger.0'),
    });
    const made = await tenant.as('developer').automations.create({ ...deletes, enabled: false });
    expect((await refusal(tenant.as('operator').automations.enable({ automation: made.id }))).code).toBe('FORBIDDEN');
    const resumes = definition({ onTrigger: [{ type: 'resume-automation', automation: made.id }] });
    expect((await refusal(tenant.as('operator').automations.create(resumes))).code).toBe('FORBIDDEN');
  });

  it('reads no more than who saves, tests or previews it may', async () => {
    await tenant.owner.variables.set({ name: 'token', value: 'canary-variable' });
    await tenant.owner.events.emit({ events: [{ name: 'secret.told', resource: { id: 'x' }, payload: { word: 'canary-event' } }] });
    const { organizationId, workspaceId } = tenant;
    const may = (...scopes: string[]) =>
      tenant.withAccess(
        accessOf([{ source: 'grant', grantId: null, team: null, organizationId, workspaceId, object: null, role: 'made', scopes }]),
      );
    const writer = may('automations:read', 'automations:write', 'events:emit');
    const actions = [{ type: 'emit-event' as const, name: 'told', payload: { token: '{{ variables.token }}' } }];
    const call = { type: 'call-webhook' as const, url: 'https://example.com', headers: { 'X-Key': '{{ variables.token }}' } };
    const needs = async (asked: Promise<unknown>, scope: string) =>
      expect(await refusal(asked)).toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining(scope) });
    await needs(writer.automations.preview({ actions }), 'variables:read');
    await needs(writer.automations.preview({ actions: [{ type: 'cancel-run' }] }), 'events:read');
    await needs(writer.automations.test({ trigger: { type: 'event', expect: ['secret.told'] } }), 'events:read');
    for (const onTrigger of [actions, [call]]) await needs(writer.automations.create(definition({ onTrigger })), 'variables:read');
    // Nor does what stands for a stored value hide what it names.
    const made = await tenant.owner.automations.create(definition({ onTrigger: [call], enabled: false }));
    await needs(writer.automations.update({ automation: made.id, description: 'x' }), 'variables:read');
    await needs(writer.automations.enable({ automation: made.id }), 'variables:read');
    await may('automations:write', 'variables:read').automations.enable({ automation: made.id });
  });

  it('names things of its workspace', async () => {
    const stranger = await api.tenant();
    const pool = await stranger.owner.workPools.create({ name: 'theirs' });
    for (const action of [
      { type: 'pause-work-pool' as const, pool: pool.id },
      { type: 'run-deployment' as const, deployment: 'no/such' },
    ])
      expect((await refusal(tenant.owner.automations.create(definition({ onTrigger: [action] })))).code).toBe('NOT_FOUND');
  });

  it.each<[string, Partial<AutomationDefinitionInput>, string]>([
    ['a retry of every run that is scheduled', { trigger: { type: 'event', expect: ['run.*'] } }, 'onTrigger.0'],
    [
      'a run of a deployment whenever any run completes',
      { trigger: { type: 'event', expect: ['run.Completed'] }, onTrigger: [{ type: 'run-deployment', deployment: 'flow/next' }] },
      'onTrigger.0',
    ],
    [
      'the same deployment once more after each run of it',
      {
        trigger: { type: 'event', expect: ['run.Completed'], matchRelated: { role: 'deployment', path: 'flow/one' } },
        onTrigger: [{ type: 'run-deployment' }],
      },
      'onTrigger.0',
    ],
    [
      'a notification of every notification that failed',
      { trigger: { type: 'event', expect: ['notification.*'] }, onTrigger: [{ type: 'send-notification', channel: 'ops' }] },
      'onTrigger.0',
    ],
    [
      'an event that it waits for',
      { trigger: { type: 'event', expect: ['ping'] }, onTrigger: [{ type: 'emit-event', name: 'ping', resource: { id: 'x' } }] },
      'onTrigger.0',
    ],
    [
      'a header that HTTP does not take',
      { onTrigger: [{ type: 'call-webhook', url: 'https://example.com', headers: { Authorization: 'Bearer\nx' } }] },
      'onTrigger.0.headers.Authorization',
    ],
    [
      'a header with a template that cannot be read',
      { onTrigger: [{ type: 'call-webhook', url: 'https://example.com', headers: { Authorization: 'Bearer {{ x' } }] },
      'onTrigger.0.headers.Authorization',
    ],
    [
      'a header that nobody sent',
      { onTrigger: [{ type: 'call-webhook', url: 'https://example.com', headers: { Authorization: '(sealed)' } }] },
      'onTrigger.0.headers.Authorization',
    ],
    ['an address of another kind', { onTrigger: [{ type: 'call-webhook', url: 'file:///etc/passwd' }] }, 'onTrigger.0.url'],
    [
      'a CloudEvent with a body of its own',
      { onTrigger: [{ type: 'call-webhook', url: 'https://example.com', format: 'cloudevents', body: {} }] },
      'onTrigger.0.format',
    ],
    ['actions on what never resolves', { onResolve: [{ type: 'retry-run' }] }, 'onResolve'],
  ])('is refused with the field where it is %s', async (_what, more, field) => {
    const refused = await refusal(tenant.owner.automations.create(definition(more)));
    expect(refused).toMatchObject({ code: 'INVALID_INPUT', issues: [{ field }] });
  });

  it('is tested on the events that were', async () => {
    await tenant.owner.events.emit({ events: [{ name: 'ping', resource: { id: 'x' } }] });
    const { sequence } = await import('../events/index.ts');
    while ((await sequence(api.db.systemSql)).count > 0);
    expect(await tenant.owner.automations.test({ trigger: { type: 'event', expect: ['ping'] } })).toMatchObject({ count: 1 });
  });
});
