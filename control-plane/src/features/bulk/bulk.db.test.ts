/** Bulk jobs as people start and steer them, worked off batch by batch against the real database. */
import { randomUUID } from 'node:crypto';
import { toId, toUuid } from '@signalbox/proto';
import type { BulkJob } from '@signalbox/proto/api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';
import { createQuietBus } from '../../../test/dispatch.ts';
import { openLog } from '../../platform/log.ts';
import { openShardLeases } from '../../platform/shards.ts';
import { type BulkDeps, runJobs } from './loop.ts';
import { type JobRef, runBatch } from './run-batch.ts';

/** `BULK_RUNS=100000` measures large jobs: cancel, retry, delete. */
const HUGE = Number(process.env['BULK_RUNS'] ?? 12_000);
const HUGE_JOBS = process.env['BULK_RUNS'] ? (['cancel', 'retry', 'delete'] as const) : (['cancel'] as const);

let api: TestApi;
let tenant: Tenant;
let stranger: Tenant;
let deps: BulkDeps;
const q = (text: string, values: unknown[] = []) => api.db.systemSql.query(text, values).then(({ rows }) => rows);

beforeAll(async () => {
  api = await openTestApi();
  [tenant, stranger] = await Promise.all([api.tenant(), api.tenant()]);
  await tenant.owner.deployments.deploy(deployOf());
  await stranger.owner.deployments.deploy(deployOf());
  deps = { db: api.db, bus: createQuietBus() as never, log: openLog('silent', 'test'), shards: openShardLeases(api.db.systemSql) };
});
afterAll(() => api[Symbol.asyncDispose]());
// No job of one test is worked off in the next.
afterEach(() => q(`UPDATE bulk_job SET status = 'cancelled' WHERE status IN ('running', 'paused')`));

const make = async (count: number, more: { name?: string; tags?: string[] } = {}, of = tenant) => {
  const { runs } = await of.owner.runs.createMany({
    deployment: 'weather/daily',
    runs: Array.from({ length: count }, (_, n) => ({ name: `${more.name ?? 'n'}${n}`, tags: more.tags ?? [] })),
  });
  return runs;
};
const refOf = (job: BulkJob): JobRef => ({ id: toUuid('bulkJob', job.id), workspaceId: tenant.workspaceId });
const finish = async (job: BulkJob, size?: number) => {
  while ((await runBatch(deps, refOf(job), size)) === 'more');
  return tenant.owner.bulk.get({ job: job.id });
};
const statesOf = async (tag: string) =>
  Object.fromEntries(
    (
      await q(
        `SELECT coalesce(d.state_type, r.state_type) AS state, count(*)::int AS n FROM run r LEFT JOIN run_dispatch d ON d.run_id = r.id WHERE r.tags @> ARRAY[$1] GROUP BY 1`,
        [tag],
      )
    ).map(({ state, n }) => [state, n]),
  );
const withTag = (tag: string) => ({ tags: { all: [tag] } });

describe('a job', () => {
  it('cancels what fits, says who and why in each history, and counts', async () => {
    const [run] = await make(7, { tags: ['c1'] });
    await make(2, { tags: ['other'] });
    await make(3, { tags: ['c1'] }, stranger);
    expect(await tenant.owner.bulk.preview({ action: 'cancel', filter: withTag('c1') })).toEqual({ count: 7, isMore: false });
    const job = await tenant.owner.bulk.cancel({ filter: withTag('c1'), reason: 'bad data' });
    expect(job).toMatchObject({
      status: 'running',
      expected: { count: 7, isMore: false },
      filterText: expect.stringContaining('tag:c1'),
      done: 0,
    });
    expect(await finish(job, 3)).toMatchObject({ status: 'done', done: 7, failed: 0, skipped: [], endedAt: expect.any(String) });
    expect(await statesOf('c1')).toEqual({ CANCELLED: 7, SCHEDULED: 3 });
    expect((await statesOf('other')).SCHEDULED).toBe(2);
    expect((await tenant.owner.runs.get({ run: run ?? '' })).state.message).toBe(`cancelled by ${tenant.ownerEmail}, in bulk ("bad data")`);
    const audit = await tenant.audit('bulk.cancel');
    expect(audit).toHaveLength(1);
    expect(audit[0]).toMatchObject({ targetKind: 'bulk-job', after: { action: 'cancel', expected: 7, reason: 'bad data' } });
    expect(await tenant.audit('run.cancel')).toEqual([]);
  });

  it('retries ended runs as new attempts', async () => {
    const runs = await make(3, { tags: ['r1'] });
    await finish(await tenant.owner.bulk.cancel({ filter: withTag('r1') }));
    expect(await finish(await tenant.owner.bulk.retry({ filter: withTag('r1'), mode: 'from-start' }))).toMatchObject({
      done: 3,
      skipped: [],
    });
    expect(await tenant.owner.runs.get({ run: runs[0] ?? '' })).toMatchObject({
      attempt: 2,
      state: { type: 'SCHEDULED', message: expect.stringContaining('from the start') },
    });
  });

  it('deletes ended runs with all they made, and leaves live ones with a reason', async () => {
    const runs = await make(4, { tags: ['d1'] });
    for (const run of runs.slice(0, 3)) await tenant.owner.runs.cancel({ run });
    await q(
      `INSERT INTO log (retention_class, run_id, epoch, n, workspace_id, at, max_level, lines) SELECT retention_class, id, 1, 1, workspace_id, now(), 1, '[]' FROM run WHERE tags @> ARRAY['d1']`,
    );
    const job = await tenant.owner.bulk.delete({ filter: { ...withTag('d1'), states: ['CANCELLED', 'SCHEDULED'] } });
    const done = await finish(job, 2);
    expect(done).toMatchObject({ done: 3, failed: 0, skipped: [{ why: 'not-ended', count: 1 }] });
    expect(done.samples).toEqual([{ run: runs[3], outcome: 'skipped', reason: 'had not ended' }]);
    expect(await statesOf('d1')).toEqual({ SCHEDULED: 1 });
    const left = await q(`SELECT l.run_id FROM log l WHERE l.run_id = ANY ($1)`, [runs.map((run) => toUuid('run', run))]);
    expect(left).toHaveLength(1);
  });

  it('counts what it cannot change, by why', async () => {
    const runs = await make(3, { tags: ['s1'] });
    await tenant.owner.runs.cancel({ run: runs[0] ?? '' });
    const job = await tenant.owner.bulk.cancel({ filter: { ...withTag('s1'), states: ['SCHEDULED', 'CANCELLED'] } });
    expect(await finish(job)).toMatchObject({ done: 2, skipped: [{ why: 'over', count: 1 }] });
    // A retry of a run whose deployment is gone.
    await tenant.owner.deployments.deploy(deployOf({ name: 'short' }));
    const { id } = await tenant.owner.runs.create({ deployment: 'weather/short', tags: ['s2'] });
    await tenant.owner.runs.cancel({ run: id });
    await tenant.owner.deployments.delete({ deployment: 'weather/short' });
    expect(await finish(await tenant.owner.bulk.retry({ filter: withTag('s2') }))).toMatchObject({
      done: 0,
      skipped: [{ why: 'no-deployment', count: 1 }],
    });
  });

  it('leaves alone what was created after its start', async () => {
    await make(2, { tags: ['snap'] });
    const job = await tenant.owner.bulk.cancel({ filter: withTag('snap') });
    await q('UPDATE bulk_job SET created_at = now() WHERE id = $1', [refOf(job).id]);
    await expect
      .poll(async () => (await q("SELECT clock_timestamp() > $1::timestamptz + interval '2 ms' AS past", [job.createdAt]))[0].past)
      .toBe(true);
    await make(2, { tags: ['snap'] });
    expect(await finish(job)).toMatchObject({ done: 2 });
    expect(await statesOf('snap')).toEqual({ CANCELLED: 2, SCHEDULED: 2 });
  });

  it('is paused, resumed and stopped; what was done stays done', async () => {
    await make(6, { tags: ['p1'] });
    const job = await tenant.owner.bulk.cancel({ filter: withTag('p1') });
    await runBatch(deps, refOf(job), 2);
    expect(await tenant.owner.bulk.pause({ job: job.id })).toMatchObject({ status: 'paused', done: 2 });
    expect(await runBatch(deps, refOf(job), 2)).toBe('idle');
    expect(await statesOf('p1')).toEqual({ CANCELLED: 2, SCHEDULED: 4 });
    expect((await tenant.owner.bulk.resume({ job: job.id })).status).toBe('running');
    await runBatch(deps, refOf(job), 2);
    expect(await tenant.owner.bulk.stop({ job: job.id })).toMatchObject({ status: 'cancelled', done: 4 });
    expect(await finish(job)).toMatchObject({ status: 'cancelled', done: 4 });
    expect(await statesOf('p1')).toEqual({ CANCELLED: 4, SCHEDULED: 2 });
    expect(await refusal(tenant.owner.bulk.resume({ job: job.id }))).toEqual({
      code: 'CONFLICT',
      message: `${job.id} is cancelled: it cannot resume now.`,
    });
    for (const verb of ['pause', 'resume', 'stop']) expect(await tenant.audit(`bulk.${verb}`)).toHaveLength(1);
  });

  it('goes on where it was after a restart, and two replicas at once count no run twice', async () => {
    await make(40, { tags: ['two'] });
    const job = await tenant.owner.bulk.cancel({ filter: withTag('two') });
    const replica = async () => {
      for (let turn = 0; turn < 60; turn++) if ((await runBatch(deps, refOf(job), 3)) === 'over') return;
    };
    await Promise.all([replica(), replica()]);
    expect(await tenant.owner.bulk.get({ job: job.id })).toMatchObject({ status: 'done', done: 40, skipped: [], failed: 0 });
  });

  it('of a batch that fails counts the run at fault, and changes the others', async () => {
    const runs = await make(5, { tags: ['f1'] });
    for (const run of runs) await tenant.owner.runs.cancel({ run });
    await q(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.id = '${toUuid('run', runs[2] ?? '')}' THEN RAISE EXCEPTION 'stuck'; END IF; RETURN OLD; END $$`,
    ).catch(() => {});
    const { rows } = await api.db.systemSql.query(`SELECT has_schema_privilege('public', 'CREATE') AS may`);
    // Loops may make nothing in the schema; a lock that is not given stands for the fault.
    expect(rows[0].may).toBe(false);
    const holder = await api.db.systemSql.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM run WHERE id = $1 FOR UPDATE', [toUuid('run', runs[2] ?? '')]);
    const job = await tenant.owner.bulk.delete({ filter: withTag('f1') });
    const inTime = {
      ...deps,
      db: {
        ...api.db,
        inWorkspace: ((id: string, work: never) =>
          api.db.inWorkspace(id, async (tx) => {
            await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = '100ms'`);
            return (work as (tx: unknown) => unknown)(tx);
          })) as never,
      },
    };
    expect(await runBatch(inTime, refOf(job))).toBe('over');
    await holder.query('ROLLBACK');
    holder.release();
    const done = await tenant.owner.bulk.get({ job: job.id });
    expect(done).toMatchObject({
      done: 4,
      failed: 1,
      samples: [{ run: runs[2], outcome: 'failed', reason: expect.stringContaining('lock timeout') }],
    });
  });

  it('whose filter names what is gone by now ends and says so', async () => {
    await tenant.owner.workPools.create({ name: 'brief' });
    const job = await tenant.owner.bulk.cancel({ filter: { pools: ['brief'] } });
    await tenant.owner.workPools.delete({ pool: 'brief' });
    expect(await finish(job)).toMatchObject({ status: 'failed', problem: 'No work pool "brief" in this workspace.' });
  });
});

describe('starting', () => {
  it('everything asks for a word more', async () => {
    expect(await refusal(tenant.owner.bulk.cancel({ filter: {} }))).toMatchObject({
      code: 'INVALID_INPUT',
      message: 'filter: expected at least one condition, or `all: true` for every run of the workspace',
    });
    expect((await tenant.owner.bulk.preview({ action: 'cancel', filter: {}, all: true })).count).toBeGreaterThan(0);
  });

  it("needs the action's scope, and a stranger finds no job", async () => {
    const filter = withTag('x');
    expect((await refusal(tenant.as('viewer').bulk.cancel({ filter }))).code).toBe('FORBIDDEN');
    expect((await refusal(tenant.as('operator').bulk.delete({ filter }))).code).toBe('FORBIDDEN');
    const job = await tenant.owner.bulk.delete({ filter });
    await tenant.as('operator').bulk.pause({ job: job.id });
    expect((await refusal(tenant.as('operator').bulk.resume({ job: job.id }))).message).toContain('lacks the scope runs:delete');
    for (const verb of ['pause', 'resume', 'stop'] as const) {
      expect((await refusal(stranger.owner.bulk[verb]({ job: job.id }))).code).toBe('NOT_FOUND');
      expect((await refusal(tenant.as('viewer').bulk[verb]({ job: job.id }))).code).toBe('FORBIDDEN');
    }
    expect((await refusal(stranger.owner.bulk.get({ job: job.id }))).code).toBe('NOT_FOUND');
    expect((await refusal(tenant.owner.bulk.get({ job: toId('bulkJob', randomUUID()) }))).code).toBe('NOT_FOUND');
    expect((await stranger.owner.bulk.list({})).items).toEqual([]);
  });

  it('too many at once is refused', async () => {
    for (let n = 0; n < 20; n++) await tenant.owner.bulk.cancel({ filter: withTag('x') });
    expect((await refusal(tenant.owner.bulk.cancel({ filter: withTag('x') }))).code).toBe('LIMIT_EXCEEDED');
    const page = await tenant.owner.bulk.list({ limit: 3, status: ['running'] });
    expect(page.items).toHaveLength(3);
    expect((await tenant.owner.bulk.list({ limit: 3, cursor: page.nextCursor ?? '' })).items[0]?.id).not.toBe(page.items[0]?.id);
  });
});

it(`${HUGE} runs are worked off by the loop, batch after batch, telling how far it is (${HUGE_JOBS.join(', ')})`, async () => {
  const [{ id: deployment }] = await q(`SELECT id FROM deployment WHERE workspace_id = $1 AND name = 'daily'`, [tenant.workspaceId]);
  await q(
    `WITH ids AS MATERIALIZED (SELECT signalbox_uuidv7(now() - n * interval '1 ms') AS id, n FROM generate_series(1, $2) n), records AS (
       INSERT INTO run (retention_class, id, workspace_id, flow_id, deployment_id, version_id, pool_id, queue_id, name, tags, parameters, created_by, due_at, created_at)
       SELECT 'd30', ids.id, d.workspace_id, d.flow_id, d.id, d.version_id, d.pool_id, d.queue_id, 'run-' || n, ARRAY['huge'], '{"encoding":"json","body":{}}', 'api', now(), now()
       FROM ids, deployment d WHERE d.id = $1)
     INSERT INTO run_dispatch (run_id, workspace_id, retention_class, deployment_id, version_id, pool_id, queue_id, state_type, state_name, state_at, due_at, attempt, expires_at)
     SELECT ids.id, d.workspace_id, 'd30', d.id, d.version_id, d.pool_id, d.queue_id, 'SCHEDULED', 'Scheduled', now(), now(), 1, now() + interval '1 day' FROM ids, deployment d WHERE d.id = $1`,
    [deployment, HUGE],
  );
  for (const verb of HUGE_JOBS) {
    // What was retried ends before it can be deleted.
    if (verb === 'delete') await workOff(await tenant.owner.bulk.cancel({ filter: withTag('huge') }));
    const job = await tenant.owner.bulk[verb]({ filter: withTag('huge') });
    expect(job.expected).toEqual({ count: 10_000, isMore: true });
    const { progress, turnsMs } = await workOff(job);
    expect(await tenant.owner.bulk.get({ job: job.id })).toMatchObject({ status: 'done', done: HUGE, failed: 0, skipped: [] });
    // Told batch by batch, and never back.
    expect(progress.length).toBeGreaterThan(HUGE / 1_000);
    expect(progress).toEqual(progress.toSorted((one, other) => one - other));
    if (process.env['BULK_RUNS']) console.info(`${verb}: ${HUGE} runs; ${toldOf(turnsMs)}`);
  }
}, 1_800_000);

/** Until the loop has nothing more to do; what the job said of its progress after each batch. */
async function workOff(job: BulkJob): Promise<{ progress: number[]; turnsMs: number[] }> {
  const [progress, turnsMs]: [number[], number[]] = [[], []];
  for (let more = true; more; ) {
    const startedAt = performance.now();
    more = (await runJobs(deps, new AbortController().signal)) === 'again';
    turnsMs.push(performance.now() - startedAt);
    progress.push((await tenant.owner.bulk.get({ job: job.id })).done);
  }
  return { progress, turnsMs };
}

/** The whole, and a batch at the beginning and at the end: what the job has behind it must not slow it down. */
function toldOf(turnsMs: readonly number[]): string {
  const tenth = Math.ceil(turnsMs.length / 10);
  const median = (some: readonly number[]) => Math.round(some.toSorted((a, b) => a - b)[some.length >> 1] ?? 0);
  const whole = Math.round(turnsMs.reduce((sum, ms) => sum + ms, 0));
  return `${whole} ms, a batch ${median(turnsMs.slice(0, tenth))} ms in the first tenth, ${median(turnsMs.slice(-tenth))} ms in the last`;
}
