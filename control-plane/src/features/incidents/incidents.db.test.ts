/** Incidents as people work on them through the API, and as automations declare and resolve them. */
import { toId, toUuid, uuidv7 } from '@signalbox/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';
import { positionAll } from '../../../test/events.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { declareIncident, resolveIncident } from './declare.ts';

let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(async () => {
  tenant = await api.tenant();
});
afterAll(() => api?.[Symbol.asyncDispose]());

async function events(): Promise<string[]> {
  await positionAll(api.db.systemSql);
  const { items } = await tenant.owner.events.list({ names: ['incident.*'] });
  return items.map(({ name }) => name).reverse();
}

describe('an incident', () => {
  test('goes from its declaration to its end and back, with a timeline, events and an audit row each', async () => {
    const { deployment } = await tenant.owner.deployments.deploy(deployOf({}));
    const run = await tenant.owner.runs.create({ deployment: deployment.id });
    const { incidents } = tenant.as('runner');
    const { id, ...made } = await incidents.declare({ title: 'No weather', severity: 'high', runs: [run.id] });
    expect(made).toMatchObject({
      status: 'open',
      severity: 'high',
      resolvedAt: null,
      links: [{ kind: 'run', ref: run.id, name: run.name }],
    });
    await incidents.update({ incident: id, status: 'investigating', severity: 'critical', title: 'No weather' });
    await incidents.comment({ incident: id, text: 'The station is off.' });
    await incidents.link({ incident: id, deployments: [deployment.id] });
    await incidents.unlink({ incident: id, ref: run.id });
    expect(await incidents.resolve({ incident: id, text: 'Switched on.' })).toMatchObject({
      status: 'resolved',
      resolvedAt: expect.any(String),
    });
    expect((await refusal(incidents.resolve({ incident: id }))).message).toBe('The incident is resolved already.');
    expect((await refusal(incidents.update({ incident: id, status: 'open' }))).message).toBe('The incident is resolved: reopen it first.');
    const reopened = await incidents.reopen({ incident: id, text: 'Off again.' });
    expect(reopened).toMatchObject({ status: 'investigating', resolvedAt: null, links: [{ kind: 'deployment', ref: deployment.id }] });
    expect(reopened.entries.map(({ kind, text, before, after }) => [kind, text, before, after])).toEqual([
      ['declared', '', null, null],
      ['severity', '', 'high', 'critical'],
      ['status', '', 'open', 'investigating'],
      ['comment', 'The station is off.', null, null],
      ['linked', `${deployment.flow.name}/${deployment.name}`, null, deployment.id],
      ['unlinked', run.name, run.id, null],
      ['resolved', 'Switched on.', 'investigating', 'resolved'],
      ['reopened', 'Off again.', 'resolved', 'investigating'],
    ]);
    expect(reopened.entries[0]?.actor).toEqual({ kind: 'person', name: tenant.ownerEmail });
    expect(await events()).toEqual(['declared', 'updated', 'commented', 'resolved', 'reopened'].map((what) => `incident.${what}`));
    expect(await tenant.audit('incident.comment')).toMatchObject([{ after: { bytes: 19 } }]);
  });

  test('is listed newest first, by status, severity and what it is about', async () => {
    const { deployment } = await tenant.owner.deployments.deploy(deployOf({}));
    const { incidents } = tenant.owner;
    const first = await incidents.declare({ title: 'first', severity: 'low', deployments: [deployment.id] });
    const second = await incidents.declare({ title: 'second' });
    await incidents.resolve({ incident: second.id });
    const titles = async (input: Parameters<typeof incidents.list>[0]) => (await incidents.list(input)).items.map(({ title }) => title);
    expect(await titles({})).toEqual(['second', 'first']);
    expect(await titles({ statuses: ['open'] })).toEqual(['first']);
    expect(await titles({ severities: ['moderate'] })).toEqual(['second']);
    expect(await titles({ about: deployment.id })).toEqual(['first']);
    const page = await incidents.list({ limit: 1 });
    expect(await titles({ limit: 1, cursor: page.nextCursor as string })).toEqual(['first']);
    expect((await incidents.list({ cursor: first.id })).items).toEqual([]);
  });

  test('is linked to failures and to firings of automations, once each', async () => {
    const { sql, workspaceId } = { sql: api.db.systemSql, workspaceId: tenant.workspaceId };
    const { id: automation } = await tenant.owner.automations.create({
      name: 'page',
      trigger: { type: 'event', expect: ['run.Failed'] },
      onTrigger: [],
    });
    const [group, firing, run] = [uuidv7(Date.now()), uuidv7(Date.now()), uuidv7(Date.now())];
    await sql.query(
      `INSERT INTO failure_group (id, workspace_id, fingerprint, kind, title, message, frames, first_at, last_at, first_run_id, last_run_id)
       VALUES ($1::uuid, $2::uuid, '\\x01', 'application', 'Error: disk full', '', '{}', now(), now(), $3::uuid, $3::uuid)`,
      [group, workspaceId, run],
    );
    await sql.query(
      `INSERT INTO automation_firing (id, workspace_id, automation_id, kind, at, key, event, parts, why)
       VALUES ($1::uuid, $2::uuid, $3::uuid, 'triggered', now(), '[]', NULL, '[]', 'run.Failed of daily')`,
      [firing, workspaceId, toUuid('automation', automation)],
    );
    const about = { failureGroups: [toId('failureGroup', group)], firings: [toId('automationFiring', firing)] };
    const { incidents } = tenant.owner;
    const links = [
      { kind: 'failure-group', ref: about.failureGroups[0], name: 'Error: disk full' },
      { kind: 'firing', ref: about.firings[0], name: 'page: run.Failed of daily' },
    ];
    const byKind = (all: readonly { kind: string; ref: string; name: string }[]) =>
      all.map(({ kind, ref, name }) => ({ kind, ref, name })).sort((a, b) => (a.kind < b.kind ? -1 : 1));
    const declared = await incidents.declare({ title: 'x', ...about });
    expect(byKind(declared.links)).toEqual(links);
    const other = await incidents.declare({ title: 'y' });
    for (const _ of [1, 2]) expect(byKind((await incidents.link({ incident: other.id, ...about })).links)).toEqual(links);
    expect((await incidents.list({ about: about.firings[0] as string })).items.map(({ title }) => title)).toEqual(['y', 'x']);
    const stranger = (await api.tenant()).owner.incidents;
    const mine = await stranger.declare({ title: 'z' });
    for (const each of [{ failureGroups: about.failureGroups }, { firings: about.firings }])
      expect(await refusal(stranger.link({ incident: mine.id, ...each }))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('of a stranger, or about what is not there, is not found', async () => {
    const { id } = await tenant.owner.incidents.declare({ title: 'mine' });
    const { incidents } = (await api.tenant()).owner;
    const run = toId('run', uuidv7(Date.now()));
    for (const call of [
      () => incidents.get({ incident: id }),
      () => incidents.comment({ incident: id, text: 'x' }),
      () => incidents.resolve({ incident: id }),
      () => incidents.declare({ title: 'x', runs: [run] }),
    ])
      expect(await refusal(call())).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a program', () => {
  const declare = (requestKey: string, over: object = {}) =>
    inTransaction(api.db.systemSql, (sql) =>
      declareIncident(sql, {
        workspaceId: tenant.workspaceId,
        title: 'weather/daily fails',
        summary: '',
        severity: 'moderate',
        key: 'weather/daily',
        by: { kind: 'automation', name: 'page on failure' },
        links: [],
        requestKey,
        ...over,
      }),
    );
  const resolve = (requestKey: string) =>
    inTransaction(api.db.systemSql, (sql) =>
      resolveIncident(sql, {
        workspaceId: tenant.workspaceId,
        of: { key: 'weather/daily' },
        text: 'It works again.',
        by: { kind: 'automation', name: 'page on failure' },
        requestKey,
      }),
    );

  test('that declares a problem ten times at once and repeats itself makes one incident, as bad as the worst of it', async () => {
    const outcomes = (await Promise.all(Array.from({ length: 10 }, (_, i) => declare(`a${i}`)))).map(({ outcome }) => outcome);
    expect(outcomes.sort()).toEqual([...Array(9).fill('again'), 'declared']);
    expect([(await declare('a3')).outcome, (await declare('b', { severity: 'critical' })).outcome]).toEqual(['repeated', 'again']);
    const { items } = await tenant.owner.incidents.list({});
    expect(items).toMatchObject([{ severity: 'critical', declaredBy: 'page on failure' }]);
    expect(await events()).toEqual(['incident.declared', 'incident.updated']);
  });

  test('resolves the open one of a key once; the next declaration is a new incident', async () => {
    const { incident } = await declare('a');
    expect([(await resolve('r')).outcome, (await resolve('r')).outcome, (await resolve('s')).outcome]).toEqual([
      'resolved',
      'repeated',
      'none',
    ]);
    const next = await declare('c');
    expect(next.outcome).toBe('declared');
    expect((await refusal(tenant.owner.incidents.reopen({ incident: incident.id }))).message).toContain(next.incident.id);
  });
});
