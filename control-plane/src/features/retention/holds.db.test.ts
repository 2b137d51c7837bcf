import { toUuid } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, type TestApi } from '../../../test/api.ts';
import { deployOf } from '../../../test/deploy-input.ts';

let api: TestApi;

beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

async function withEndedRun() {
  const tenant = await api.tenant();
  const { owner } = tenant;
  const { deployment } = await owner.deployments.deploy(deployOf({ flow: 'held', name: 'held' }));
  const run = await owner.runs.create({ deployment: deployment.id });
  await owner.runs.cancel({ run: run.id });
  return { ...tenant, deployment: deployment.id, run: run.id };
}

describe('retention', () => {
  it('is thirty days, and another choice counts for runs that are made from then on', async () => {
    const { owner, deployment, run } = await withEndedRun();
    expect(await owner.retention.get()).toMatchObject({ days: 30, choices: [1, 3, 7, 14, 30, 60, 90, 180, 365], holds: [] });
    expect((await owner.retention.set({ days: 7 })).days).toBe(7);
    const later = await owner.runs.create({ deployment });
    const classOf = async (id: string) =>
      (await api.db.systemSql.query('SELECT retention_class FROM run WHERE id = $1', [toUuid('run', id)])).rows[0];
    expect(await classOf(later.id)).toEqual({ retention_class: 'd7' });
    expect(await classOf(run)).toEqual({ retention_class: 'd30' });
  });

  it('of other lengths is refused by field, value and expectation', async () => {
    const { owner } = await withEndedRun();
    await expect(owner.retention.set({ days: 31 as 30 })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringMatching(/days.*expected 1, 3, 7, 14, 30, 60, 90, 180 or 365 days/),
    });
  });
});

describe('a legal hold', () => {
  it('keeps a run from being deleted by hand, until it is released; both are in the record', async () => {
    const { owner, run } = await withEndedRun();
    const hold = await owner.retention.hold({ run, reason: 'a lawsuit' });
    await expect(owner.runs.delete({ run })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
      message: `${run} is under legal hold: release the hold first.`,
    });
    const released = await owner.retention.release({ hold: hold.id });
    expect(released).toMatchObject({ id: hold.id, run, name: expect.any(String), reason: 'a lawsuit', releasedAt: expect.any(String) });
    await expect(owner.retention.release({ hold: hold.id })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await owner.runs.delete({ run })).toEqual({ deleted: true });
    expect((await owner.retention.get()).holds).toEqual([{ ...released, name: null }]);
  });

  it('names a run or a deployment that is there, or the whole workspace', async () => {
    const { owner, run, deployment } = await withEndedRun();
    const stranger = await withEndedRun();
    await expect(owner.retention.hold({ run: stranger.run, reason: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(owner.retention.hold({ deployment: stranger.deployment, reason: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(owner.retention.hold({ run, deployment, reason: 'x' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await owner.retention.hold({ reason: 'all of it' });
    await expect(owner.runs.delete({ run })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  });
});
