import { toUuid } from '@signalbox/proto';
import type { Backfill } from '@signalbox/proto/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, refusal, type TestApi } from '../../../test/api.ts';
import { deployOf as deployInput } from '../../../test/deploy-input.ts';
import { advanceAll } from './loop.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api?.[Symbol.asyncDispose]());

const q = (text: string, values: unknown[] = []) => api.db.systemSql.query(text, values).then(({ rows }) => rows);
const DAILY = { kind: 'cron', cron: '0 6 * * *', timezone: 'UTC' } as const;

async function deployed() {
  const tenant = await api.tenant();
  const { owner } = tenant;
  const { deployment } = await owner.deployments.deploy(deployInput({ schedules: [{ slug: 'daily', spec: DAILY }] }));
  const backfill = (more: Partial<Parameters<typeof owner.backfills.create>[0]> = {}) =>
    owner.backfills.create({
      deployment: deployment.id,
      schedule: 'daily',
      from: '2026-01-01T00:00:00Z',
      to: '2026-01-06T00:00:00Z',
      maxInFlight: 2,
      ...more,
    });
  const runs = () =>
    q('SELECT id, due_at, created_by, parameters, tags FROM run WHERE workspace_id = $1 ORDER BY id', [tenant.workspaceId]);
  return {
    tenant,
    owner,
    deployment,
    backfill,
    runs,
    days: async () => (await runs()).map(({ due_at }) => due_at.toISOString().slice(0, 10)),
    /** One turn of the loop, as if a second had passed. */
    async turn() {
      await q('UPDATE backfill SET look_at = now() WHERE look_at IS NOT NULL');
      await advanceAll({ db: api.db, bus: api.services.bus, log: api.services.log });
    },
    /** Ends what lives. */
    async endRuns() {
      const live = await q('SELECT run_id FROM run_dispatch WHERE workspace_id = $1', [tenant.workspaceId]);
      for (const { run_id } of live) await q('DELETE FROM run_dispatch WHERE run_id = $1', [run_id]);
    },
    see: (of: Backfill) => owner.backfills.get({ backfill: of.id }),
  };
}

describe('a backfill', () => {
  it('makes the instants of a range a few at a time, and is done when the last has ended', async () => {
    const { backfill, turn, endRuns, days, see, runs } = await deployed();
    const made = await backfill({ instantParameter: 'city' });
    expect(made).toMatchObject({ state: 'running', total: 5, made: 0, order: 'oldest' });
    await turn();
    await turn();
    expect(await days()).toEqual(['2026-01-01', '2026-01-02']);
    expect(await see(made)).toMatchObject({ made: 2, live: 2 });
    for (let n = 0; n < 4; n++) {
      await endRuns();
      await turn();
    }
    expect(await days()).toEqual(['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04', '2026-01-05']);
    expect((await runs())[0]).toMatchObject({
      created_by: 'backfill',
      parameters: { body: { city: '2026-01-01T06:00:00.000Z' } },
      tags: expect.arrayContaining(['backfill']),
    });
    expect(await see(made)).toMatchObject({ state: 'done', made: 5, live: 0, endedAt: expect.any(String) });
  });

  it('goes from the newest back, where asked', async () => {
    const { backfill, turn, days } = await deployed();
    await backfill({ order: 'newest' });
    await turn();
    expect(await days()).toEqual(['2026-01-05', '2026-01-04']);
  });

  it('makes no instant twice: not with many loops, not with another backfill, unless it shall', async () => {
    const { backfill, turn, days, see } = await deployed();
    const [one, other] = [await backfill({ maxInFlight: 100 }), await backfill({ maxInFlight: 100, to: '2026-01-08T00:00:00Z' })];
    await Promise.all([turn(), turn(), turn()]);
    await turn();
    expect([...(await days())].sort()).toEqual([
      '2026-01-01',
      '2026-01-02',
      '2026-01-03',
      '2026-01-04',
      '2026-01-05',
      '2026-01-06',
      '2026-01-07',
    ]);
    const [a, b] = [await see(one), await see(other)];
    expect(a.made + a.existing + b.made + b.existing).toBe(12);
    expect(a.made + b.made).toBe(7);
    await backfill({ rerun: true, maxInFlight: 100 });
    await turn();
    expect(await days()).toHaveLength(12);
  });

  it('makes what the schedule itself had left out', async () => {
    const { backfill, turn, days, tenant } = await deployed();
    const [schedule] = await q('SELECT id FROM schedule WHERE workspace_id = $1', [tenant.workspaceId]);
    await q(
      `INSERT INTO schedule_fire (workspace_id, schedule_id, fire_at, outcome) VALUES ($1, $2, '2026-01-02T06:00Z', 'missed'), ($1, $2, '2026-01-03T06:00Z', 'queued')`,
      [tenant.workspaceId, schedule.id],
    );
    await backfill({ maxInFlight: 100 });
    await turn();
    expect(await days()).toEqual(['2026-01-01', '2026-01-02', '2026-01-04', '2026-01-05']);
  });

  it('is paused, resumed and cancelled, with its runs', async () => {
    const { owner, backfill, turn, days, see, endRuns, tenant } = await deployed();
    const made = await backfill();
    await turn();
    await owner.backfills.pause({ backfill: made.id });
    await endRuns();
    await turn();
    expect(await days()).toHaveLength(2);
    expect(await see(made)).toMatchObject({ state: 'paused', live: 0 });
    await owner.backfills.resume({ backfill: made.id });
    await turn();
    expect(await days()).toHaveLength(4);
    await owner.backfills.cancel({ backfill: made.id });
    await turn();
    expect(await days()).toHaveLength(4);
    expect(await q('SELECT 1 FROM run_dispatch WHERE workspace_id = $1', [tenant.workspaceId])).toEqual([]);
    expect(await refusal(owner.backfills.resume({ backfill: made.id }))).toMatchObject({
      code: 'CONFLICT',
      message: 'The backfill is over (cancelled).',
    });
    expect((await tenant.audit('backfill.cancel'))[0]).toMatchObject({
      before: { state: 'running' },
      after: { state: 'cancelled' },
      targetId: toUuid('backfill', made.id),
    });
  });

  it('of a cron of its own leaves the schedules alone', async () => {
    const { backfill, turn, days } = await deployed();
    await backfill({
      schedule: undefined,
      spec: { kind: 'cron', cron: '0 0 1 * *' },
      from: '2026-01-01T00:00:00Z',
      to: '2026-04-01T00:00:00Z',
      maxInFlight: 100,
    });
    await turn();
    expect(await days()).toEqual(['2026-01-01', '2026-02-01', '2026-03-01']);
    expect(await q("SELECT 1 FROM schedule_fire WHERE reason = 'backfill' AND fire_at = '2026-02-01'")).toEqual([]);
  });

  it('that fails shows why and goes on by itself', async () => {
    const { backfill, turn, see, tenant, days } = await deployed();
    const made = await backfill();
    await q(`UPDATE workspace SET retention_class = 'd9999' WHERE id = $1`, [tenant.workspaceId]);
    await turn();
    expect(await see(made)).toMatchObject({ state: 'running', made: 0, problem: expect.stringContaining('no partition') });
    await q(`UPDATE workspace SET retention_class = 'd30' WHERE id = $1`, [tenant.workspaceId]);
    await turn();
    expect(await see(made)).toMatchObject({ made: 2, problem: null });
    expect(await days()).toHaveLength(2);
  });

  it('is refused for what makes no sense, and to strangers', async () => {
    const { backfill, tenant } = await deployed();
    const soon = new Date(Date.now() + 86_400_000).toISOString();
    expect(await refusal(backfill({ to: soon }))).toMatchObject({ code: 'INVALID_INPUT', issues: [{ field: 'to' }] });
    expect(await refusal(backfill({ to: '2025-01-01T00:00:00Z' }))).toMatchObject({ code: 'INVALID_INPUT', issues: [{ field: 'to' }] });
    expect(await refusal(backfill({ to: '2026-01-01T05:00:00Z' }))).toMatchObject({ code: 'INVALID_INPUT', issues: [{ field: 'from' }] });
    expect(await refusal(backfill({ schedule: 'none' }))).toMatchObject({ code: 'NOT_FOUND' });
    const dense = backfill({ schedule: undefined, spec: { kind: 'interval', everyMs: 1_000 } });
    expect(await refusal(dense)).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    const made = await backfill();
    const stranger = await api.tenant();
    expect(await refusal(stranger.owner.backfills.get({ backfill: made.id }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(stranger.owner.backfills.cancel({ backfill: made.id }))).toMatchObject({ code: 'NOT_FOUND' });
    expect((await stranger.owner.backfills.list({})).items).toEqual([]);
    expect((await tenant.owner.backfills.list({})).items.map(({ id }) => id)).toContain(made.id);
    expect(await refusal(tenant.as('viewer').backfills.pause({ backfill: made.id }))).toMatchObject({ code: 'FORBIDDEN' });
  });
});
