import { toId } from '@signalbox/proto';
import { scheduleRulesSchema } from '@signalbox/proto/api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { createYard, type Yard } from '../../../test/dispatch.ts';
import { type Db, openDb } from '../../platform/db.ts';
import { openShardLeases } from '../../platform/shards.ts';
import { fireDue } from './fire-due.ts';
import { type CodeSchedules, scheduleRowsForDeploy, schedulesOf, setScheduleActive, startFiring } from './index.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url, maxConnections: 8 });
});
// What a test left due is not the next one's.
beforeEach(() => db.systemSql.query('UPDATE schedule SET next_fire_at = NULL').then(() => {}));
afterAll(async () => {
  await db?.close();
  await database?.[Symbol.asyncDispose]();
});

type Wanted = NonNullable<CodeSchedules>[number];
const cron = (slug: string, pattern = '0 * * * *', more: Partial<Wanted> = {}): Wanted => ({
  slug, spec: { kind: 'cron', cron: pattern, timezone: 'UTC' }, parameters: {}, active: true, ...scheduleRulesSchema.parse({}), ...more,
}); // biome-ignore format: one a line

/** A deployment with these schedules from code. */
async function deployed(schedules: Wanted[]) {
  const yard = await createYard(db);
  const deploymentId = await yard.addDeployment();
  const deploy = (wanted: CodeSchedules) =>
    db.inWorkspace(yard.workspaceId, (tx) => scheduleRowsForDeploy(tx, { workspaceId: yard.workspaceId, deploymentId, schedules: wanted }));
  await deploy(schedules);
  const list = async () =>
    (await db.inWorkspaceSql(yard.workspaceId, (sql) => schedulesOf(sql, yard.workspaceId, [deploymentId]))).get(deploymentId) ?? [];
  const setActive = (schedule: string, active: boolean) =>
    db.inWorkspace(yard.workspaceId, (tx) => setScheduleActive(tx, yard.workspaceId, { schedule: schedule as `sch_${string}`, active }));
  return { yard, deploymentId, deploy, list, setActive };
}

/** As if nobody had fired since `ago`. */
const silentSince = (yard: Yard, ago: string) =>
  yard.q(
    `UPDATE schedule SET low_water_at = now() - $2::interval, next_fire_at = now() - $2::interval + interval '1 second' WHERE workspace_id = $1`,
    [yard.workspaceId, ago],
  );
const runsOf = (yard: Yard) =>
  yard.q('SELECT due_at, created_by, schedule_id, parameters, name FROM run WHERE workspace_id = $1 ORDER BY due_at', [yard.workspaceId]);
const everySecond = (slug: string, more: Partial<Wanted> = {}): Wanted => ({
  ...cron(slug, '', more),
  spec: { kind: 'interval', everyMs: 1_000 },
});

describe('a due schedule', () => {
  it('makes one run an instant, also with many loops at once', async () => {
    const { yard } = await deployed(Array.from({ length: 20 }, (_, i) => everySecond(`s-${i}`)));
    await silentSince(yard, '10 seconds');
    await Promise.all(Array.from({ length: 4 }, () => fireDue(db.systemSql, undefined, 7)));
    await Promise.all(Array.from({ length: 4 }, () => fireDue(db.systemSql)));
    const [{ runs, instants, schedules }] = await yard.q(
      `SELECT count(*)::int AS runs, count(DISTINCT (schedule_id, due_at))::int AS instants, count(DISTINCT schedule_id)::int AS schedules
       FROM run WHERE workspace_id = $1`,
      [yard.workspaceId],
    );
    expect(schedules).toBe(20);
    expect(runs).toBe(instants);
    // Ten seconds of the past and two of the prefetch, each schedule.
    expect(runs).toBeGreaterThanOrEqual(20 * 11);
    const rows = await yard.q("SELECT next_fire_at > now() + interval '1 second' AS ahead FROM schedule WHERE workspace_id = $1", [
      yard.workspaceId,
    ]);
    expect(rows.every(({ ahead }) => ahead)).toBe(true);
  });

  it("gives its run the deployment's defaults under its own, and the exact instant", async () => {
    const { yard, deploymentId } = await deployed([cron('hourly', '0 * * * *', { parameters: { years: 2 } })]);
    await yard.q(`UPDATE deployment SET parameters = '{"years": 1, "city": "Seattle"}', tags = '{etl}' WHERE id = $1`, [deploymentId]);
    await silentSince(yard, '61 minutes');
    await fireDue(db.systemSql, { prefetchMs: 0, graceMs: 60_000 });
    const [run, ...others] = await runsOf(yard);
    expect(others).toEqual([]);
    expect(run).toMatchObject({ created_by: 'schedule', parameters: { encoding: 'json', body: { years: 2, city: 'Seattle' } } });
    expect(run.due_at.toISOString()).toMatch(/:00:00\.000Z$/);
    expect(run.name).toContain(run.due_at.toISOString().slice(0, 13));
  });

  it('makes the latest run alone after a long silence', async () => {
    const { yard } = await deployed([cron('each-minute', '* * * * *')]);
    await silentSince(yard, '9 hours');
    await fireDue(db.systemSql, { prefetchMs: 0, graceMs: 0 });
    const runs = await runsOf(yard);
    expect(runs).toHaveLength(1);
    expect(Date.now() - runs[0].due_at.getTime()).toBeLessThan(61_000);
  });

  it('of a paused deployment makes nothing, and owes nothing when it is resumed', async () => {
    const { yard, deploymentId } = await deployed([everySecond('s')]);
    await yard.q('UPDATE deployment SET paused = true WHERE id = $1', [deploymentId]);
    await silentSince(yard, '1 hour');
    await fireDue(db.systemSql);
    expect(await runsOf(yard)).toEqual([]);
    await yard.q('UPDATE deployment SET paused = false WHERE id = $1', [deploymentId]);
    await fireDue(db.systemSql, { prefetchMs: 0, graceMs: 60_000 });
    const [{ resumed }] = await yard.q(`SELECT low_water_at AS resumed FROM schedule WHERE workspace_id = $1`, [yard.workspaceId]);
    for (const run of await runsOf(yard)) expect(resumed.getTime() - run.due_at.getTime()).toBeLessThan(30_000);
  });

  it('that is broken is stopped with its problem, and harms no other', async () => {
    const broken = await deployed([cron('broken'), cron('fine', '* * * * *')]);
    await silentSince(broken.yard, '90 seconds');
    await broken.yard.q(
      `UPDATE schedule SET spec = '{"kind": "cron", "cron": "61 * * * *", "timezone": "UTC"}' WHERE workspace_id = $1 AND slug = 'broken'`,
      [broken.yard.workspaceId],
    );
    await fireDue(db.systemSql);
    expect(await broken.list()).toMatchObject([
      { slug: 'broken', nextFireAt: null, problem: 'cron: field minute: 61, expected 0-59' },
      { slug: 'fine', problem: null, nextFireAt: expect.any(String) },
    ]);
    expect(await runsOf(broken.yard)).not.toEqual([]);
  });

  it('whose run cannot be made shows why, is tried again, and mends itself; the group goes on without it', async () => {
    const bad = await deployed([everySecond('bad')]);
    const good = await deployed([everySecond('good')]);
    // The workspace's class has no partitions: the insert fails for its runs alone.
    await bad.yard.q(`UPDATE workspace SET retention_class = 'd9999' WHERE id = $1`, [bad.yard.workspaceId]);
    await silentSince(bad.yard, '5 seconds');
    await silentSince(good.yard, '5 seconds');
    await fireDue(db.systemSql);
    expect(await bad.list()).toMatchObject([
      {
        problem: expect.stringContaining('its run could not be made: no partition'),
        retryAt: expect.any(String),
        nextFireAt: expect.any(String),
      },
    ]);
    expect((await runsOf(good.yard)).length).toBeGreaterThanOrEqual(5);

    // Not before its time: other schedules are not held up by it.
    await fireDue(db.systemSql);
    expect(await bad.yard.q('SELECT failures FROM schedule WHERE workspace_id = $1', [bad.yard.workspaceId])).toEqual([{ failures: 1 }]);
    await bad.yard.q(`UPDATE workspace SET retention_class = 'd30' WHERE id = $1`, [bad.yard.workspaceId]);
    await bad.yard.q('UPDATE schedule SET next_fire_at = now() WHERE workspace_id = $1', [bad.yard.workspaceId]);
    await fireDue(db.systemSql);
    expect(await bad.list()).toMatchObject([{ problem: null, retryAt: null }]);
    // What it owed meanwhile is made, from the first instant on.
    expect((await runsOf(bad.yard)).length).toBeGreaterThanOrEqual(5);
  });

  it('is fired by the loop, which nudges the pool', async () => {
    const { yard } = await deployed([everySecond('s')]);
    const nudged = Promise.withResolvers<string>();
    const bus = {
      live() {},
      nudge: (_: string, poolId: string) => void (poolId === yard.poolId && nudged.resolve(poolId)),
      command: async () => {},
    };
    const shards = openShardLeases(db.systemSql);
    const loop = startFiring({ db, bus, shards, log: { info() {}, warn() {}, error() {} } });
    expect(await nudged.promise).toBe(yard.poolId);
    await loop.stop();
    await shards.release();
  });
});

describe('a deploy', () => {
  it('leaves schedules alone that it does not speak of, and takes away what its list leaves out', async () => {
    const { deploy, list } = await deployed([cron('a'), cron('b')]);
    expect(await deploy(undefined)).toEqual([]);
    expect((await list()).map(({ slug }) => slug)).toEqual(['a', 'b']);
    expect(await deploy([cron('a', '5 * * * *'), everySecond('c')])).toEqual([
      'schedule a: 0 * * * * (UTC) -> 5 * * * * (UTC)',
      'schedule c: none -> every 1 s',
      'schedule b: 0 * * * * (UTC) -> none',
    ]);
    expect(await deploy([])).toHaveLength(2);
    expect(await list()).toEqual([]);
  });

  it('that changes nothing loses no fire that is owed', async () => {
    const { yard, deploy } = await deployed([cron('a')]);
    await silentSince(yard, '2 hours');
    const before = await yard.q('SELECT * FROM schedule WHERE workspace_id = $1', [yard.workspaceId]);
    expect(await deploy([cron('a')])).toEqual([]);
    expect(await deploy([cron('a', '0 * * * *', { parameters: { x: 1 } })])).toEqual(['schedule a.parameters: {} -> {"x":1}']);
    const [after] = await yard.q('SELECT * FROM schedule WHERE workspace_id = $1', [yard.workspaceId]);
    expect({ ...after, parameters: {} }).toEqual(before[0]);
  });

  it('does not touch what a person switched off or on', async () => {
    const { deploy, list, setActive } = await deployed([cron('a'), cron('b', '0 * * * *', { active: false })]);
    const [a, b] = await list();
    await setActive(a?.id ?? '', false);
    const { schedule, before } = await setActive(b?.id ?? '', true);
    expect([before.active, schedule.active]).toEqual([false, true]);
    await deploy([cron('a', '30 * * * *'), cron('b', '30 * * * *', { active: false })]);
    expect(await list()).toMatchObject([
      { active: false, nextFireAt: null },
      { active: true, nextFireAt: expect.stringContaining(':30:00.000Z') },
    ]);
  });

  it('with a bad schedule writes nothing and names the field', async () => {
    const { deploy, list } = await deployed([cron('a')]);
    const refused = deploy([cron('a', '1 * * * *'), cron('b', '61 * * * *'), cron('b')]);
    await expect(refused).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      issues: [
        { field: 'schedules.1.spec.cron: field minute', received: '61', expected: '0-59' },
        { field: 'schedules.2.slug', received: '"b"' },
      ],
    });
    expect(await list()).toMatchObject([{ slug: 'a', spec: { cron: '0 * * * *' } }]);
  });
});

describe('switching a schedule', () => {
  it('on counts from now; one that is on already keeps its place', async () => {
    const { yard, list, setActive } = await deployed([cron('a')]);
    const [a] = await list();
    await silentSince(yard, '2 hours');
    await setActive(a?.id ?? '', true);
    const [{ behind }] = await yard.q(`SELECT low_water_at < now() - interval '1 hour' AS behind FROM schedule WHERE workspace_id = $1`, [
      yard.workspaceId,
    ]);
    expect(behind).toBe(true);
    await setActive(a?.id ?? '', false);
    await setActive(a?.id ?? '', true);
    await fireDue(db.systemSql, { prefetchMs: 0, graceMs: 60_000 });
    expect(await runsOf(yard)).toEqual([]);
  });

  it('of another workspace is not found', async () => {
    const { list } = await deployed([cron('a')]);
    const stranger = await deployed([]);
    const [a] = await list();
    await expect(stranger.setActive(a?.id ?? '', false)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(stranger.setActive(toId('schedule', '01900000-0000-7000-8000-000000000000'), false)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
