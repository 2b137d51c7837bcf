/** Filters, orders, counts and histories of runs against records and live rows as dispatch makes them. */
import { toId, uuidv7 } from '@signalbox/proto';
import type { RunFilterInput, RunSort } from '@signalbox/proto/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../../test/api.ts';
import { deployOf } from '../../../../test/deploy-input.ts';

const NOW = Date.now();
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const HOUR = 3_600_000;

let api: TestApi;
let tenant: Tenant;
let stranger: Tenant;
let deployments: Record<'daily' | 'hourly' | 'report', string>;
const ids: Record<string, string> = {};

/** A run as dispatch would have left it: ended, or live with a dispatch row. */
type Seed = {
  name: string;
  deployment?: keyof typeof deployments;
  minutesAgo?: number;
  tags?: string[];
  parameters?: object;
  createdBy?: string;
  ended?: { type: string; name?: string; tookMs?: number; attempt?: number; failure?: object };
  live?: { type: string; name?: string; dueInMs?: number; parked?: boolean; attempt?: number; agent?: string };
};

async function seed(into: Tenant, { name, deployment = 'daily', minutesAgo = 10, ...more }: Seed): Promise<string> {
  const createdMs = NOW - minutesAgo * 60_000;
  const id = uuidv7(createdMs);
  const { ended, live } = more;
  const q = (text: string, values: unknown[]) => api.db.systemSql.query(text, values);
  const dueMs = createdMs + (live?.dueInMs ?? 0);
  await q(
    `INSERT INTO run (retention_class, id, workspace_id, flow_id, deployment_id, version_id, pool_id, queue_id, name, tags, parameters, created_by,
       due_at, created_at, state_type, state_name, attempt, started_at, ended_at, failure)
     SELECT 'd30', $1, $2, d.flow_id, d.id, d.version_id, d.pool_id, d.queue_id, $4, $5, $6, $7, to_timestamp($8 / 1000.0), to_timestamp($9 / 1000.0),
       $10, $11, $12, to_timestamp($13 / 1000.0), to_timestamp($14 / 1000.0), $15 FROM deployment d WHERE d.id = $3`,
    [id, into.workspaceId, deployments[deployment], name, more.tags ?? [], { encoding: 'json', body: more.parameters ?? {} }, more.createdBy ?? 'api',
      dueMs, createdMs, ended?.type ?? null, ended ? (ended.name ?? ended.type) : null, ended?.attempt ?? null,
      ended?.tookMs === undefined ? null : createdMs, ended ? createdMs + (ended.tookMs ?? 0) : null, ended?.failure ?? null],
  ); // biome-ignore format: values in the order of the columns
  if (live) {
    await q(
      `INSERT INTO run_dispatch (run_id, workspace_id, retention_class, deployment_id, version_id, pool_id, queue_id, state_type, state_name, state_at,
         due_at, attempt, agent_id, parked_on, started_at, expires_at)
       SELECT r.id, r.workspace_id, r.retention_class, r.deployment_id, r.version_id, r.pool_id, r.queue_id, $2, $3, now(), r.due_at, $4, $5, $6, $7, now() + interval '1 day'
       FROM run r WHERE r.id = $1`,
      [id, live.type, live.name ?? live.type, live.attempt ?? 1, live.agent ?? null, live.parked ? deployments[deployment] : null,
        live.type === 'RUNNING' ? new Date(createdMs) : null],
    ); // biome-ignore format: values in the order of the columns
  }
  ids[name] = toId('run', id);
  return id;
}

beforeAll(async () => {
  api = await openTestApi();
  [tenant, stranger] = await Promise.all([api.tenant(), api.tenant()]);
  const deploy = async (flow: string, name: string, digest: string) => {
    await tenant.owner.deployments.deploy({ ...deployOf({ name, digest }), flow });
    const [row] = (
      await api.db.systemSql.query(
        'SELECT d.id FROM deployment d JOIN flow f ON f.id = d.flow_id WHERE f.name = $1 AND d.name = $2 AND d.workspace_id = $3',
        [flow, name, tenant.workspaceId],
      )
    ).rows;
    return (row as { id: string }).id;
  };
  deployments = {
    daily: await deploy('weather', 'daily', 'sha256:aaa'),
    hourly: await deploy('weather', 'hourly', 'sha256:bbb'),
    report: await deploy('report', 'weekly', 'sha256:ccc'),
  };
  const agent = uuidv7(NOW);
  await api.db.system.agent.create({
    data: { id: agent, workspaceId: tenant.workspaceId, poolId: tenant.poolId, name: 'builder-1', publicKey: agent },
  });
  // Oldest first: the order of lists is the reverse.
  await api.db.systemSql.query("SELECT signalbox_ensure_days(ARRAY['d30'], ((now() AT TIME ZONE 'UTC')::date - 12), 12)");
  await seed(tenant, {
    name: 'ancient',
    minutesAgo: 60 * 24 * 11,
    ended: { type: 'FAILED', tookMs: 1_000, failure: { kind: 'application', message: 'x' } },
  });
  await seed(tenant, {
    name: 'timed out',
    minutesAgo: 60 * 24 * 4,
    ended: { type: 'FAILED', name: 'TimedOut', tookMs: 600_000, attempt: 3, failure: { kind: 'timed-out', message: 'x' } },
  });
  const held = await seed(tenant, {
    name: 'crashed',
    minutesAgo: 300,
    deployment: 'hourly',
    tags: ['etl'],
    ended: { type: 'CRASHED', tookMs: 5_000 },
  });
  await api.db.systemSql.query(
    `INSERT INTO attempt (retention_class, run_id, epoch, workspace_id, attempt, agent_id, claimed_at, ended_at, state_type, state_name) VALUES ('d30', $1, 1, $2, 1, $3, now(), now(), 'CRASHED', 'Crashed')`,
    [held, tenant.workspaceId, agent],
  );
  await seed(tenant, {
    name: 'fine',
    minutesAgo: 200,
    tags: ['etl', 'nightly'],
    parameters: { city: 'Oslo', years: [2012, 2013], at: { lat: 1 } },
    createdBy: 'schedule',
    ended: { type: 'COMPLETED', tookMs: 60_000, attempt: 1 },
  });
  await seed(tenant, {
    name: 'skipped_100%',
    minutesAgo: 190,
    deployment: 'report',
    ended: { type: 'COMPLETED', name: 'Skipped', tookMs: 10 },
  });
  await seed(tenant, { name: 'late one', minutesAgo: 60, live: { type: 'SCHEDULED', name: 'Scheduled' } });
  await seed(tenant, {
    name: 'parked',
    minutesAgo: 50,
    deployment: 'hourly',
    live: { type: 'SCHEDULED', name: 'Scheduled', parked: true, dueInMs: 2 * HOUR },
  });
  await seed(tenant, { name: 'again', minutesAgo: 40, live: { type: 'SCHEDULED', name: 'AwaitingRetry', attempt: 2, dueInMs: 3 * HOUR } });
  await seed(tenant, {
    name: 'running',
    minutesAgo: 30,
    deployment: 'report',
    tags: ['test'],
    live: { type: 'RUNNING', name: 'Running', agent },
  });
  const other = deployments.daily;
  await stranger.owner.deployments.deploy(deployOf());
  const [row] = (await api.db.systemSql.query('SELECT id FROM deployment WHERE workspace_id = $1', [stranger.workspaceId])).rows;
  deployments.daily = (row as { id: string }).id;
  await seed(stranger, { name: 'foreign', minutesAgo: 20, ended: { type: 'FAILED', tookMs: 1 } });
  deployments.daily = other;
});
afterAll(() => api[Symbol.asyncDispose]());

const ALL = ['running', 'again', 'parked', 'late one', 'skipped_100%', 'fine', 'crashed', 'timed out', 'ancient'];
const names = async (filter: RunFilterInput, sort: RunSort = 'newest') =>
  (await tenant.owner.runs.list({ filter, sort })).items.map((run) => run.name);

describe('a filter of runs', () => {
  it.each<[string, RunFilterInput, string[]]>([
    ['nothing', {}, ALL],
    ['an ended type', { states: ['FAILED'] }, ['timed out', 'ancient']],
    ['types ended and live', { states: ['RUNNING', 'CRASHED'] }, ['running', 'crashed']],
    ['a name of a state', { stateNames: ['timedout'] }, ['timed out']],
    ['a name a flow gave', { stateNames: ['Skipped'] }, ['skipped_100%']],
    ['a type or a name', { states: ['CRASHED'], stateNames: ['Skipped', 'AwaitingRetry'] }, ['again', 'skipped_100%', 'crashed']],
    ['a name within a type asked for anyway', { states: ['FAILED'], stateNames: ['TimedOut'] }, ['timed out', 'ancient']],
    ['Late, computed', { stateNames: ['Late'] }, ['late one']],
    ['AwaitingConcurrencySlot, computed', { stateNames: ['AwaitingConcurrencySlot'] }, ['parked']],
    ['a name nothing has', { stateNames: ['Nowhere'] }, []],
    ['a flow', { flows: ['report'] }, ['running', 'skipped_100%']],
    ['flows by pattern', { flows: ['rep*', 'nothing*'] }, ['running', 'skipped_100%']],
    [
      'a flow of several deployments, with states',
      { flows: ['weather'], states: ['SCHEDULED', 'CRASHED'] },
      ['again', 'parked', 'late one', 'crashed'],
    ],
    ['deployments by pattern', { deployments: ['weather/*'] }, ['again', 'parked', 'late one', 'fine', 'crashed', 'timed out', 'ancient']],
    ['a flow written with a slash', { flows: ['weather/h*'] }, ['parked', 'crashed']],
    ['a flow and a deployment of another', { flows: ['report'], deployments: ['weather/daily'] }, []],
    ['a pool', { pools: ['local'] }, ALL],
    ['a queue, of any pool', { queues: ['default'] }, ALL],
    ['an agent that held it', { agents: ['builder-1'] }, ['running', 'crashed']],
    ['all of tags', { tags: { all: ['etl', 'nightly'] } }, ['fine']],
    ['any of tags', { tags: { any: ['nightly', 'test'] } }, ['running', 'fine']],
    ['none of tags', { tags: { all: ['etl'], none: ['nightly'] } }, ['crashed']],
    ['a part of the name, in any case', { name: { contains: 'NNIN' } }, ['running']],
    ['wildcards of SQL taken as they are', { name: { contains: '_100%' } }, ['skipped_100%']],
    ['a beginning of the name', { name: { prefix: 'L' } }, ['late one']],
    ['creation', { created: { after: ago(250), before: ago(55) } }, ['late one', 'skipped_100%', 'fine']],
    ['due', { due: { after: new Date(NOW).toISOString() } }, ['again', 'parked']],
    ['first start', { started: { after: ago(195) } }, ['running', 'skipped_100%']],
    ['end', { ended: { before: ago(195) } }, ['fine', 'crashed', 'timed out', 'ancient']],
    ['duration', { durationMs: { min: 5_000, max: 60_000 } }, ['fine', 'crashed']],
    ['duration of what still runs', { durationMs: { min: 20 * 60_000 } }, ['running']],
    ['attempt', { attempt: { min: 2 } }, ['again', 'timed out']],
    ['what it executes', { kinds: ['task'] }, []],
    ['how it came to be', { createdBy: ['schedule'] }, ['fine']],
    ['the beginning of a digest', { versions: ['sha256:b'] }, ['parked', 'crashed']],
    ['kind of failure', { failures: ['timed-out', 'lost'] }, ['timed out']],
    ['parameters contained', { parameters: { city: 'Oslo', years: [2013], at: {} } }, ['fine']],
    ['parameters of another value', { parameters: { city: 'Rome' } }, []],
  ])('by %s', async (_, filter, expected) => {
    expect(await names(filter)).toEqual(expected);
    expect(await tenant.owner.runs.count({ filter })).toEqual({ count: expected.length, isMore: false });
  });

  it('by ids, and by actor', async () => {
    expect(await names({ ids: [ids['fine'] as never, ids['parked'] as never, ids['foreign'] as never] })).toEqual(['parked', 'fine']);
    const made = await tenant.owner.runs.create({ deployment: 'report/weekly', name: 'mine' });
    const [{ actor_id }] = (await api.db.systemSql.query('SELECT actor_id FROM run WHERE name = $1', ['mine'])).rows as [
      { actor_id: string },
    ];
    expect(await names({ actors: [toId('user', actor_id)] })).toEqual(['mine']);
    await tenant.owner.runs.cancel({ run: made.id });
    await tenant.owner.runs.delete({ run: made.id });
  });

  it('by the run that started it', async () => {
    await api.db.systemSql.query('UPDATE run SET parent_run_id = (SELECT id FROM run WHERE name = $1) WHERE name = $2', [
      'fine',
      'crashed',
    ]);
    expect(await names({ parents: [ids['fine'] as never] })).toEqual(['crashed']);
    await api.db.systemSql.query('UPDATE run SET parent_run_id = NULL WHERE name = $1', ['crashed']);
  });

  it('finds the runs of a deployment that was deleted, by its flow, its name and its id', async () => {
    await tenant.owner.deployments.deploy({ ...deployOf({ name: 'gone' }), flow: 'brief' });
    const run = await tenant.owner.runs.create({ deployment: 'brief/gone', name: 'orphan' });
    await tenant.owner.runs.cancel({ run: run.id });
    await tenant.owner.deployments.delete({ deployment: 'brief/gone' });
    for (const filter of [{ flows: ['brief'] }, { deployments: ['brief/gone'] }, { deployments: [run.deployment.id] }])
      expect(await names(filter), JSON.stringify(filter)).toEqual(['orphan']);
    await tenant.owner.runs.delete({ run: run.id });
  });

  it('names what does not exist, and bounds what it takes', async () => {
    expect(await refusal(tenant.owner.runs.list({ filter: { deployments: ['weather/dayly'] } }))).toEqual({
      code: 'NOT_FOUND',
      message: 'No deployment "weather/dayly" in this workspace.',
    });
    expect((await refusal(tenant.owner.runs.list({ filter: { pools: ['x'] } }))).message).toBe('No work pool "x" in this workspace.');
    expect((await refusal(tenant.owner.runs.list({ filter: { parameters: { a: 'x'.repeat(3_000) } } }))).message).toContain(
      'expected at most 2048 bytes of JSON',
    );
    expect((await refusal(tenant.owner.runs.list({ filter: { tag: 'x' } as never }))).code).toBe('INVALID_INPUT');
    expect((await refusal(stranger.owner.runs.count({ filter: { flows: ['report'] } }))).code).toBe('NOT_FOUND');
    expect((await stranger.owner.runs.list({ filter: { states: ['FAILED'] } })).items.map((run) => run.name)).toEqual(['foreign']);
  });

  it('narrows together with the fields beside it', async () => {
    const { items } = await tenant.owner.runs.list({ filter: { states: ['FAILED', 'CRASHED'] }, tags: ['etl'], search: 'crash' });
    expect(items.map((run) => run.name)).toEqual(['crashed']);
  });
});

describe('an order', () => {
  const orders: [RunSort, string[]][] = [
    ['newest', ALL],
    ['oldest', ALL.toReversed()],
    ['due', ['ancient', 'timed out', 'crashed', 'fine', 'skipped_100%', 'late one', 'running', 'parked', 'again']],
    ['longest', ['running', 'timed out', 'fine', 'crashed', 'ancient', 'skipped_100%', 'again', 'parked', 'late one']],
    ['name', ['again', 'ancient', 'crashed', 'fine', 'late one', 'parked', 'running', 'skipped_100%', 'timed out']],
  ];
  it.each(orders)('%s pages without a gap or a repeat', async (sort, expected) => {
    expect(await names({}, sort)).toEqual(expected);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await tenant.owner.runs.list({ sort, limit: 2, ...(cursor ? { cursor } : {}) });
      seen.push(...page.items.map((run) => run.name));
      cursor = page.nextCursor ?? undefined;
      // How long it has been running changes between pages; its place does not.
    } while (cursor);
    expect(seen).toEqual(expected);
  });

  it('takes no cursor of another', async () => {
    const { nextCursor } = await tenant.owner.runs.list({ sort: 'name', limit: 1 });
    for (const [sort, cursor] of [
      ['due', nextCursor ?? ''],
      ['name', 'x'],
      ['newest', nextCursor ?? ''],
    ] as const)
      expect((await refusal(tenant.owner.runs.list({ sort, cursor }))).message).toMatch(
        /^cursor: expected the nextCursor of the page before/,
      );
  });
});

describe('a history', () => {
  it('counts by bucket and state, and how long runs took', async () => {
    const history = await tenant.owner.runs.history({ from: ago(310), to: ago(10), buckets: 3 });
    expect(history.bucketMs).toBe(100 * 60_000);
    expect(history.buckets).toEqual([
      { from: ago(310), states: { CRASHED: 1 }, durationMs: { average: 5_000, p50: 5_000, p95: 5_000 } },
      { from: ago(210), states: { COMPLETED: 2 }, durationMs: { average: 30_005, p50: 30_005, p95: 57_000.5 } },
      { from: ago(110), states: { SCHEDULED: 3, RUNNING: 1 }, durationMs: null },
    ]);
  });

  it('narrows by the filter, and counts what there are of a stranger for the stranger', async () => {
    const { buckets } = await tenant.owner.runs.history({
      filter: { states: ['RUNNING', 'FAILED'], created: { after: ago(60 * 24 * 5) } },
      from: ago(60 * 24 * 12),
      to: ago(0),
      buckets: 1,
    });
    expect(buckets.map(({ states }) => states)).toEqual([{ RUNNING: 1, FAILED: 1 }]);
    const foreign = await stranger.owner.runs.history({ from: ago(60), to: ago(0), buckets: 1 });
    expect(foreign.buckets[0]?.states).toEqual({ FAILED: 1 });
  });

  it('refuses a range that is empty or too long', async () => {
    for (const to of [ago(60), new Date(NOW + 401 * 24 * HOUR).toISOString()])
      expect((await refusal(tenant.owner.runs.history({ from: ago(60), to }))).message).toContain(
        'to: expected an instant after `from`, by at most 400 days',
      );
  });
});
