/** The failure inbox: what the loop makes of the feed, and what people do with it. */
import { toId, toUuid } from '@signalbox/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';
import { createYard } from '../../../test/dispatch.ts';
import { positionAll } from '../../../test/events.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { transitionRuns } from '../dispatch/index.ts';
import { groupFailures } from './group-failures.ts';

let api: TestApi;
let tenant: Tenant;

beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(async () => {
  tenant = await api.tenant();
});
afterAll(() => api?.[Symbol.asyncDispose]());

async function deploy(name = 'daily', digest = `sha256:${'a'.repeat(64)}`) {
  return (await tenant.owner.deployments.deploy(deployOf({ name, digest }))).deployment.id;
}

/** Runs of a deployment that failed with these messages; no stack, so that each message is a cause. */
async function fail(deployment: string, ...messages: string[]): Promise<string[]> {
  const { runs } = await tenant.owner.runs.createMany({ deployment, runs: messages.map(() => ({})) });
  for (const [i, id] of runs.entries()) {
    const failure = { kind: 'application', name: 'Error', message: messages[i] };
    await tenant.owner.runs.setState({ run: id, type: 'FAILED', reason: 'test' });
    await api.db.systemSql.query('UPDATE run SET failure = $2 WHERE id = $1', [toUuid('run', id), failure]);
  }
  return runs;
}

async function catchUp(): Promise<void> {
  do await positionAll(api.db.systemSql);
  while ((await groupFailures(api.db.systemSql)) === 'again');
}
async function heard(): Promise<string[]> {
  await positionAll(api.db.systemSql);
  return (await tenant.owner.events.list({ names: ['failure-group.*'] })).items
    .map(({ name }) => name.slice('failure-group.'.length))
    .reverse();
}
const groups = async (input: Parameters<Tenant['owner']['failures']['list']>[0] = {}) => (await tenant.owner.failures.list(input)).items;

describe('failures', () => {
  test('of three causes are three groups with their counts, one event each, however often the loop looks', async () => {
    const deployment = await deploy();
    const other = await deploy('hourly');
    await fail(deployment, ...Array.from({ length: 12 }, (_, i) => `no station ${i}`), 'disk full');
    await catchUp();
    const [last = ''] = await fail(other, 'no station 99');
    await fail(deployment, 'out of memory');
    await catchUp();
    await Promise.all([catchUp(), catchUp()]);
    // As if a replica had died before it said how far it is.
    await api.db.systemSql.query('UPDATE failure_cursor SET position = 0');
    await catchUp();
    const found = (await groups()).toSorted((a, b) => b.occurrences - a.occurrences);
    expect(found.map(({ title, occurrences, status }) => [title, occurrences, status]).slice(0, 1)).toEqual([
      ['Error: no station 0', 13, 'open'],
    ]);
    expect(found.slice(1).map(({ title, occurrences }) => [title, occurrences])).toEqual(
      expect.arrayContaining([
        ['Error: disk full', 1],
        ['Error: out of memory', 1],
      ]),
    );
    expect(found).toHaveLength(3);
    expect(found[0]).toMatchObject({
      lastRun: last,
      deployments: [
        { id: other, occurrences: 1, versions: { first: 1, last: 1 } },
        { id: deployment, occurrences: 12 },
      ],
    });
    expect(await heard()).toEqual(['opened', 'opened', 'opened']);
    expect((await groups({ deployment: other })).map(({ occurrences }) => occurrences)).toEqual([13]);
    expect((await groups({ run: last as `run_${string}` })).map(({ title }) => title)).toEqual(['Error: no station 0']);
    expect((await (await api.tenant()).owner.failures.list({ run: last as `run_${string}` })).items).toEqual([]);
    expect((await groups({ text: 'DISK' })).map(({ title }) => title)).toEqual(['Error: disk full']);
    expect((await groups({ text: '/Hourly' })).map(({ title }) => title)).toEqual(['Error: no station 0']);
    expect(await groups({ text: 'no such text' })).toEqual([]);
    const first = await tenant.owner.failures.list({ limit: 2 });
    expect((await tenant.owner.failures.list({ limit: 2, cursor: first.nextCursor as string })).items).toHaveLength(1);
  });

  test('are searched 5,000 groups at a time, and none is passed over', async () => {
    const deployment = await deploy();
    await fail(deployment, 'needle in a haystack');
    await catchUp();
    await api.db.systemSql.query(
      `INSERT INTO failure_group (id, workspace_id, fingerprint, kind, title, message, frames, first_at, last_at, first_run_id, last_run_id)
       SELECT gen_random_uuid(), $1::uuid, sha256(convert_to(n::text, 'UTF8')), 'application', 'Error: hay', 'hay', '{}', now(), now() + interval '1 minute',
         g.first_run_id, g.last_run_id FROM failure_group g, generate_series(1, 5001) n WHERE g.workspace_id = $1::uuid`,
      [tenant.workspaceId],
    );
    const first = await tenant.owner.failures.list({ text: 'needle' });
    expect(first).toEqual({ items: [], nextCursor: expect.any(String) });
    const second = await tenant.owner.failures.list({ text: 'needle', cursor: first.nextCursor as string });
    expect(second.items.map(({ title }) => title)).toEqual(['Error: needle in a haystack']);
    expect(second.nextCursor).toBeNull();
  });

  test('of a run that was retried before anybody looked is counted with the attempt that failed', async () => {
    const yard = await createYard(api.db, tenant.workspaceId);
    const agent = await yard.addAgent();
    const [runId = ''] = await yard.addRuns(await yard.addDeployment());
    const [claimed] = (await yard.claim(agent)).runs;
    if (!claimed) throw new Error('nothing was claimed');
    await yard.permit(agent, claimed);
    const run = toId('run', runId);
    const intent = {
      kind: 'fail',
      owner: { agentId: agent, epoch: Number(claimed.epoch) },
      failure: { kind: 'application', name: 'Error', message: 'too quick' },
    } as const;
    await inTransaction(api.db.systemSql, (sql) => transitionRuns(sql, [{ runId, intent }]));
    await tenant.owner.runs.retry({ run });
    await catchUp();
    await catchUp();
    expect(await groups()).toMatchObject([{ title: 'Error: too quick', occurrences: 1, lastRun: run }]);
  });

  test('of runs that did not fail, or of another workspace, are nobody’s', async () => {
    const deployment = await deploy();
    const run = await tenant.owner.runs.create({ deployment });
    await tenant.owner.runs.setState({ run: run.id, type: 'COMPLETED', reason: 'test' });
    const stranger = await api.tenant();
    await fail(deployment, 'x');
    await catchUp();
    expect(await groups()).toHaveLength(1);
    const [group] = await groups();
    expect((await stranger.owner.failures.list({})).items).toEqual([]);
    for (const call of [
      () => stranger.owner.failures.get({ group: group?.id as `fail_${string}` }),
      () => stranger.owner.failures.acknowledge({ group: group?.id as `fail_${string}` }),
      () => stranger.owner.failures.retry({ group: group?.id as `fail_${string}` }),
    ])
      expect(await refusal(call())).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a group', () => {
  async function one() {
    const deployment = await deploy();
    await fail(deployment, 'no station 1');
    await catchUp();
    const [group] = await groups();
    if (!group) throw new Error('there is no group');
    return { deployment, group: group.id, failures: tenant.as('runner').failures };
  }

  test('is acknowledged, assigned and muted, and says who did', async () => {
    const { group, failures, deployment } = await one();
    expect(await failures.acknowledge({ group })).toMatchObject({ status: 'acknowledged', acknowledged: { by: tenant.ownerEmail } });
    expect(await failures.assign({ group, owner: 'weather team' })).toMatchObject({
      owner: 'weather team',
      frames: [],
      message: 'no station 1',
    });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    expect(await failures.mute({ group, until })).toMatchObject({ status: 'muted', mutedUntil: until });
    expect((await refusal(failures.mute({ group, until: '2020-01-01T00:00:00.000Z' }))).message).toMatch(/until.*at most a year ahead/);
    await fail(deployment, 'no station 2');
    await catchUp();
    expect(await heard()).toEqual(['opened']);
    // The time for which it was muted is over: it is heard of once, and nobody looks at it any more.
    await api.db.systemSql.query(`UPDATE failure_group SET muted_until = now() - interval '1 second' WHERE id = $1`, [
      toUuid('failureGroup', group),
    ]);
    await fail(deployment, 'no station 3', 'no station 4');
    await catchUp();
    expect(await heard()).toEqual(['opened', 'reopened']);
    expect(await failures.get({ group })).toMatchObject({ status: 'open', occurrences: 4, mutedUntil: null, acknowledged: null });
    expect((await tenant.audit('failure-group.mute'))[0]).toMatchObject({ before: { owner: 'weather team' } });
  });

  test('resolved by version stays so in that version, and reopens in a later one', async () => {
    const { group, failures, deployment } = await one();
    expect(await failures.resolve({ group })).toMatchObject({
      status: 'resolved',
      resolved: { by: tenant.ownerEmail, versions: { [deployment]: 1 } },
    });
    expect(await groups()).toEqual([]);
    await fail(deployment, 'no station 2');
    await catchUp();
    expect(await failures.get({ group })).toMatchObject({ status: 'resolved', occurrences: 2 });
    await deploy('daily', `sha256:${'b'.repeat(64)}`);
    await fail(deployment, 'no station 3');
    await catchUp();
    expect(await failures.get({ group })).toMatchObject({
      status: 'open',
      resolved: null,
      deployments: [{ versions: { first: 1, last: 2 } }],
    });
    expect(await heard()).toEqual(['opened', 'resolved', 'reopened']);
  });

  test('resolved as of now reopens with the next run that fails so, or by hand', async () => {
    const { group, failures, deployment } = await one();
    expect(await failures.resolve({ group, by: 'now' })).toMatchObject({ resolved: { versions: null } });
    await fail(deployment, 'no station 2');
    await catchUp();
    expect(await failures.get({ group })).toMatchObject({ status: 'open' });
    await failures.resolve({ group });
    expect(await failures.reopen({ group })).toMatchObject({ status: 'open', resolved: null });
  });

  test('is retried as a whole by a bulk job, and its runs are found by a filter', async () => {
    const { group, failures, deployment } = await one();
    await fail(deployment, 'no station 2', 'disk full');
    await catchUp();
    const runs = (await failures.get({ group })).runs.map(({ id }) => id);
    expect(runs).toHaveLength(2);
    expect((await tenant.owner.runs.list({ filter: { groups: [group] } })).items.map(({ id }) => id).sort()).toEqual(runs.toSorted());
    const job = await failures.retry({ group });
    expect(job).toMatchObject({
      action: 'retry',
      expected: { count: 2, isMore: false },
      filterText: `state:failed,crashed group:${group}`,
    });
  });
});
