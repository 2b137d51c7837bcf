import { randomUUID } from 'node:crypto';
import { toId } from '@signalbox/proto';
import type { LiveEvent } from '@signalbox/proto/api';
import { claimReplySchema } from '@signalbox/proto/messages';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createDispatchCtx, createYard, type Yard } from '../../../test/dispatch.ts';
import { positionAll } from '../../../test/events.ts';
import { AT, artifact, ended, logs, started, task } from '../../../test/report-entries.ts';
import { DEFAULT_TIMINGS } from '../../domain/run-snapshot.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { serveDispatch } from '../dispatch/index.ts';
import { readEvents } from '../events/index.ts';
import { openMeter } from '../usage/index.ts';
import { openReports, type Reports } from './index.ts';

let database: TestDatabase;
let db: Db;
let reports: Reports;
let live: LiveEvent[];
let nudged: string[];
let logged: object[];

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 4 });
});
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  live = [];
  nudged = [];
  logged = [];
  const bus = {
    live: (_: string, event: LiveEvent) => void live.push(event),
    nudge: (_: string, poolId: string) => void nudged.push(poolId),
    command: async () => {},
  };
  reports = openReports({
    db,
    bus,
    log: { warn() {}, error: (fields) => void logged.push(fields) },
    settings: DEFAULT_TIMINGS,
    usage: openMeter({ db, defaults: {} }),
    ...serveDispatch(createDispatchCtx(db), async () => false),
  });
});

/** An agent of `yard` that runs one run: granted, epoch known. */
async function running(yard: Yard, agentId?: string) {
  const agent = agentId ?? (await yard.addAgent());
  const [runId = ''] = await yard.addRuns(await yard.addDeployment());
  const claimed = (await yard.claim(agent)).runs.find((run) => run.runId === runId);
  if (!claimed) throw new Error('not claimed');
  await yard.permit(agent, claimed);
  return { ...spool(yard, agent), runId, run: toId('run', runId), epoch: Number(claimed.epoch), deploymentId: claimed.deploymentId };
}

/** A journal of an agent, with the requests it makes. */
function spool(yard: Yard, agentId: string) {
  const from = { workspaceId: yard.workspaceId, agentId };
  const spoolId = randomUUID();
  const send =
    (channel: 'state' | 'bulk') =>
    (entries: unknown[], session = 1, oldest?: number, claim?: object) =>
      reports[channel](from, { v: 1, session, spoolId, entries, oldest, claim }, 1_000);
  return { yard, from, agentId, state: send('state'), bulk: send('bulk') };
}

const taskRuns = ({ yard, runId }: { yard: Yard; runId: string }) =>
  yard.q('SELECT epoch, ordinal, seq, state_type, message FROM task_run WHERE run_id = $1 ORDER BY epoch, ordinal', [runId]);
const refusedOf = ({ yard, agentId }: { yard: Yard; agentId: string }) =>
  yard.q('SELECT n::int, code, message, entry FROM refused_report WHERE agent_id = $1 ORDER BY n', [agentId]);

describe('a batch', () => {
  it('of a whole run is applied, and its slots are free', async () => {
    const one = await running(await createYard(db));
    const reply = await one.state([
      started(1, one),
      task(2, one),
      task(3, one, { state: 'COMPLETED', stateName: 'Completed', endedAt: AT }),
      ended(4, one, { result: { encoding: 'json', body: { rows: 3 } } }),
    ]);
    expect(reply).toMatchObject({ exceptions: [], watermark: 4, timeline: 1 });
    expect(await taskRuns(one)).toMatchObject([{ ordinal: 1, seq: 3, state_type: 'COMPLETED' }]);
    expect(await one.yard.record(one.runId)).toMatchObject({ state_type: 'COMPLETED', result: { encoding: 'json', body: { rows: 3 } } });
    expect(await one.yard.holders()).toEqual([]);
  });

  it('names the run as its code does, under the epoch that holds it alone', async () => {
    const one = await running(await createYard(db));
    await one.state([{ ...started(1, one), runName: 'stars of \u0000ada' }]);
    expect(await one.yard.record(one.runId)).toMatchObject({ name: 'stars of \ufffdada' });
    await one.state([{ ...started(2, { ...one, epoch: one.epoch - 1 }), runName: 'stale' }]);
    expect(await one.yard.record(one.runId)).toMatchObject({ name: 'stars of \ufffdada' });
  });

  it('that is replayed is a duplicate and changes nothing', async () => {
    const one = await running(await createYard(db));
    await one.bulk([logs(1, one, ['a']), logs(2, one, ['b'])]);
    const reply = await one.bulk([logs(1, one, ['other']), logs(2, one, ['b']), logs(3, one, ['c'])]);
    expect(reply.watermark).toBe(3);
    expect(reply.exceptions).toEqual([
      { n: 1, verdict: 'duplicate' },
      { n: 2, verdict: 'duplicate' },
    ]);
    const rows = await one.yard.q('SELECT n::int, lines FROM log WHERE run_id = $1 ORDER BY n', [one.runId]);
    expect(rows.map((row) => [row.n, row.lines.body[0].message])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  it('with a gap before or inside it is refused, and names the position it expects', async () => {
    const one = await running(await createYard(db));
    await one.bulk([logs(1, one, ['a'])]);
    await expect(one.bulk([logs(3, one, ['c'])])).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: { reason: 'gap', expected: 2 },
    });
    await expect(one.bulk([logs(2, one, ['b']), logs(4, one, ['d'])])).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: { expected: 3 },
    });
    expect(await one.bulk([logs(2, one, ['b'])])).toMatchObject({ watermark: 2 });
  });

  it('that begins with the oldest its agent keeps is taken, when the database went back behind that', async () => {
    const one = await running(await createYard(db));
    await one.bulk([logs(1, one, ['a']), logs(2, one, ['b']), logs(3, one, ['c'])]);
    // Restored to an earlier point: positions 2 and 3 are known to nobody any more.
    await one.yard.q('UPDATE report_channel SET watermark = 1 WHERE agent_id = $1', [one.agentId]);
    const later = [logs(4, one, ['d']), logs(5, one, ['e'])];
    await expect(one.bulk(later, 1, 3)).rejects.toMatchObject({ details: { reason: 'gap', expected: 2 } });
    expect(await one.bulk(later, 1, 4)).toMatchObject({ watermark: 5, exceptions: [] });
    expect(await one.bulk([logs(6, one, ['f'])], 1, 4)).toMatchObject({ watermark: 6, exceptions: [] });
  });

  it('of an older session, a revoked agent or a stranger is refused whole', async () => {
    const one = await running(await createYard(db));
    await one.yard.q('UPDATE agent SET session = 2 WHERE id = $1', [one.agentId]);
    await expect(one.bulk([logs(1, one, ['a'])], 1)).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: { reason: 'session', current: 2 },
    });
    expect(await one.bulk([logs(1, one, ['a'])], 2)).toMatchObject({ watermark: 1, exceptions: [] });
    await one.yard.q('UPDATE agent SET revoked_at = now() WHERE id = $1', [one.agentId]);
    await expect(one.bulk([logs(2, one, ['b'])], 2)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(spool(one.yard, randomUUID()).bulk([logs(1, one, ['a'])])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('that is none says what is wrong with it', async () => {
    const one = await running(await createYard(db));
    await expect(reports.bulk(one.from, { v: 1, session: 1, spoolId: 'x', entries: [] }, 60)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(one.bulk([{}, null])).rejects.toMatchObject({ code: 'INVALID_INPUT', issues: [{ field: 'entries.0.n' }] });
  });
});

describe('a state of a task run', () => {
  const toldOf = async ({ yard, run }: { yard: Yard; run: string }, filter: object = {}) => {
    await positionAll(db.systemSql);
    const names = { about: run, names: ['task-run.*'], ...filter };
    return readEvents(sqlOfClient(db.systemSql), yard.workspaceId, names, { cursor: null, after: 0, limit: 20 });
  };

  it.each([
    ['CRASHED', 'Crashed'],
    ['FAILED', 'Crashed'],
    ['CANCELLED', 'Cancelled'],
  ])('ends with its run that is %s: as %s, told as an event; what had ended stays', async (state, name) => {
    const one = await running(await createYard(db));
    if (state === 'CANCELLED')
      await one.yard.q(
        `UPDATE run_dispatch SET state_type = 'CANCELLING', state_name = 'Cancelling', cancel_cause = 'asked' WHERE run_id = $1`,
        [one.runId],
      );
    const failure = { kind: state === 'FAILED' ? 'application' : 'crashed', message: 'SIGKILL' };
    await one.state([
      started(1, one),
      task(2, one),
      task(3, one, { ordinal: 2, seq: 1, state: 'COMPLETED', stateName: 'Completed', endedAt: AT }),
      task(4, one, { ordinal: 3, seq: 1, state: 'SCHEDULED', stateName: 'AwaitingRetry', startedAt: null }),
      ended(5, one, { state: state === 'CANCELLED' ? 'CRASHED' : state, failure }),
    ]);
    const type = name.toUpperCase();
    expect(await taskRuns(one)).toMatchObject([
      { ordinal: 1, state_type: type, message: expect.stringMatching(/^its run ended first: /) },
      { ordinal: 2, state_type: 'COMPLETED' },
      { ordinal: 3, state_type: type },
    ]);
    const told = await toldOf(one, { names: [`task-run.${name}`] });
    expect(told.map(({ resource }) => resource.id)).toEqual([1, 3].map((ordinal) => `${one.run}/${one.epoch}.${ordinal}`));
    expect(told[0]).toMatchObject({ payload: { attempt: 1, message: expect.stringContaining('its run ended first'), startedAt: AT } });
  });

  it('that is told after its run ended is kept, and what would run for ever has crashed', async () => {
    const one = await running(await createYard(db));
    await one.state([started(1, one), task(2, one), ended(3, one, { state: 'CRASHED', failure: { kind: 'lost', message: 'gone' } })]);
    await one.state([
      task(4, one, { seq: 3, state: 'COMPLETED', stateName: 'Completed', endedAt: AT }),
      task(5, one, { ordinal: 2, seq: 1 }),
      task(6, one, { ordinal: 2, seq: 2, stateName: 'Retrying' }),
    ]);
    expect(await taskRuns(one)).toMatchObject([{ state_type: 'COMPLETED' }, { seq: 2, state_type: 'CRASHED' }]);
    const told = (await toldOf(one)).map(({ name, resource }) => [resource.id?.split('.')[1], name.split('.')[1]]);
    expect(told.slice(-4)).toEqual([
      ['1', 'Completed'],
      ['2', 'Running'],
      ['2', 'Retrying'],
      ['2', 'Crashed'],
    ]);
  });

  it('is an event of the task run, told with the report that stores it, and once', async () => {
    const one = await running(await createYard(db));
    const failed = { state: 'FAILED', stateName: 'Failed', startedAt: AT, endedAt: AT, message: 'no such table' };
    const entries = [
      started(1, one),
      task(2, one),
      task(3, one, failed),
      task(4, one, { ordinal: 2, seq: 1, name: 'load', taskKey: 'load' }),
    ];
    await one.state(entries);
    await one.state(entries);
    await positionAll(db.systemSql);
    const read = (filter: object) =>
      readEvents(sqlOfClient(db.systemSql), one.yard.workspaceId, filter, { cursor: null, after: 0, limit: 10 });
    const id = `${one.run}/${one.epoch}.1`;
    const told = await read({ resource: id });
    expect(told).toMatchObject([
      {
        name: 'task-run.Running',
        resource: { kind: 'task-run', name: 'extract', task: 'extract', state: 'Running' },
        payload: { attempt: 1 },
      },
      { name: 'task-run.Failed', payload: { message: 'no such table', startedAt: AT }, occurredAt: AT },
    ]);
    expect(told[0]?.related).toEqual(
      expect.arrayContaining([expect.objectContaining({ role: 'run', id: one.run }), expect.objectContaining({ role: 'flow' })]),
    );
    expect((await read({ about: one.run, names: ['task-run.*'] })).map(({ resource }) => resource.name)).toEqual([
      'extract',
      'extract',
      'load',
    ]);
    expect((await read({ resource: one.run })).map(({ name }) => name)).not.toContain('task-run.Failed');
  });
});

describe('an entry', () => {
  it('that is poison is set aside between good ones, wherever it is found', async () => {
    const one = await running(await createYard(db));
    let deep: unknown = 1;
    for (let i = 0; i < 5_000; i++) deep = [deep];
    const reply = await one.bulk([
      logs(1, one, ['first']),
      { ...logs(2, one, ['x']), lines: 'none' },
      { n: 3 },
      artifact(4, one, deep),
      // Fits the schema, and no column: found by Postgres alone.
      artifact(5, one, 'too large', 3_000_000_000),
      logs(6, one, ['last']),
    ]);
    expect(reply.watermark).toBe(6);
    expect(reply.exceptions.map(({ n, verdict, code }) => [n, verdict, code])).toEqual([
      [2, 'refused', 'INVALID_INPUT'],
      [3, 'refused', 'INVALID_INPUT'],
      [4, 'refused', 'INVALID_INPUT'],
      [5, 'refused', 'INTERNAL'],
    ]);
    expect(await one.yard.q('SELECT n::int FROM log WHERE run_id = $1 ORDER BY n', [one.runId])).toEqual([{ n: 1 }, { n: 6 }]);
    expect(await refusedOf(one)).toMatchObject([
      { n: 2, message: 'lines: expected an array, got "none"' },
      { n: 3, entry: { n: 3 } },
      { n: 4, message: 'nested deeper than 200 levels', entry: { cut: 'nested too deep' } },
      { n: 5, code: 'INTERNAL' },
    ]);
    expect(logged).toMatchObject([{ n: 5, entry: 'artifact' }]);
  });

  it('with text that Postgres refuses is stored with the text mended', async () => {
    const one = await running(await createYard(db));
    expect(await one.bulk([logs(1, one, ['nul \0, half \uD83D.']), artifact(2, one, { 'k\0': '\0' })])).toMatchObject({
      exceptions: [],
      watermark: 2,
    });
    const said = { state: 'FAILED', message: 'nul \0', failure: { kind: 'application', message: 'nul \0', retryable: false } };
    expect(await one.state([task(1, one, { name: 'nul \0' }), ended(2, one, said)])).toMatchObject({ exceptions: [] });
    expect(await one.yard.record(one.runId)).toMatchObject({ state_type: 'FAILED', state_message: 'nul \uFFFD' });
  });

  it('of a task run never overwrites a newer one', async () => {
    const one = await running(await createYard(db));
    await one.state([
      task(1, one, { seq: 5, state: 'COMPLETED' }),
      task(2, one, { seq: 4 }),
      task(3, one, { seq: 6, state: 'FAILED', message: 'again' }),
    ]);
    await one.state([task(4, one, { seq: 2 })]);
    expect(await taskRuns(one)).toMatchObject([{ seq: 6, state_type: 'FAILED', message: 'again' }]);
  });

  it('of an artifact keeps its id, and the newer one wins', async () => {
    const one = await running(await createYard(db));
    await one.bulk([artifact(1, one, 'v1'), artifact(2, one, 'v2')]);
    const stored = () => one.yard.q('SELECT id, n::int, data FROM artifact WHERE run_id = $1', [one.runId]);
    const [before] = await stored();
    await one.bulk([artifact(3, one, 'v3')]);
    expect(await stored()).toEqual([{ id: before.id, n: 3, data: { encoding: 'json', body: 'v3' } }]);
  });

  it('tells live pages once a run', async () => {
    const one = await running(await createYard(db));
    await one.bulk([logs(1, one, ['a']), logs(2, one, ['b']), artifact(3, one, 'x')]);
    expect(live).toEqual([{ kind: 'run', id: one.run, what: ['logs', 'artifacts'] }]);
  });
});

describe('ownership', () => {
  it('records of an epoch that is over are kept under it, and move nothing', async () => {
    const yard = await createYard(db);
    const one = await running(yard);
    await one.state([ended(1, one, { state: 'FAILED', failure: { kind: 'application', message: 'no' } })]);
    const late = await one.state([task(2, one), started(3, one), ended(4, one, { message: 'done after all' })]);
    expect(late).toMatchObject({ exceptions: [], watermark: 4 });
    expect(await one.bulk([logs(1, one, ['late'])])).toMatchObject({ exceptions: [], watermark: 1 });
    expect(await taskRuns(one)).toHaveLength(1);
    expect(await yard.record(one.runId)).toMatchObject({ state_type: 'FAILED' });
    const [attempt] = await yard.q('SELECT message, started_at FROM attempt WHERE run_id = $1', [one.runId]);
    expect(attempt.message).toBe('no; its agent reported later: COMPLETED, done after all');
    expect(attempt.started_at.toISOString()).toBe(AT);
  });

  it('another agent of the workspace is told CONFLICT, another workspace NOT_FOUND', async () => {
    const one = await running(await createYard(db));
    const colleague = spool(one.yard, await one.yard.addAgent());
    const stranger = await running(await createYard(db));
    expect((await colleague.state([task(1, one), ended(2, one)])).exceptions).toMatchObject([
      { n: 1, code: 'CONFLICT' },
      { n: 2, code: 'CONFLICT' },
    ]);
    expect((await stranger.state([task(1, one), task(2, stranger)])).exceptions).toMatchObject([
      { n: 1, verdict: 'refused', code: 'NOT_FOUND' },
    ]);
    expect(await taskRuns(one)).toEqual([]);
    expect(await taskRuns(stranger)).toHaveLength(1);
    expect(await one.yard.dispatchRow(one.runId)).toMatchObject({ state_type: 'RUNNING' });
  });

  it('a run of a day that is not kept any more is refused as expired, one that never was as not found', async () => {
    const one = await running(await createYard(db));
    const longAgo = toId('run', '01900000-0000-7000-8000-000000000000');
    const never = toId('run', `${one.runId.slice(0, 24)}000000000000`);
    const { exceptions } = await one.bulk([logs(1, { ...one, run: longAgo }, ['a']), logs(2, { ...one, run: never }, ['a'])]);
    expect(exceptions[0]).toMatchObject({ code: 'NOT_FOUND', message: expect.stringMatching(/^expired: /) });
    expect(exceptions[1]).toMatchObject({ code: 'NOT_FOUND', message: expect.stringMatching(/^no run run_/) });
  });

  it('a cancelled run ends as cancelled when its agent says that it ended', async () => {
    const one = await running(await createYard(db));
    await one.state([started(1, one)]);
    await one.yard.q(
      `UPDATE run_dispatch SET state_type = 'CANCELLING', state_name = 'Cancelling', cancel_cause = 'asked' WHERE run_id = $1`,
      [one.runId],
    );
    await one.state([ended(2, one, { state: 'CRASHED', failure: { kind: 'crashed', message: 'SIGTERM' } })]);
    expect(await one.yard.record(one.runId)).toMatchObject({ state_type: 'CANCELLED' });
  });
});

describe('a day', () => {
  it('that is dropped between the look and the write costs its own entries alone', async () => {
    await using own = await createTestDatabase();
    const ownDb = openDb({ url: own.url, maxConnections: 2 });
    try {
      const one = await running(await createYard(ownDb));
      const admin = new pg.Client({ connectionString: own.adminUrl });
      await admin.connect();
      await admin.query(`DO $$ BEGIN EXECUTE format('DROP TABLE task_run_d30_%s', to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')); END $$`);
      await admin.end();
      const bus = { live() {}, nudge() {}, command: async () => {} };
      const { state } = openReports({
        db: ownDb,
        bus,
        log: { warn() {}, error() {} },
        settings: DEFAULT_TIMINGS,
        usage: openMeter({ db: ownDb, defaults: {} }),
      });
      const reply = await state(
        one.from,
        {
          v: 1,
          session: 1,
          spoolId: randomUUID(),
          entries: [started(1, one), task(2, one), ended(3, one)],
        },
        1_000,
      );
      expect(reply).toMatchObject({ watermark: 3, exceptions: [{ n: 2, code: 'NOT_FOUND', message: expect.stringMatching(/^expired/) }] });
      expect(await one.yard.record(one.runId)).toMatchObject({ state_type: 'COMPLETED' });
    } finally {
      await ownDb.close();
    }
  });
});

describe('batches of many agents', () => {
  it('go together, and the one at fault harms no other', async () => {
    const yard = await createYard(db);
    const other = await createYard(db);
    const agents = [await running(yard), await running(yard), await running(other), await running(other)];
    const fault = agents[2];
    const replies = await Promise.all(
      agents.map((one) =>
        one.state([
          started(1, one),
          task(2, one, one === fault ? { ordinal: 3_000_000_000 } : {}),
          task(3, one, { ordinal: 2 }),
          ended(4, one),
        ]),
      ),
    );
    expect(replies.map(({ watermark }) => watermark)).toEqual([4, 4, 4, 4]);
    expect(replies.map(({ exceptions }) => exceptions.map(({ n }) => n))).toEqual([[], [], [2], []]);
    for (const one of agents) expect(await one.yard.record(one.runId)).toMatchObject({ state_type: 'COMPLETED' });
    expect(await Promise.all(agents.map(taskRuns))).toMatchObject([{ length: 2 }, { length: 2 }, { length: 1 }, { length: 2 }]);
  });

  it('sent twice at once are stored once', async () => {
    const one = await running(await createYard(db));
    const entries = Array.from({ length: 50 }, (_, i) => logs(i + 1, one, [`line ${i}`]));
    const replies = await Promise.all([one.bulk(entries), one.bulk(entries), one.bulk(entries)]);
    expect(replies.map(({ watermark, exceptions }) => [watermark, exceptions.length])).toEqual([
      [50, 0],
      [50, 50],
      [50, 50],
    ]);
  });
});

describe('an end that frees a slot of a full limit', () => {
  it('is answered with the word that a run was woken; only what nobody claims then is offered', async () => {
    const yard = await createYard(db);
    const agent = await yard.addAgent();
    const deployment = await yard.addDeployment({ limit: 1 });
    await yard.addRuns(deployment, 3);
    const { state } = spool(yard, agent);
    const start = async () => {
      const [claimed] = (await yard.claim(agent, 5)).runs;
      if (!claimed) throw new Error('nothing was claimed');
      await yard.permit(agent, claimed);
      return { run: toId('run', claimed.runId), epoch: Number(claimed.epoch) };
    };
    const first = await start();
    expect(await state([started(1, first)])).not.toHaveProperty('woken');
    expect(await state([ended(2, first)])).toMatchObject({ woken: true });
    expect(nudged).toEqual([]);
    await vi.waitFor(() => expect(nudged).toEqual([yard.poolId]));
    const second = await start();
    expect(await state([started(3, second), ended(4, second)])).toMatchObject({ woken: true });
    const third = await start();
    expect(await state([started(5, third), ended(6, third)])).not.toHaveProperty('woken');
  });

  it('brings a claim beside the reports its runs, and only then', async () => {
    const yard = await createYard(db);
    const agent = await yard.addAgent();
    const deployment = await yard.addDeployment({ limit: 1 });
    await yard.addRuns(deployment, 2);
    const [first] = (await yard.claim(agent, 5)).runs;
    if (!first) throw new Error('nothing was claimed');
    await yard.permit(agent, first);
    const id = { run: toId('run', first.runId), epoch: Number(first.epoch) };
    const { state } = spool(yard, agent);
    const claim = { claimId: randomUUID(), free: 4, warm: [{ digest: 'd1', count: 1 }] };
    expect(await state([started(1, id)], 1, undefined, claim)).not.toHaveProperty('claim');
    const answer = await state([ended(2, id)], 1, undefined, claim);
    expect(answer).not.toHaveProperty('woken');
    expect(claimReplySchema.parse(answer.claim)).toMatchObject({ runs: [{ granted: true }], heldMs: expect.any(Number) });
    // Asked again under its id it says the same, and that it was carried out before.
    const again = await yard.claim(agent, 4, { claimId: claim.claimId });
    expect(again).toMatchObject({ repeated: true, runs: [{ granted: true }] });
    // The end, the wake-up and the claim are one commit.
    const commits = await yard.q(
      'SELECT DISTINCT x FROM (SELECT xmin::text AS x FROM claim WHERE id = $1 UNION ALL SELECT xmin::text FROM run WHERE id = $2) t',
      [claim.claimId, first.runId],
    );
    expect(commits).toHaveLength(1);
  });

  it.each([
    ['a claim of the pool', 'SELECT 1 FROM work_pool WHERE id = $1 FOR UPDATE', (yard: Yard) => yard.poolId],
    [
      'whoever holds the limit',
      'SELECT 1 FROM deployment WHERE id = $1 FOR NO KEY UPDATE',
      (_yard: Yard, deployment: string) => deployment,
    ],
  ])('waits for %s no longer than to be stored: its claim comes after the commit', async (_who, lock, idOf) => {
    const yard = await createYard(db);
    const agent = await yard.addAgent();
    const deployment = await yard.addDeployment({ limit: 1 });
    const runs = await yard.addRuns(deployment, 2);
    const [first] = (await yard.claim(agent, 5)).runs;
    if (!first) throw new Error('nothing was claimed');
    const waiting = runs.find((runId) => runId !== first.runId) ?? '';
    await yard.permit(agent, first);
    const id = { run: toId('run', first.runId), epoch: Number(first.epoch) };
    const other = new pg.Client({ connectionString: database.url, options: '-c role=signalbox_system' });
    await other.connect();
    try {
      await other.query('BEGIN');
      await other.query(lock, [idOf(yard, deployment)]);
      const claim = { claimId: randomUUID(), free: 4, warm: [] };
      const answered = spool(yard, agent).state([started(1, id), ended(2, id)], 1, undefined, claim);
      await expect.poll(() => yard.dispatchRow(first.runId)).toBeNull();
      await other.query('COMMIT');
      await answered;
      await expect.poll(async () => (await yard.dispatchRow(waiting))?.parked_on).toBeNull();
    } finally {
      await other.end();
    }
  });
});
