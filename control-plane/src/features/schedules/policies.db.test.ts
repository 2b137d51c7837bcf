/** What people decide about a schedule beside when it fires, from the API to the runs. */
import { toUuid } from '@signalbox/proto';
import type { Schedule } from '@signalbox/proto/api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type Tenant, type TestApi } from '../../../test/api.ts';
import { deployOf as deployInput } from '../../../test/deploy-input.ts';
import { positionAll } from '../../../test/events.ts';
import { auditFires } from './audit-fires.ts';
import { fireDue } from './fire-due.ts';
import { startQueued } from './start-queued.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
beforeEach(() => api.db.systemSql.query('UPDATE schedule SET next_fire_at = NULL').then(() => {}));
afterAll(() => api?.[Symbol.asyncDispose]());

/** Comes in no test. */
const RARE = { kind: 'cron', cron: '0 0 29 2 *', timezone: 'UTC' } as const;
const HOURLY = { kind: 'cron', cron: '0 * * * *', timezone: 'UTC' } as const;
const q = (text: string, values: unknown[] = []) => api.db.systemSql.query(text, values).then(({ rows }) => rows);

/** A tenant with a deployment and one schedule that a person made. */
async function scheduled(more: Partial<Parameters<Tenant['owner']['schedules']['create']>[0]> = {}) {
  const tenant = await api.tenant();
  const { deployment } = await tenant.owner.deployments.deploy(deployInput());
  const schedule = await tenant.owner.schedules.create({ deployment: deployment.id, slug: 'mine', spec: HOURLY, ...more });
  const id = toUuid('schedule', schedule.id);
  const fire = async () => {
    await fireDue(api.db.systemSql, { prefetchMs: 2_000, graceMs: 60_000 });
  };
  return {
    tenant,
    owner: tenant.owner,
    deployment,
    schedule,
    id,
    fire,
    /** As if it had been dealt with up to `ago`, and were due. */
    owes: (ago: string) =>
      q(`UPDATE schedule SET low_water_at = now() - $2::interval, next_fire_at = now() - interval '1 second' WHERE id = $1`, [id, ago]),
    /** One instant right now: an interval whose anchor is this moment. */
    async owesNow() {
      await q(
        `UPDATE schedule SET spec = jsonb_build_object('kind', 'interval', 'everyMs', 3600000, 'anchorAt', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
           low_water_at = now() - interval '1 minute', next_fire_at = now() WHERE id = $1`,
        [id],
      );
    },
    runs: () => q('SELECT id, due_at, state_type, parameters, created_by FROM run WHERE schedule_id = $1 ORDER BY id', [id]),
    live: () =>
      q('SELECT run_id AS id, state_type FROM run_dispatch WHERE run_id IN (SELECT id FROM run WHERE schedule_id = $1) ORDER BY run_id', [
        id,
      ]),
    fires: async () => (await tenant.owner.schedules.fires({ schedule: schedule.id })).items,
    current: async (): Promise<Schedule | undefined> =>
      (await tenant.owner.deployments.get({ deployment: deployment.id })).schedules.find((each) => each.id === schedule.id),
  };
}

describe('runs that would overlap', () => {
  it('of skip are left out while one has not ended, and noted with the reason', async () => {
    const { owesNow, fire, runs, fires } = await scheduled({ overlap: 'skip' });
    await owesNow();
    await fire();
    await owesNow();
    await fire();
    expect(await runs()).toHaveLength(1);
    expect(await fires()).toMatchObject([
      { outcome: 'skipped', reason: 'overlap: the run before has not ended', run: null },
      { outcome: 'created', reason: null, run: expect.stringMatching(/^run_/) },
    ]);
  });

  it('of queue wait their turn, and start one at a time as the run before ends', async () => {
    const { owner, owesNow, fire, live, fires } = await scheduled({ overlap: 'queue' });
    for (let n = 0; n < 3; n++) {
      await owesNow();
      await fire();
    }
    expect((await fires()).map(({ outcome }) => outcome)).toEqual(['queued', 'queued', 'created']);
    await startQueued(api.db.systemSql);
    expect(await live()).toHaveLength(1);

    for (const left of ['queued created created', 'created created created']) {
      const [fire] = (await fires()).filter(({ run }) => run !== null);
      await owner.runs.cancel({ run: fire?.run ?? '' });
      await Promise.all([startQueued(api.db.systemSql), startQueued(api.db.systemSql), startQueued(api.db.systemSql)]);
      expect(await live()).toHaveLength(1);
      expect((await fires()).map(({ outcome }) => outcome).join(' ')).toBe(left);
    }
  });

  it('of queue stay waiting while the schedule is off', async () => {
    const { owner, owesNow, fire, live, fires, schedule } = await scheduled({ overlap: 'queue' });
    await owesNow();
    await fire();
    await owesNow();
    await fire();
    await owner.schedules.setActive({ schedule: schedule.id, active: false });
    await owner.runs.cancel({ run: (await fires())[1]?.run ?? '' });
    await startQueued(api.db.systemSql);
    expect(await live()).toHaveLength(0);
    await owner.schedules.setActive({ schedule: schedule.id, active: true });
    await startQueued(api.db.systemSql);
    expect(await live()).toHaveLength(1);
  });

  it('of cancel-older take the place of the run before, which is cancelled and says why', async () => {
    const { owesNow, fire, runs, live } = await scheduled({ overlap: 'cancel-older' });
    await owesNow();
    await fire();
    await owesNow();
    await fire();
    const [older, newer] = await runs();
    expect(older.state_type).toBe('CANCELLED');
    expect(await live()).toEqual([{ id: newer.id, state_type: 'SCHEDULED' }]);
    const [{ states }] = await q('SELECT states::text FROM run WHERE id = $1', [older.id]);
    expect(states).toContain('a newer fire took its place');
  });

  it('are known also when they were made before anybody asked', async () => {
    const { owner, schedule, owesNow, fire, runs } = await scheduled();
    await owesNow();
    await fire();
    await owner.schedules.update({ schedule: schedule.id, overlap: 'skip' });
    await owesNow();
    await fire();
    expect(await runs()).toHaveLength(1);
  });
});

describe('catching up', () => {
  it.each([
    ['skip', 0],
    ['latest', 1],
    ['all', 6],
  ] as const)('by %s makes %i runs of six missed hours, and notes what it left out', async (catchUp, expected) => {
    const { owes, fire, runs, fires } = await scheduled({ spec: { kind: 'interval', everyMs: 3_600_000 }, catchUp });
    // Half an hour off the full hour, so that no instant falls within the grace.
    await q(
      `UPDATE schedule SET spec = spec || jsonb_build_object('anchorAt', to_char((now() - interval '30 minutes') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`,
    );
    await owes('6 hours');
    await fire();
    expect(await runs()).toHaveLength(expected);
    const missed = (await fires()).filter(({ outcome }) => outcome === 'missed');
    expect(missed.map(({ reason }) => reason)).toEqual(expected === 6 ? [] : [`catch-up: ${catchUp}`]);
    await fire();
    expect(await runs()).toHaveLength(expected);
  });
});

describe('a fire', () => {
  it('that a person skips makes no run, says who skipped it, and can be put back', async () => {
    const { owner, tenant, schedule, fire, runs, fires } = await scheduled();
    const { fires: coming } = await owner.schedules.upcoming({ schedule: schedule.id, count: 2 });
    const at = coming[0]?.at ?? '';
    const skipped = await tenant.as('operator').schedules.skip({ schedule: schedule.id, at, reason: 'maintenance' });
    expect(skipped).toMatchObject({ at, fires: false, reason: `skipped by ${tenant.ownerEmail}: maintenance` });
    expect(await refusal(owner.schedules.skip({ schedule: schedule.id, at }))).toMatchObject({ code: 'CONFLICT' });
    await owner.schedules.unskip({ schedule: schedule.id, at });
    expect((await owner.schedules.upcoming({ schedule: schedule.id, count: 1 })).fires).toMatchObject([{ at, fires: true }]);
    await owner.schedules.skip({ schedule: schedule.id, at });
    expect(await tenant.audit('schedule.skip')).toHaveLength(2);

    // The hour comes.
    await q(`UPDATE schedule_skip SET fire_at = date_trunc('hour', now())`);
    await q(`UPDATE schedule SET low_water_at = date_trunc('hour', now()) - interval '1 minute', next_fire_at = date_trunc('hour', now())`);
    await fire();
    expect(await runs()).toEqual([]);
    expect(await fires()).toMatchObject([{ outcome: 'skipped', reason: `skipped by ${tenant.ownerEmail}` }]);
  });

  it('is skipped only where there is one, by those who may, in their own workspace', async () => {
    const { owner, tenant, schedule } = await scheduled();
    const [{ at } = { at: '' }] = (await owner.schedules.upcoming({ schedule: schedule.id })).fires;
    const odd = new Date(Date.parse(at) + 1_000).toISOString();
    expect(await refusal(owner.schedules.skip({ schedule: schedule.id, at: odd }))).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ field: 'at' }],
    });
    expect(await refusal(tenant.as('viewer').schedules.skip({ schedule: schedule.id, at }))).toMatchObject({ code: 'FORBIDDEN' });
    const stranger = await api.tenant();
    expect(await refusal(stranger.owner.schedules.skip({ schedule: schedule.id, at }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(stranger.owner.schedules.upcoming({ schedule: schedule.id }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(stranger.owner.schedules.fires({ schedule: schedule.id }))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('happens once, though its schedule is edited between the making of its run and its instant', async () => {
    const { owner, schedule, id, fire, runs } = await scheduled({ spec: { kind: 'interval', everyMs: 1_000 } });
    await q('UPDATE schedule SET next_fire_at = now(), low_water_at = now() WHERE id = $1', [id]);
    await fire();
    const before = await runs();
    expect(before.length).toBeGreaterThan(0);
    await owner.schedules.update({ schedule: schedule.id, spec: { kind: 'interval', everyMs: 1_000, anchorAt: '2020-01-01T00:00:00Z' } });
    await q('UPDATE schedule SET next_fire_at = now() WHERE id = $1', [id]);
    await fire();
    const instants = (await runs()).map(({ due_at }) => due_at.getTime());
    expect(new Set(instants).size).toBe(instants.length);
  });

  it('is late by its jitter and hands its instant to the parameter that asks for it', async () => {
    const { owesNow, fire, runs, fires } = await scheduled({ jitterMs: 60_000, instantParameter: 'city' });
    await owesNow();
    await fire();
    const [run] = await runs();
    const [{ at } = { at: '' }] = await fires();
    expect(run.parameters.body).toMatchObject({ city: at });
    const late = run.due_at.getTime() - Date.parse(at);
    expect(late >= 0 && late <= 60_000).toBe(true);
  });
});

describe('what is to come', () => {
  it('is what fires', async () => {
    const { owner, schedule, id, fire } = await scheduled({ spec: { kind: 'interval', everyMs: 1_000 }, catchUp: 'all' });
    const { fires: coming } = await owner.schedules.upcoming({ schedule: schedule.id, count: 5 });
    // Five seconds later, as far as the schedule knows.
    await q(`UPDATE schedule SET low_water_at = low_water_at - interval '6 seconds', next_fire_at = now() WHERE id = $1`, [id]);
    const { fires: back } = await owner.schedules.upcoming({ schedule: schedule.id, count: 1 });
    await fire();
    const made = (await owner.schedules.fires({ schedule: schedule.id })).items.map(({ at }) => at);
    expect(made.length).toBeGreaterThanOrEqual(6);
    for (const { at } of [...coming, ...back].filter(({ at }) => at <= (made[0] ?? ''))) expect(made).toContain(at);
  });
});

describe('a calendar', () => {
  it('moves fires of closed days where the schedule says so; the auditor expects them there', async () => {
    // Two minutes ago, of the day before: closed as every day but the one that followed.
    const at = new Date(Math.floor(Date.now() / 60_000 - 2) * 60_000);
    const before = new Date(at.getTime() - 86_400_000);
    const spec = {
      kind: 'cron',
      cron: `${before.getUTCMinutes()} ${before.getUTCHours()} ${before.getUTCDate()} ${before.getUTCMonth() + 1} *`,
      timezone: 'UTC',
    } as const;
    const { owner, schedule, id, owes, fire, runs, fires } = await scheduled({ spec });
    const open = { weekdays: [], include: [{ day: at.toISOString().slice(0, 10), name: 'Open' }] };
    await owner.calendars.create({ name: 'moving', rules: open });
    expect(await refusal(owner.schedules.update({ schedule: schedule.id, onClosedDay: 'next' }))).toMatchObject({
      code: 'INVALID_INPUT',
      message: 'onClosedDay: expected "skip", or a calendar that says which days are closed, got "next"',
    });
    const rhythm = owner.schedules.update({ schedule: schedule.id, spec: HOURLY, calendar: 'moving', onClosedDay: 'next' });
    expect(await refusal(rhythm)).toMatchObject({ code: 'INVALID_INPUT', issues: [{ field: 'onClosedDay' }] });
    expect(await owner.schedules.update({ schedule: schedule.id, calendar: 'moving', onClosedDay: 'next' })).toMatchObject({
      onClosedDay: 'next',
    });

    await owes('10 minutes');
    await fire();
    expect(await runs()).toHaveLength(1);
    expect(await fires()).toMatchObject([{ at: at.toISOString(), outcome: 'created' }]);
    await q(`UPDATE schedule SET holds_from = now() - interval '1 hour' WHERE id = $1`, [id]);
    const audit = () => auditFires(api.db.systemSql, { doneUntilMs: at.getTime() - 60_000 });
    expect((await audit()).found).toEqual({ missing: 0, unexpected: 0 });
    await q(`UPDATE schedule SET on_closed_day = 'skip', next_fire_at = NULL WHERE id = $1`, [id]);
    expect((await audit()).found).toEqual({ missing: 0, unexpected: 1 });
  });

  it('closes the schedules that go by it, at once when it changes, and cannot be deleted under them', async () => {
    const { owner, tenant, deployment } = await scheduled();
    await owner.calendars.create({ name: 'open', rules: {} });
    const schedule = await owner.schedules.create({ deployment: deployment.id, slug: 'by-calendar', spec: HOURLY, calendar: 'open' });
    expect((await owner.calendars.get({ calendar: 'open' })).schedules).toBe(1);
    const freeze = {
      from: new Date(Date.now() - 60_000).toISOString(),
      to: new Date(Date.now() + 30 * 86_400_000).toISOString(),
      name: 'release',
    };
    await owner.calendars.update({ calendar: 'open', rules: { freezes: [freeze] } });
    expect((await owner.schedules.upcoming({ schedule: schedule.id, count: 1 })).fires).toMatchObject([
      { fires: false, reason: 'calendar open: freeze window "release"' },
    ]);
    await fireDue(api.db.systemSql);
    const [after] = (await owner.deployments.get({ deployment: deployment.id })).schedules.filter(({ slug }) => slug === 'by-calendar');
    expect(Date.parse(after?.nextFireAt ?? '')).toBeGreaterThanOrEqual(Date.parse(freeze.to));
    expect(await refusal(owner.calendars.delete({ calendar: 'open' }))).toMatchObject({
      code: 'PRECONDITION_FAILED',
      message: expect.stringContaining('by-calendar'),
    });
    await owner.schedules.delete({ schedule: schedule.id });
    await owner.calendars.delete({ calendar: 'open' });
    expect(await owner.calendars.list()).toEqual([]);
    expect(await tenant.audit('calendar.update')).toMatchObject([{ after: { rules: { freezes: [freeze] } } }]);
  });

  it('that opens makes nothing up of the time it was closed', async () => {
    const { owner, schedule, id, fire, runs } = await scheduled({
      spec: { kind: 'interval', everyMs: 86_400_000, anchorAt: new Date(Date.now() + 43_200_000).toISOString() },
    });
    await owner.calendars.create({ name: 'shut', rules: { weekdays: [] } });
    await owner.schedules.update({ schedule: schedule.id, calendar: 'shut' });
    await q(`UPDATE schedule SET low_water_at = now() - interval '3 days' WHERE id = $1`, [id]);
    await owner.calendars.update({ calendar: 'shut', rules: {} });
    await fire();
    expect(await runs()).toEqual([]);
  });

  it('is named by schedules of the same workspace alone', async () => {
    const { owner } = await scheduled();
    await owner.calendars.create({ name: 'ours', rules: {} });
    const other = await scheduled();
    const named = other.owner.schedules.update({ schedule: other.schedule.id, calendar: 'ours' });
    expect(await refusal(named)).toMatchObject({ code: 'INVALID_INPUT', issues: [{ field: 'calendar', received: '"ours"' }] });
    expect(await refusal(other.owner.calendars.get({ calendar: 'ours' }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(owner.calendars.create({ name: 'ours', rules: {} }))).toMatchObject({ code: 'CONFLICT' });
    expect(await refusal(owner.calendars.create({ name: 'bad', timezone: 'Mars', rules: {} }))).toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('a schedule that a person made', () => {
  it('stays as it is over deploys, and its slug is its own', async () => {
    const { owner, schedule, current } = await scheduled({ parameters: {} });
    const code = { slug: 'nightly', spec: HOURLY };
    await owner.deployments.deploy(deployInput({ schedules: [code] }));
    await owner.deployments.deploy(deployInput({ schedules: [] }));
    expect(await current()).toMatchObject({ slug: 'mine', origin: 'operator', active: true });
    const clash = owner.deployments.deploy(deployInput({ schedules: [{ ...code, slug: 'mine' }] }));
    expect(await refusal(clash)).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('"mine" was made by a person') });
    await owner.schedules.delete({ schedule: schedule.id });
    expect(await current()).toBe(undefined);
  });

  it('is checked as one of the code is', async () => {
    const { owner, deployment } = await scheduled();
    const make = (more: object) => refusal(owner.schedules.create({ deployment: deployment.id, slug: 'other', spec: HOURLY, ...more }));
    expect(await make({ spec: { kind: 'cron', cron: '61 * * * *' } })).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ field: 'spec.cron: field minute' }],
    });
    expect(await make({ slug: 'mine' })).toMatchObject({ code: 'CONFLICT' });
    expect(await make({ startsAt: '2026-01-02T00:00:00Z', endsAt: '2026-01-01T00:00:00Z' })).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ field: 'endsAt' }],
    });
  });

  it('is changed here, one of the code is not', async () => {
    const { owner, tenant, schedule } = await scheduled();
    const changed = await owner.schedules.update({
      schedule: schedule.id,
      spec: { kind: 'rrule', rrule: 'FREQ=DAILY;BYHOUR=7' },
      jitterMs: 5_000,
    });
    expect(changed).toMatchObject({ slug: 'mine', jitterMs: 5_000, nextFireAt: expect.stringContaining('T07:00:00.000Z') });
    expect(await tenant.audit('schedule.update')).toMatchObject([{ before: { fires: '0 * * * * (UTC)' }, after: { jitterMs: 5_000 } }]);
    const { deployment } = await owner.deployments.deploy(deployInput({ schedules: [{ slug: 'nightly', spec: HOURLY }] }));
    const ofCode = deployment.schedules.find(({ origin }) => origin === 'code')?.id ?? 'sch_';
    expect(await refusal(owner.schedules.update({ schedule: ofCode as Schedule['id'], jitterMs: 1 }))).toMatchObject({
      code: 'PRECONDITION_FAILED',
    });
    expect(await refusal(owner.schedules.delete({ schedule: ofCode as Schedule['id'] }))).toMatchObject({ code: 'PRECONDITION_FAILED' });
  });
});

describe('the auditor', () => {
  const look = () => auditFires(api.db.systemSql, { doneUntilMs: 0 });

  it('finds what the firing loop did not make, once, and sees it mended', async () => {
    const { owner, id, schedule } = await scheduled({ spec: { kind: 'interval', everyMs: 60_000 }, catchUp: 'all' });
    // The loop believes that it has nothing to do for a long time: the auditor does not ask it.
    await q(
      `UPDATE schedule SET holds_from = now() - interval '4 minutes', low_water_at = now() - interval '4 minutes', next_fire_at = now() + interval '1 day' WHERE id = $1`,
      [id],
    );
    const { found } = await look();
    expect(found.missing).toBeGreaterThanOrEqual(3);
    expect((await look()).found).toEqual({ missing: 0, unexpected: 0 });
    const findings = await owner.schedules.findings({ schedule: schedule.id });
    expect(findings.length).toBe(found.missing);
    expect(findings[0]).toMatchObject({ kind: 'missing', schedule: { slug: 'mine' }, resolvedAt: null });
    await positionAll(api.db.systemSql);
    const told = await owner.events.list({ names: ['schedule.*'] });
    expect(told.items.length).toBe(found.missing);
    expect(told.items[0]).toMatchObject({
      name: 'schedule.fire-missing',
      resource: { id: schedule.id, kind: 'schedule', name: 'mine' },
      payload: { fireAt: expect.any(String) },
    });

    await q('UPDATE schedule SET next_fire_at = now() WHERE id = $1', [id]);
    await fireDue(api.db.systemSql);
    await look();
    expect(await owner.schedules.findings({ schedule: schedule.id, open: true })).toEqual([]);
    const stranger = await api.tenant();
    expect(await stranger.owner.schedules.findings({})).toEqual([]);
  });

  it('finds a run that the schedule does not speak of', async () => {
    const { owner, id, tenant, schedule } = await scheduled({ spec: RARE });
    await q(`UPDATE schedule SET holds_from = now() - interval '10 minutes' WHERE id = $1`, [id]);
    await q(
      `INSERT INTO schedule_fire (workspace_id, schedule_id, fire_at, outcome) VALUES ($1, $2, now() - interval '5 minutes 1.5 seconds', 'created')`,
      [tenant.workspaceId, id],
    );
    await look();
    expect(await owner.schedules.findings({ schedule: schedule.id })).toMatchObject([{ kind: 'unexpected' }]);
    await positionAll(api.db.systemSql);
    expect((await owner.events.list({ names: ['schedule.fire-extra'] })).items).toHaveLength(1);
  });

  it('has nothing to say of what was missed by policy, skipped by people, or is off', async () => {
    const { owner, id, schedule, tenant } = await scheduled({ spec: { kind: 'interval', everyMs: 60_000 } });
    await q(
      `UPDATE schedule SET holds_from = now() - interval '9 minutes', low_water_at = now() - interval '9 minutes', next_fire_at = now() WHERE id = $1`,
      [id],
    );
    await fireDue(api.db.systemSql);
    expect((await owner.schedules.fires({ schedule: schedule.id })).items.map(({ outcome }) => outcome)).toContain('missed');
    await look();
    expect(await owner.schedules.findings({ schedule: schedule.id })).toEqual([]);
    const off = await scheduled({ spec: { kind: 'interval', everyMs: 60_000 }, active: false });
    await q(`UPDATE schedule SET holds_from = now() - interval '9 minutes' WHERE id = $1`, [off.id]);
    const skipped = await scheduled({ spec: { kind: 'interval', everyMs: 600_000 } });
    await q(`UPDATE schedule SET holds_from = now() - interval '14 minutes' WHERE id = $1`, [skipped.id]);
    await q(
      `INSERT INTO schedule_skip (schedule_id, fire_at, workspace_id, skipped_by)
       SELECT $1, to_timestamp(floor(extract(epoch FROM now()) / 600) * 600 - n * 600), $2, 'ada' FROM generate_series(0, 2) n`,
      [skipped.id, skipped.tenant.workspaceId],
    );
    await look();
    for (const each of [off, skipped]) expect(await each.owner.schedules.findings({})).toEqual([]);
    expect(tenant.workspaceId).not.toBe(off.tenant.workspaceId);
  });
});
