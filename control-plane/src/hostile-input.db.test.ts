/** Inputs that fit their schema and are meant to hurt: each is refused in words, or does no harm; none is a fault of ours. */
import { toId, uuidv7 } from '@signalbox/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, openTestApi, refusal, type Tenant, type TestApi } from '../test/api.ts';
import { deployOf } from '../test/deploy-input.ts';
import { openCalendar } from './domain/schedule/calendar.ts';
import { firesOfPlan } from './domain/schedule/next-fires.ts';

let api: TestApi;
let tenant: Tenant;
let deployment: string;
let schedule: string;

const CRON = { kind: 'cron', cron: '0 6 * * *' } as const;
const TOO_LARGE = { blob: 'x'.repeat(600 * 1024) };
const LAST_RUN = toId('run', 'ffffffff-ffff-ffff-ffff-ffffffffffff');
const cursorOf = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url');

beforeAll(async () => {
  api = await openTestApi();
  tenant = await api.tenant();
  ({ id: deployment } = (await tenant.owner.deployments.deploy(deployOf())).deployment);
  ({ id: schedule } = await tenant.owner.schedules.create({ deployment, slug: 'daily', spec: CRON }));
  await tenant.owner.runs.create({ deployment });
});
afterAll(() => api[Symbol.asyncDispose]());

describe('is refused', () => {
  const year0 = '0000-01-01T00:00:00Z';
  test.each<[string, (as: Caller) => Promise<unknown>]>([
    ['a cursor that holds NUL', (as) => as.runs.list({ sort: 'name', cursor: cursorOf(['name', '\0', uuidv7(1)]) })],
    ['the year 0 in a history', (as) => as.runs.history({ from: year0, to: '0000-02-01T00:00:00Z' })],
    ['the year 0 in a filter', (as) => as.runs.list({ filter: { due: { after: year0 } } })],
    ['the year 0 in a run', (as) => as.runs.create({ deployment, dueAt: year0 })],
    ['the year 0 in a backfill', (as) => as.backfills.create({ deployment, spec: CRON, from: year0, to: '2026-01-01T00:00:00Z' })],
    ['the year 0 in a cursor', (as) => as.schedules.fires({ schedule, cursor: '0000-01-01' })],
    ['a version beyond all', (as) => as.deployments.rollback({ deployment, version: Number.MAX_SAFE_INTEGER })],
    ['a schedule of large parameters', (as) => as.schedules.create({ deployment, slug: 'big', spec: CRON, parameters: TOO_LARGE })],
    ['a change to large parameters', (as) => as.schedules.update({ schedule, parameters: TOO_LARGE })],
    [
      'code with such a schedule',
      (as) => as.deployments.deploy(deployOf({ schedules: [{ slug: 'big', spec: CRON, parameters: TOO_LARGE }] })),
    ],
    [
      'a backfill of large parameters',
      (as) =>
        as.backfills.create({ deployment, spec: CRON, from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z', parameters: TOO_LARGE }),
    ],
  ])('%s', async (_, call) => {
    expect(await refusal(call(tenant.owner))).toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('does no harm', () => {
  test('a state named as what every object has', async () => {
    const filter = { stateNames: ['__proto__', 'constructor', "x' OR true --"] };
    expect(await tenant.owner.runs.count({ filter })).toEqual({ count: 0, isMore: false });
  });

  test('a cursor past the last id', async () => {
    expect((await tenant.owner.runs.list({ sort: 'oldest', cursor: LAST_RUN })).items).toEqual([]);
  });

  test('a calendar that is closed whenever a rare rule fires', () => {
    const calendar = openCalendar({
      name: 'no leap days',
      timezone: 'UTC',
      rules: { weekdays: null, exclude: [{ day: '02-29', name: 'leap day' }], include: [], freezes: [] },
    });
    const spec = {
      kind: 'rrule',
      rrule: 'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=23;BYMINUTE=59;BYSECOND=59',
      timezone: 'UTC',
    } as const;
    let asked = 0;
    const closedAt = (at: number) => {
      asked++;
      return calendar.closedAt(at);
    };
    const counted = { ...calendar, closedAt };
    expect(firesOfPlan({ spec, calendar: counted }).next(Date.parse('2026-01-01T00:00:00Z'))).toBeNull();
    expect(asked).toBeLessThan(30);
  });
});

test('the audit of a bulk job names parameters, not their values', async () => {
  await tenant.owner.bulk.cancel({ filter: { parameters: { token: 'hunter2' } } });
  const text = JSON.stringify(await tenant.audit('bulk.cancel'));
  expect(text).toContain('token');
  expect(text).not.toContain('hunter2');
});

test('an operator takes away no variables that a developer set', async () => {
  await tenant.as('developer').deployments.setOverlay({ deployment, set: [{ path: 'variables.env.MODE', value: 'safe' }], reason: 'x' });
  const operator = tenant.as('operator');
  for (const paths of [undefined, ['variables'], ['variables.env.MODE']])
    expect(await refusal(operator.deployments.resetOverlay({ deployment, ...(paths ? { paths } : {}) }))).toMatchObject({
      code: 'FORBIDDEN',
    });
  await operator.deployments.setOverlay({ deployment, set: [{ path: 'graceMs', value: 1_000 }], reason: 'x' });
  await operator.deployments.resetOverlay({ deployment, paths: ['graceMs'] });
  const { fields } = await tenant.owner.deployments.describe({ deployment });
  expect(fields.find(({ path }) => path === 'variables.env.MODE')).toMatchObject({ value: 'safe', from: 'overlay' });
});
