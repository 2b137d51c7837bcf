import { toUuid } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';

const SCHEMA = {
  type: 'object',
  properties: { years: { type: 'array', items: { type: 'integer' } } },
  required: ['years'],
  additionalProperties: false,
};
const DEPLOYMENT = 'weather/daily';
const OK = { deployment: DEPLOYMENT, parameters: { years: [2012] } };

let api: TestApi;
let tenant: Tenant;
let stranger: Tenant;

beforeAll(async () => {
  api = await openTestApi();
  [tenant, stranger] = await Promise.all([api.tenant(), api.tenant()]);
  await tenant.owner.deployments.deploy(deployOf({ parameterSchema: SCHEMA, tags: ['etl'] }));
});
afterAll(() => api[Symbol.asyncDispose]());

describe('create', () => {
  it('makes a run that waits, merges parameters over defaults, and nudges its pool', async () => {
    await tenant.owner.deployments.deploy(deployOf({ name: 'defaults', parameters: { years: [2011], city: 'Rome' } }));
    const run = await tenant.owner.runs.create({ deployment: 'weather/defaults', parameters: { city: 'Oslo' }, tags: ['mine'] });
    expect(run).toMatchObject({
      state: { type: 'SCHEDULED', name: 'Scheduled' },
      attempt: 1,
      createdBy: 'api',
      tags: ['mine'],
      flow: { name: 'weather' },
    });
    expect(run.name).toMatch(/^[a-z]+-[a-z]+$/);
    expect((await tenant.owner.runs.get({ run: run.id })).parameters).toEqual({ encoding: 'json', body: { years: [2011], city: 'Oslo' } });
    expect(api.sent.nudges).toContain(tenant.poolId);
    expect(api.sent.live).toContainEqual({ kind: 'run', id: run.id, what: ['state'] });
  });

  it('writes one audit row that names parameters and holds none of their values', async () => {
    const run = await tenant.owner.runs.create({ ...OK, name: 'audited' });
    const row = (await tenant.audit('run.create')).at(-1);
    expect(row).toMatchObject({
      actorName: tenant.ownerEmail,
      targetKind: 'run',
      before: null,
      after: { name: 'audited', deployment: DEPLOYMENT, dueAt: run.dueAt, parameters: ['years'] },
    });
  });

  it('is refused without the scope, and a stranger finds no such deployment', async () => {
    expect(await refusal(tenant.as('viewer').runs.create(OK))).toEqual({
      code: 'FORBIDDEN',
      message: `Your role "viewer" in workspace "${tenant.slug}" lacks the scope runs:create.`,
    });
    expect(await refusal(stranger.owner.runs.create(OK))).toEqual({
      code: 'NOT_FOUND',
      message: 'No deployment "weather/daily" in this workspace.',
    });
  });

  it('of an unknown flow names it', async () => {
    expect((await refusal(tenant.owner.runs.create({ ...OK, deployment: 'wether/daily' }))).message).toBe(
      'No deployment "wether/daily" in this workspace.',
    );
    expect((await refusal(tenant.owner.runs.create({ ...OK, deployment: 'weather' }))).message).toBe(
      'No deployment "weather" in this workspace.',
    );
    expect((await refusal(tenant.owner.runs.list({ flow: 'wether' }))).message).toBe('No flow "wether" in this workspace.');
  });

  it('with parameters that break the schema names each field, and writes nothing', async () => {
    const before = await api.db.system.run.count();
    const { code, message, issues } = await refusal(tenant.owner.runs.create({ ...OK, parameters: { years: ['2012'], yaers: 1 } }));
    expect({ code, message, issues }).toMatchInlineSnapshot(`
      {
        "code": "INVALID_INPUT",
        "issues": [
          {
            "expected": "nothing: the schema has no such parameter",
            "field": "parameters.yaers",
            "received": "1",
          },
          {
            "expected": "integer",
            "field": "parameters.years.0",
            "received": ""2012"",
          },
        ],
        "message": "parameters.yaers: expected nothing: the schema has no such parameter, got 1 (and 1 more)",
      }
    `);
    expect(await api.db.system.run.count()).toBe(before);
  });

  it('with a 10 MB parameter names size and bound, and writes nothing', async () => {
    const before = await api.db.system.run.count();
    const call = tenant.owner.runs.create({ ...OK, parameters: { years: 'x'.repeat(10_000_000) } });
    expect((await refusal(call)).message).toBe(
      'parameters: expected at most 524288 bytes of JSON (pass large data by reference), got 10000012 bytes',
    );
    expect(await api.db.system.run.count()).toBe(before);
  });

  it('whose deployment lost its pool says what to do', async () => {
    await tenant.owner.workPools.create({ name: 'gone' });
    await tenant.owner.deployments.deploy(deployOf({ name: 'orphan', pool: 'gone' }));
    await tenant.owner.workPools.delete({ pool: 'gone' });
    expect(await refusal(tenant.owner.runs.create({ deployment: 'weather/orphan' }))).toEqual({
      code: 'PRECONDITION_FAILED',
      message: 'Deployment "weather/orphan" has no work pool: its pool was deleted. Deploy it to another pool first.',
    });
  });

  it('with one key twice, at once, makes one run; another body is a conflict', async () => {
    const keyed = { ...OK, idempotencyKey: 'nightly' };
    const [a, b] = await Promise.all([tenant.owner.runs.create(keyed), tenant.owner.runs.create(keyed)]);
    expect(a.id).toBe(b.id);
    expect(await refusal(tenant.owner.runs.create({ ...keyed, parameters: { years: [2013] } }))).toEqual({
      code: 'CONFLICT',
      message: `Idempotency key "nightly" was used for ${a.id} with other parameters, name, tags, variables, queue or due instant.`,
    });
  });
});

describe('create in a queue', () => {
  it('of its pool puts the run there; one that is not there is named with those that are', async () => {
    const own = await api.tenant();
    await own.owner.deployments.deploy(deployOf());
    await own.owner.workPools.upsertQueue({ pool: 'local', name: 'urgent', priority: 1 });
    const made = await own.owner.runs.create({ ...OK, queue: 'urgent' });
    const { runs } = await own.owner.runs.createMany({ deployment: OK.deployment, queue: 'urgent', runs: [{ parameters: OK.parameters }] });
    for (const run of [made.id, ...runs]) expect((await own.owner.runs.get({ run })).queue).toBe('urgent');
    expect((await own.owner.runs.get({ run: (await own.owner.runs.create(OK)).id })).queue).toBe('default');
    expect((await refusal(own.owner.runs.create({ ...OK, queue: 'urgnt' }))).message).toBe(
      'queue: expected a queue of its work pool (urgent, default), got "urgnt"',
    );
    const keyed = { ...OK, idempotencyKey: 'once' };
    await own.owner.runs.create(keyed);
    for (const other of [{ queue: 'urgent' }, { variables: { env: { LOG: 'debug' } } }])
      expect((await refusal(own.owner.runs.create({ ...keyed, ...other }))).code).toBe('CONFLICT');
  });
});

describe('list', () => {
  it('pages newest first by keyset, without a gap or a repeat', async () => {
    const own = await api.tenant();
    await own.owner.deployments.deploy(deployOf());
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.push((await own.owner.runs.create({ deployment: DEPLOYMENT, name: `n${i}` })).id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await own.owner.runs.list({ limit: 2, ...(cursor ? { cursor } : {}) });
      seen.push(...page.items.map((run) => run.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(made.toReversed());
  });

  it('filters by state, live ones and ended ones together', async () => {
    const own = await api.tenant();
    await own.owner.deployments.deploy(deployOf());
    const [waiting, ended] = [
      await own.owner.runs.create({ deployment: DEPLOYMENT }),
      await own.owner.runs.create({ deployment: DEPLOYMENT }),
    ];
    await own.owner.runs.cancel({ run: ended.id });
    const ids = async (states: ('SCHEDULED' | 'CANCELLED' | 'FAILED')[]) =>
      (await own.owner.runs.list({ states })).items.map((run) => run.id);
    expect(await ids(['SCHEDULED'])).toEqual([waiting.id]);
    expect(await ids(['CANCELLED', 'FAILED'])).toEqual([ended.id]);
    expect(await ids(['SCHEDULED', 'CANCELLED'])).toEqual([ended.id, waiting.id]);
  });

  it('filters by flow, deployment, tags, name, id and time', async () => {
    const own = await api.tenant();
    await own.owner.deployments.deploy(deployOf({ tags: ['etl'] }));
    const run = await own.owner.runs.create({ deployment: DEPLOYMENT, name: 'ten_sure', tags: ['mine'] });
    const found = async (filter: Parameters<typeof own.owner.runs.list>[0]) =>
      (await own.owner.runs.list(filter)).items.map((item) => item.id);
    const hour = 3_600_000;
    for (const filter of [
      { flow: 'weather' },
      { deployment: DEPLOYMENT },
      { tags: ['etl', 'mine'] },
      { search: 'N_SURE' },
      { search: run.id },
      { createdAfter: new Date(Date.now() - hour).toISOString() },
    ]) {
      expect(await found(filter), JSON.stringify(filter)).toEqual([run.id]);
    }
    for (const filter of [{ tags: ['other'] }, { search: 'te__sure' }, { createdBefore: new Date(Date.now() - hour).toISOString() }]) {
      expect(await found(filter), JSON.stringify(filter)).toEqual([]);
    }
    expect((await refusal(own.owner.runs.list({ cursor: 'x' }))).message).toBe(
      'cursor: expected the nextCursor of the page before, got "x"',
    );
  });
});

describe('get', () => {
  it('says why a run waits', async () => {
    const run = await tenant.owner.runs.create({ ...OK, dueAt: '2099-01-01T00:00:00.000Z' });
    const detail = await tenant.owner.runs.get({ run: run.id });
    expect(detail.waitingFor).toEqual(['It is not due until 2099-01-01T00:00:00.000Z.', 'Work pool "local" has no agent yet.']);
    expect(detail).toMatchObject({
      pool: { name: 'local' },
      queue: 'default',
      digest: 'sha256:one',
      attempts: [],
      states: [{ type: 'SCHEDULED', name: 'Scheduled' }],
    });
  });

  it('shows its attempts, with the one that an agent holds last and once, and the runs it started', async () => {
    const [parent, child] = [await tenant.owner.runs.create(OK), await tenant.owner.runs.create(OK)];
    const [runId, childId] = [toUuid('run', parent.id), toUuid('run', child.id)];
    const sql = (text: string, values: unknown[]) => api.db.systemSql.query(text, values);
    const attemptOf = (epoch: number, state: string) =>
      sql(
        `INSERT INTO attempt (retention_class, run_id, epoch, workspace_id, attempt, claimed_at, ended_at, state_type, state_name)
         SELECT retention_class, id, $2::int, workspace_id, $2::int, now() - interval '1 hour', now(), 'CRASHED', $3 FROM run WHERE id = $1`,
        [runId, epoch, state],
      );
    await sql('UPDATE run_dispatch SET epoch = 2, attempt = 2, agent_id = gen_random_uuid(), claimed_at = now() WHERE run_id = $1', [
      runId,
    ]);
    await sql("UPDATE run SET parent_run_id = $1, parent_step = 'a/b#1', parent_epoch = 1, parent_ordinal = 1 WHERE id = $2", [
      runId,
      childId,
    ]);
    await attemptOf(1, 'Crashed');
    const seen = async () => {
      const { attempts, children } = await tenant.owner.runs.get({ run: parent.id });
      return [attempts.map(({ epoch, state }) => [epoch, state]), children.map(({ id, step }) => [id, step])];
    };
    const children = [[child.id, 'a/b#1']];
    const first = [1, 'Crashed'];
    expect(await seen()).toEqual([[first, [2, null]], children]);
    // It ended between the two looks of one answer.
    await attemptOf(2, 'Lost');
    expect(await seen()).toEqual([[first, [2, 'Lost']], children]);
  });

  it('of a stranger finds nothing', async () => {
    const run = await tenant.owner.runs.create(OK);
    expect(await refusal(stranger.owner.runs.get({ run: run.id }))).toEqual({
      code: 'NOT_FOUND',
      message: `No run "${run.id}" in this workspace.`,
    });
  });
});

describe.each(['cancel', 'retry', 'delete'] as const)('%s', (verb) => {
  it('is refused without the scope, and a stranger finds no such run', async () => {
    const run = await tenant.owner.runs.create(OK);
    expect((await refusal(tenant.as('viewer').runs[verb]({ run: run.id }))).code).toBe('FORBIDDEN');
    expect((await refusal(stranger.owner.runs[verb]({ run: run.id }))).code).toBe('NOT_FOUND');
    expect((await refusal(tenant.owner.runs[verb]({ run: 'run_x' }))).message).toBe(
      'run: expected an id such as run_01h455vb4pex5vsknk084sn02q, got "run_x"',
    );
  });
});

describe('cancel', () => {
  it('ends a run that waits, tells the one who comes second, and is in the audit', async () => {
    const run = await tenant.owner.runs.create(OK);
    const results = await Promise.allSettled([tenant.owner.runs.cancel({ run: run.id }), tenant.owner.runs.cancel({ run: run.id })]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await refusal(tenant.owner.runs.cancel({ run: run.id }))).toMatchObject({ code: 'CONFLICT' });
    const after = await tenant.owner.runs.get({ run: run.id });
    expect(after).toMatchObject({ state: { type: 'CANCELLED', message: `cancelled by ${tenant.ownerEmail}` }, waitingFor: [] });
    expect((await tenant.audit('run.cancel')).at(-1)).toMatchObject({ before: { type: 'SCHEDULED' }, after: { type: 'CANCELLED' } });
  });
});

describe('retry', () => {
  it('makes another attempt of a run that has ended, and refuses one that has not', async () => {
    const run = await tenant.owner.runs.create(OK);
    expect((await refusal(tenant.owner.runs.retry({ run: run.id }))).code).toBe('CONFLICT');
    await tenant.owner.runs.cancel({ run: run.id });
    expect(await tenant.owner.runs.retry({ run: run.id })).toMatchObject({
      id: run.id,
      attempt: 2,
      state: { type: 'SCHEDULED' },
      endedAt: null,
    });
    expect(await tenant.audit('run.retry')).toHaveLength(1);
  });

  it('remembers who asked and what is used again; from the start discards what earlier epochs finished', async () => {
    const run = await tenant.owner.runs.create(OK);
    await tenant.owner.runs.cancel({ run: run.id });
    await tenant.owner.runs.retry({ run: run.id });
    const floor = () => api.db.system.run.findFirst({ where: { id: toUuid('run', run.id) }, select: { replayFloor: true } });
    expect((await floor())?.replayFloor).toBe(0n);
    await tenant.owner.runs.cancel({ run: run.id });
    await tenant.owner.runs.retry({ run: run.id, mode: 'from-start' });
    const live = await api.db.system.runDispatch.findUnique({ where: { runId: toUuid('run', run.id) }, select: { epoch: true } });
    expect((await floor())?.replayFloor).toBe(live?.epoch);
    const { states } = await tenant.owner.runs.get({ run: run.id });
    expect(states.flatMap(({ retry }) => (retry ? [retry] : []))).toEqual([
      { by: tenant.ownerEmail, mode: 'from-failed' },
      { by: tenant.ownerEmail, mode: 'from-start' },
    ]);
    // What is discarded stays so, however the run is retried later.
    await tenant.owner.runs.cancel({ run: run.id });
    await tenant.owner.runs.retry({ run: run.id });
    expect((await floor())?.replayFloor).toBe(live?.epoch);
  });

  it('of a deployment that was deleted is refused', async () => {
    await tenant.owner.deployments.deploy(deployOf({ name: 'shortlived' }));
    const run = await tenant.owner.runs.create({ deployment: 'weather/shortlived' });
    expect((await refusal(tenant.owner.deployments.delete({ deployment: 'weather/shortlived' }))).message).toBe(
      'Deployment "weather/shortlived" has 1 run that did not end: cancel or wait first.',
    );
    await tenant.owner.runs.cancel({ run: run.id });
    await tenant.owner.deployments.delete({ deployment: 'weather/shortlived' });
    expect((await refusal(tenant.owner.runs.retry({ run: run.id }))).message).toBe(
      `The deployment of ${run.id} was deleted; there is no code to run again.`,
    );
    expect((await tenant.owner.runs.get({ run: run.id })).deployment.name).toBe('(deleted)');
  });
});

describe('delete', () => {
  it('removes a run that has ended and refuses one that has not', async () => {
    const run = await tenant.owner.runs.create({ ...OK, idempotencyKey: 'once' });
    expect(await refusal(tenant.owner.runs.delete({ run: run.id }))).toEqual({
      code: 'CONFLICT',
      message: `${run.id} has not ended (Scheduled): cancel it first.`,
    });
    await tenant.owner.runs.cancel({ run: run.id });
    expect(await tenant.owner.runs.delete({ run: run.id })).toEqual({ deleted: true });
    expect((await refusal(tenant.owner.runs.get({ run: run.id }))).code).toBe('NOT_FOUND');
    expect((await tenant.owner.runs.create({ ...OK, idempotencyKey: 'once' })).id).not.toBe(run.id);
    expect(await tenant.audit('run.delete')).toHaveLength(1);
  });
});

describe('what a run made', () => {
  it('is empty at first, and not found for a stranger', async () => {
    const run = await tenant.owner.runs.create(OK);
    expect(await tenant.owner.runs.taskRuns({ run: run.id })).toEqual({ items: [], nextCursor: null });
    expect(await tenant.owner.runs.logs({ run: run.id })).toEqual({ lines: [], next: null });
    expect(await tenant.owner.runs.artifacts({ run: run.id })).toEqual({ items: [] });
    for (const read of ['taskRuns', 'logs', 'artifacts'] as const)
      expect((await refusal(stranger.owner.runs[read]({ run: run.id }))).code).toBe('NOT_FOUND');
  });
});
