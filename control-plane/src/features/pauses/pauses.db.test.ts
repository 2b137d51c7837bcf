/** Runs that wait for a person, from the flow's question to the answer, as the API and an agent see them. */
import { randomUUID } from 'node:crypto';
import { toId, toUuid } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';
import { createDispatchCtx, passServedTime } from '../../../test/dispatch.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { answerCall } from '../calls/serve-calls.ts';
import { transitionRun } from '../dispatch/index.ts';
import { claimRuns } from '../dispatch/store/claim-runs.ts';
import { reap } from '../leases/reaper.ts';
import { remind } from './remind.ts';

const SCHEMA = { type: 'object', properties: { approved: { type: 'boolean' } }, required: ['approved'] };

let api: TestApi;
let tenant: Tenant;
let agentId: string;
let ctx: ReturnType<typeof createDispatchCtx>;

beforeAll(async () => {
  api = await openTestApi();
  tenant = await api.tenant();
  ctx = createDispatchCtx(api.db);
  agentId = await addAgent();
  await tenant.owner.deployments.deploy(deployOf({}));
});
afterAll(() => api[Symbol.asyncDispose]());

async function addAgent(): Promise<string> {
  const id = randomUUID();
  await api.db.systemSql.query(
    `INSERT INTO agent (id, workspace_id, pool_id, name, public_key, session, lease_until, last_seen_at)
     VALUES ($1, $2, $3, $4, $5, 1, served_now() + interval '90 days', now())`,
    [id, tenant.workspaceId, tenant.poolId, `agent-${id}`, `U${id}`],
  );
  return id;
}

type Held = { run: `run_${string}`; runId: string; epoch: number; agentId: string };

/** Claims the run that waits, as a warm agent does: it is RUNNING at once. */
async function claimNext(by = agentId): Promise<Held> {
  const { runs } = (await claimRuns(sqlOfClient(api.db.reportSql), {
    workspaceId: tenant.workspaceId,
    agentId: by,
    session: 1,
    claimId: randomUUID(),
    free: 1,
    warm: [{ digest: (await api.db.systemSql.query('SELECT digest FROM deployment_version LIMIT 1')).rows[0].digest, count: 1 }],
    prefetchMs: 2_000,
    startReportMs: 15_000,
    leaseMs: 90 * 86_400_000,
  })) as { runs: { runId: string; epoch: number }[] };
  const [claimed] = runs;
  if (!claimed) throw new Error('nothing was there to claim');
  const { rows } = await api.db.systemSql.query('SELECT 1 FROM run_dispatch WHERE run_id = $1', [claimed.runId]);
  expect(rows).toHaveLength(1);
  const [run] = (await tenant.owner.runs.list({ states: ['RUNNING'] })).items;
  if (!run) throw new Error('the claimed run does not run');
  expect(toUuid('run', run.id)).toBe(claimed.runId);
  return { run: run.id, runId: claimed.runId, epoch: claimed.epoch, agentId: by };
}

async function running(): Promise<Held> {
  await tenant.owner.runs.create({ deployment: 'weather/daily', parameters: { years: [2012] } });
  return claimNext();
}

const call = (held: Held, op: object) =>
  answerCall(ctx, { workspaceId: tenant.workspaceId, agentId: held.agentId }, { v: 1, session: 1, run: held.run, epoch: held.epoch, op });
const pauseOp = (more: object = {}) => ({
  name: 'pause',
  requestId: randomUUID(),
  how: 'pause',
  key: 'approve',
  message: 'Send the report?',
  timeoutMs: 60_000,
  inputSchema: SCHEMA,
  ...more,
});
const ask = (held: Held, more: object = {}) => call(held, pauseOp(more));
const answer = (held: Held, key = 'approve') => call(held, { name: 'pauseAnswer', key });
const said = (held: Held, kind: 'suspend' | 'start' | 'complete' | 'cancelled-observed') =>
  transitionRun(sqlOfClient(api.db.systemSql), {
    runId: held.runId,
    intent: { kind, owner: { agentId: held.agentId, epoch: held.epoch } },
  });
const state = async (held: Held) => (await tenant.owner.runs.get({ run: held.run })).state.name;
const holders = async (held: Held) => (await api.db.systemSql.query('SELECT 1 FROM holder WHERE run_id = $1', [held.runId])).rowCount;
/** Ends it, so that the next test claims its own. */
const done = async (held: Held) => void (await said(held, 'complete'));

describe('a flow that pauses', () => {
  test('is Paused with its question, keeps its slots, and goes on with the answer', async () => {
    const held = await running();
    expect(await ask(held)).toMatchObject({ status: 'waiting' });
    const { state: now, pause } = await tenant.owner.runs.get({ run: held.run });
    expect(now).toMatchObject({ type: 'PAUSED', name: 'Paused', message: 'Send the report?' });
    expect(pause).toMatchObject({ key: 'approve', how: 'pause', inputSchema: SCHEMA, askedBy: null, inEffect: true });
    expect(Math.abs(Date.parse(pause?.expiresAt ?? '') - Date.now() - 60_000)).toBeLessThan(10_000);
    expect(await holders(held)).toBe(1);
    expect(await answer(held)).toMatchObject({ status: 'waiting' });

    await tenant.owner.runs.resume({ run: held.run, input: { approved: true } });
    expect(await state(held)).toBe('Running');
    expect(await answer(held)).toEqual({
      status: 'answered',
      input: { encoding: 'json', body: { approved: true } },
      by: tenant.ownerEmail,
    });
    expect(api.sent.commands).toContainEqual(expect.objectContaining({ agentId, verb: 'wake' }));
    expect((await tenant.audit('run.resume')).at(-1)).toMatchObject({ before: { name: 'Paused' }, after: { name: 'Running' } });
    await done(held);
  });

  test('asked again under an answered key, it has the answer at once', async () => {
    const held = await running();
    await ask(held);
    await tenant.owner.runs.resume({ run: held.run, input: { approved: false } });
    expect(await ask(held)).toMatchObject({ status: 'answered', input: { body: { approved: false } } });
    expect(await state(held)).toBe('Running');
    await done(held);
  });

  test('whose start is not reported yet has started', async () => {
    const held = await running();
    await ask(held);
    await tenant.owner.runs.resume({ run: held.run, input: { approved: true } });
    const { rows } = await api.db.systemSql.query('SELECT started_at, deadline_at FROM run_dispatch WHERE run_id = $1', [held.runId]);
    expect(rows[0]).toMatchObject({ started_at: expect.any(Date), deadline_at: null });
    await done(held);
  });

  test('is refused a question that is no schema, by name', async () => {
    const held = await running();
    await expect(ask(held, { inputSchema: { type: 'array' } })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ field: 'input.type' }],
    });
    expect(await state(held)).toBe('Running');
    await done(held);
  });

  test('that another agent holds by now is told so', async () => {
    const held = await running();
    await expect(ask({ ...held, agentId: await addAgent() })).rejects.toMatchObject({ code: 'CONFLICT', details: { reason: 'stale' } });
    await done(held);
  });

  test('and that nobody answers is cancelled, then Failed', async () => {
    const held = await running();
    await ask(held);
    await passServedTime(api.db, 61_000);
    await reap(ctx);
    expect(await state(held)).toBe('Cancelling');
    await said(held, 'cancelled-observed');
    expect(await tenant.owner.runs.get({ run: held.run })).toMatchObject({
      state: { name: 'Failed', message: 'nobody ended its pause in time' },
      pause: null,
    });
  });

  test('is Paused again once its lost agent is back', async () => {
    const held = await running();
    await ask(held);
    for (const intent of [{ kind: 'lose', why: 'silent' }, { kind: 'regain' }] as const)
      await transitionRun(sqlOfClient(api.db.systemSql), { runId: held.runId, intent });
    expect(await state(held)).toBe('Running');
    expect(await answer(held)).toMatchObject({ status: 'waiting' });
    expect(await state(held)).toBe('Paused');
    await done(held);
  });

  test('is answered also while its agent is lost, and before it is Paused again', async () => {
    for (const intents of [[{ kind: 'lose', why: 'silent' }], [{ kind: 'lose', why: 'silent' }, { kind: 'regain' }]] as const) {
      const held = await running();
      await ask(held);
      for (const intent of intents) await transitionRun(sqlOfClient(api.db.systemSql), { runId: held.runId, intent });
      await tenant.owner.runs.resume({ run: held.run, input: { approved: true } });
      expect(await answer(held)).toMatchObject({ status: 'answered' });
      await done(held);
    }
  });
});

describe('resuming', () => {
  test('with input that breaks the schema names the field, and writes nothing', async () => {
    const held = await running();
    await ask(held);
    expect(await refusal(tenant.owner.runs.resume({ run: held.run, input: { approved: 'yes' } }))).toMatchObject({
      code: 'INVALID_INPUT',
      message: 'input.approved: expected boolean, got "yes"',
    });
    expect((await refusal(tenant.owner.runs.resume({ run: held.run }))).message).toBe(
      'input.approved: expected a value: it is required, got nothing',
    );
    expect(await answer(held)).toMatchObject({ status: 'waiting' });
    expect(await state(held)).toBe('Paused');
    await done(held);
  });

  test('needs the scope; a stranger finds no such run; a run that waits for nobody says so', async () => {
    const held = await running();
    expect((await refusal(tenant.as('viewer').runs.resume({ run: held.run }))).code).toBe('FORBIDDEN');
    expect((await refusal((await api.tenant()).owner.runs.resume({ run: held.run }))).code).toBe('NOT_FOUND');
    expect(await refusal(tenant.owner.runs.resume({ run: held.run }))).toMatchObject({
      code: 'CONFLICT',
      message: `${held.run} waits for nobody: it is Running. Only a paused or suspended run is resumed.`,
    });
    await done(held);
  });

  test('answers one of two who answer at once', async () => {
    const held = await running();
    await ask(held);
    const input = { approved: true };
    const results = await Promise.allSettled([1, 2].map(() => tenant.owner.runs.resume({ run: held.run, input })));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await done(held);
  });

  test('under one id is done once', async () => {
    const held = await running();
    await ask(held);
    const resume = { run: held.run, input: { approved: true }, transitionId: randomUUID() };
    await tenant.owner.runs.resume(resume);
    await tenant.owner.runs.resume(resume);
    const { states } = await tenant.owner.runs.get({ run: held.run });
    expect(states.filter(({ transitionId }) => transitionId === resume.transitionId)).toHaveLength(1);
    await done(held);
  });

  test('an answer meant for another question is refused', async () => {
    const held = await running();
    await ask(held);
    expect((await refusal(tenant.owner.runs.resume({ run: held.run, key: 'older', input: { approved: true } }))).message).toContain(
      'waits for an answer to "approve" now, not to "older"',
    );
    await done(held);
  });
});

describe('a flow that suspends itself', () => {
  test('leaves, frees its slots, and another agent goes on with the answer', async () => {
    const held = await running();
    await said(held, 'start');
    expect(await ask(held, { how: 'suspend' })).toMatchObject({ status: 'waiting' });
    expect(await tenant.owner.runs.get({ run: held.run })).toMatchObject({
      state: { name: 'Running' },
      pause: { inEffect: false, expiresAt: null },
    });
    expect((await refusal(tenant.owner.runs.resume({ run: held.run, input: { approved: true } }))).message).toContain(
      'once it is Suspended',
    );

    await said(held, 'suspend');
    expect(await tenant.owner.runs.get({ run: held.run })).toMatchObject({
      state: { type: 'PAUSED', name: 'Suspended', message: 'Send the report?' },
      pause: { inEffect: true },
    });
    expect(await holders(held)).toBe(0);

    await tenant.owner.runs.resume({ run: held.run, input: { approved: true } });
    expect(await state(held)).toBe('Resuming');
    const next = await claimNext(await addAgent());
    expect(next.runId).toBe(held.runId);
    expect(next.epoch).toBeGreaterThan(held.epoch);
    expect(await ask(next, { how: 'suspend' })).toMatchObject({ status: 'answered', input: { body: { approved: true } } });
    await done(next);
  });

  test('is Failed when its time is over, however long ours stood still before', async () => {
    await api.db.systemSql.query(`UPDATE served_clock SET served_at = served_at - interval '3 hours'`);
    const held = await running();
    await ask(held, { how: 'suspend', timeoutMs: 5_000 });
    await said(held, 'suspend');
    await reap(ctx);
    expect(await state(held)).toBe('Suspended');
    await passServedTime(api.db, 6_000);
    await reap(ctx);
    expect(await tenant.owner.runs.get({ run: held.run })).toMatchObject({
      state: { name: 'Failed', message: 'nobody resumed it in time' },
    });
  });

  test('is cancelled at once while it is Suspended, and asks anew after a retry by hand', async () => {
    const held = await running();
    await ask(held, { how: 'suspend' });
    await said(held, 'suspend');
    await tenant.owner.runs.cancel({ run: held.run });
    expect(await state(held)).toBe('Cancelled');
    await tenant.owner.runs.retry({ run: held.run });
    const next = await claimNext();
    expect(await ask(next)).toMatchObject({ status: 'waiting' });
    await tenant.owner.runs.resume({ run: held.run, input: { approved: true } });
    await done(next);
    expect((await api.db.systemSql.query('SELECT 1 FROM run_pause WHERE run_id = $1', [held.runId])).rowCount).toBe(2);
    await tenant.owner.runs.delete({ run: held.run });
    expect((await api.db.systemSql.query('SELECT 1 FROM run_pause WHERE run_id = $1', [held.runId])).rowCount).toBe(0);
  });
});

describe('a paused run that a person suspends', () => {
  test('asks its question again once it is resumed, with the whole time to answer', async () => {
    const held = await running();
    await ask(held, { timeoutMs: 60_000 });
    await api.db.systemSql.query("UPDATE run_pause SET asked_at = asked_at - interval '2 days' WHERE run_id = $1", [held.runId]);
    await tenant.owner.runs.suspend({ run: held.run });
    expect((await tenant.owner.runs.get({ run: held.run })).pause).toMatchObject({ how: 'suspend', inEffect: false });
    await said(held, 'suspend');
    await tenant.owner.runs.resume({ run: held.run });
    const next = await claimNext();
    expect(await ask(next)).toMatchObject({ status: 'waiting' });
    const { pause } = await tenant.owner.runs.get({ run: held.run });
    expect(pause).toMatchObject({ key: 'approve', inEffect: true });
    expect(Date.parse(pause?.expiresAt ?? '') - Date.now()).toBeGreaterThan(50_000);
    await done(next);
  });
});

describe('a person who holds a run', () => {
  test('tells its agent, sees that it is on its way, and may take a pause back', async () => {
    const held = await running();
    await tenant.owner.runs.pause({ run: held.run, message: 'Deploying the database' });
    expect(api.sent.commands.at(-1)).toMatchObject({ agentId, verb: 'hold', body: { run: held.run, epoch: held.epoch, how: 'pause' } });
    const { pause, state: now } = await tenant.owner.runs.get({ run: held.run });
    expect(now.message).toBe(`${tenant.ownerEmail} asked to pause it, before its next task`);
    expect(pause).toMatchObject({ how: 'pause', askedBy: tenant.ownerEmail, message: 'Deploying the database', inEffect: false });

    await tenant.owner.runs.resume({ run: held.run });
    expect(await answer(held, pause?.key)).toMatchObject({ status: 'answered' });
    expect((await tenant.owner.runs.get({ run: held.run })).pause).toBeNull();
    await done(held);
  });

  test('at its next task the run is Paused, with the deadline that was asked for', async () => {
    const held = await running();
    await tenant.owner.runs.pause({ run: held.run, timeoutMs: 20_000 });
    const key = (await tenant.owner.runs.get({ run: held.run })).pause?.key;
    await ask(held, { key, message: null, timeoutMs: null, inputSchema: null });
    expect(await state(held)).toBe('Paused');
    const expiresAt = (await tenant.owner.runs.get({ run: held.run })).pause?.expiresAt ?? '';
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThan(21_000);
    await tenant.owner.runs.resume({ run: held.run });
    await done(held);
  });

  test('is told what to do about a run that no process holds, and needs the scope', async () => {
    const { id } = await tenant.owner.runs.create({ deployment: 'weather/daily', parameters: { years: [2012] } });
    expect((await refusal(tenant.owner.runs.suspend({ run: id }))).message).toContain('cancel it, or pause its deployment');
    expect((await refusal(tenant.as('viewer').runs.pause({ run: id }))).code).toBe('FORBIDDEN');
    expect((await refusal((await api.tenant()).owner.runs.suspend({ run: id }))).code).toBe('NOT_FOUND');
    await tenant.owner.runs.cancel({ run: id });
  });
});

describe('setting a state', () => {
  test('calls an ended run otherwise, with who and why, once under one id', async () => {
    const held = await running();
    await transitionRun(sqlOfClient(api.db.systemSql), {
      runId: held.runId,
      intent: { kind: 'fail', owner: { agentId, epoch: held.epoch }, failure: { kind: 'application', message: 'boom' } },
    });
    const set = { run: held.run, type: 'COMPLETED', name: 'MendedByHand', reason: 'loaded by hand', transitionId: randomUUID() } as const;
    await tenant.owner.runs.setState(set);
    await tenant.owner.runs.setState(set);
    const run = await tenant.owner.runs.get({ run: held.run });
    expect(run.state).toMatchObject({
      type: 'COMPLETED',
      name: 'MendedByHand',
      message: `set to MendedByHand by ${tenant.ownerEmail}: loaded by hand`,
    });
    expect(run.failure).toMatchObject({ message: 'boom' });
    expect(run.states.filter(({ name }) => name === 'MendedByHand')).toHaveLength(1);
    expect((await tenant.audit('run.set-state'))[0]).toMatchObject({ before: { name: 'Failed' }, after: { name: 'MendedByHand' } });
  });

  test('is refused while an agent holds the run, to an operator, and to a stranger', async () => {
    const held = await running();
    const set = { run: held.run, type: 'FAILED', reason: 'I say so' } as const;
    expect((await refusal(tenant.owner.runs.setState(set))).message).toContain('cancel it first, then set its state');
    expect((await refusal(tenant.as('operator').runs.setState(set))).code).toBe('FORBIDDEN');
    expect((await refusal((await api.tenant()).owner.runs.setState(set))).code).toBe('NOT_FOUND');
    await done(held);
  });

  test('takes a run that waits out of the queue', async () => {
    const { id } = await tenant.owner.runs.create({ deployment: 'weather/daily', parameters: { years: [2012] } });
    await tenant.owner.runs.setState({ run: id, type: 'COMPLETED', reason: 'done elsewhere' });
    expect((await tenant.owner.runs.get({ run: id })).state.name).toBe('Completed');
    expect((await api.db.systemSql.query('SELECT 1 FROM run_dispatch WHERE run_id = $1', [toUuid('run', id)])).rowCount).toBe(0);
  });
});

describe('a question to certain people', () => {
  const approveOp = (approvers: object | null, more: object = {}) => ({
    ...pauseOp(),
    name: 'approve',
    approvers,
    remindEveryMs: null,
    ...more,
  });
  const events = (held: Held) =>
    api.db.systemSql
      .query('SELECT name, payload FROM event_inbox WHERE run_id = $1 AND name LIKE $2 ORDER BY n', [held.runId, 'approval.%'])
      .then(({ rows }) => rows as { name: string; payload: Record<string, unknown> }[]);
  const input = { approved: true };

  test('is answered by them alone, whatever others may; each step is an event', async () => {
    const held = await running();
    const approvers = { people: ['cfo@example.com'], teams: ['finance'] };
    await call(held, approveOp(approvers));
    expect((await tenant.owner.runs.get({ run: held.run })).pause).toMatchObject({ approvers });
    const refused = await refusal(tenant.owner.runs.resume({ run: held.run, input }));
    expect(refused).toMatchObject({
      code: 'FORBIDDEN',
      message: `Only cfo@example.com and the team finance may answer "approve" of ${held.run}.`,
    });
    const team = await tenant.owner.teams.create({ slug: 'finance', name: 'Finance' });
    const [user] = (await api.db.systemSql.query('SELECT id FROM identity_user WHERE email = $1', [tenant.ownerEmail])).rows;
    await tenant.owner.teams.addMember({ team: team.id, member: { kind: 'person', id: toId('user', user.id) } });
    await tenant.owner.runs.resume({ run: held.run, input });
    expect(await answer(held)).toMatchObject({ status: 'answered', input: { body: input }, by: tenant.ownerEmail });
    expect(await events(held)).toMatchObject([
      { name: 'approval.asked', payload: { key: 'approve', message: 'Send the report?', approvers } },
      { name: 'approval.answered', payload: { key: 'approve', by: tenant.ownerEmail } },
    ]);
    await done(held);
  });

  test('is in the inbox, which says whether one may answer; a stranger sees none', async () => {
    const held = await running();
    await call(held, approveOp({ people: [tenant.ownerEmail.toUpperCase()], teams: [] }));
    const { items } = await tenant.owner.runs.questions({});
    expect(items).toMatchObject([
      { run: { id: held.run, flow: 'weather', deployment: 'daily' }, key: 'approve', message: 'Send the report?', mayAnswer: true },
    ]);
    expect((await tenant.as('viewer').runs.questions({})).items).toMatchObject([{ mayAnswer: false }]);
    expect((await (await api.tenant()).owner.runs.questions({})).items).toEqual([]);
    await tenant.owner.runs.resume({ run: held.run, input });
    expect((await tenant.owner.runs.questions({})).items).toEqual([]);
    await done(held);
  });

  test('that nobody answers in time lets its flow go on, where that was asked for', async () => {
    const more = { timeoutMs: 5_000, onExpire: 'return' };
    const paused = await running();
    await call(paused, approveOp(null, more));
    await passServedTime(api.db, 6_000);
    await reap(ctx);
    const { state: now, pause } = await tenant.owner.runs.get({ run: paused.run });
    expect({ now, pause }).toMatchObject({ now: { name: 'Running', message: 'resumed by the deadline of its question' }, pause: null });
    expect(api.sent.commands.at(-1)).toMatchObject({ agentId, verb: 'wake' });
    expect(await answer(paused)).toEqual({ status: 'expired' });
    expect((await refusal(tenant.owner.runs.resume({ run: paused.run, input }))).code).toBe('CONFLICT');
    expect((await events(paused)).at(-1)).toMatchObject({ name: 'approval.expired', payload: { key: 'approve' } });
    await done(paused);

    const left = await running();
    await call(left, approveOp(null, { ...more, how: 'suspend' }));
    await said(left, 'suspend');
    await passServedTime(api.db, 6_000);
    await reap(ctx);
    expect(await state(left)).toBe('Resuming');
    const next = await claimNext();
    expect(await call(next, approveOp(null, { ...more, how: 'suspend' }))).toEqual({ status: 'expired' });
    await done(next);
  });

  test('fails its run in time, where nothing else was asked for', async () => {
    const held = await running();
    await call(held, approveOp(null, { how: 'suspend', timeoutMs: 5_000 }));
    await said(held, 'suspend');
    await passServedTime(api.db, 6_000);
    await reap(ctx);
    expect(await state(held)).toBe('Failed');
  });

  test('is reminded of while it is open, each time once', async () => {
    const held = await running();
    await call(held, approveOp(null, { remindEveryMs: 60_000 }));
    expect(await remind(api.db.systemSql)).toBe(0);
    const older = () =>
      api.db.systemSql.query(
        `UPDATE run_pause SET asked_at = asked_at - interval '2 minutes', reminded_at = reminded_at - interval '2 minutes' WHERE run_id = $1`,
        [held.runId],
      );
    await older();
    expect([await remind(api.db.systemSql), await remind(api.db.systemSql)]).toEqual([1, 0]);
    await older();
    await tenant.owner.runs.resume({ run: held.run, input });
    expect(await remind(api.db.systemSql)).toBe(0);
    expect((await events(held)).map(({ name }) => name)).toEqual(['approval.asked', 'approval.reminded', 'approval.answered']);
    await done(held);
  });
});
