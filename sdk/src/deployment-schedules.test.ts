import { describe, expect, test } from 'vitest';
import { works } from '../test/fixture-flows.ts';
import type { DeploymentOptions } from './deployment.ts';
import { toDeployInput } from './deployments.ts';
import { cron } from './schedules.ts';

const from = { url: new URL('../test/fixture-flows.ts', import.meta.url).href };

const deployed = (options: Partial<DeploymentOptions>) => toDeployInput(works.deployment({ name: 'a', pool: 'local', from, ...options }));

describe('one schedule in short', () => {
  test.each([
    [{ cron: '0 8 * * *', timezone: 'Europe/Berlin' }, 'cron-1', { kind: 'cron', cron: '0 8 * * *', timezone: 'Europe/Berlin' }],
    [{ interval: '10m' }, 'interval-1', { kind: 'interval', everyMs: 600_000 }],
    [{ interval: '1d', timezone: 'Asia/Tokyo' }, 'interval-1', { kind: 'interval', everyMs: 86_400_000, timezone: 'Asia/Tokyo' }],
    [{ rrule: 'FREQ=DAILY', timezone: 'Asia/Tokyo' }, 'rrule-1', { kind: 'rrule', rrule: 'FREQ=DAILY', timezone: 'Asia/Tokyo' }],
    [{ cron: '0 8 * * *' }, 'cron-1', { kind: 'cron', cron: '0 8 * * *' }],
  ] as const)('is what a list of that one says: %o', async (options, slug, spec) => {
    expect((await deployed(options)).schedules).toEqual([{ slug, active: true, parameters: {}, spec }]);
  });

  test('leaves schedules of an earlier deploy alone where nothing is said, and removes them by an empty list', async () => {
    expect((await deployed({})).schedules).toBeUndefined();
    expect((await deployed({ schedules: [] })).schedules).toEqual([]);
  });
});

test('triggers are said as they stand; left out, those of an earlier deploy stay', async () => {
  const trigger = { type: 'event' as const, expect: ['file.arrived'] };
  const declared = [{ trigger, parameters: { file: '{{ event.resource.id }}' } }];
  expect((await deployed({ triggers: declared })).triggers).toEqual(declared);
  expect((await deployed({})).triggers).toBeUndefined();
});

test('service levels are said in seconds; left out, those of an earlier deploy stay', async () => {
  const slas = [
    { kind: 'completion', within: '1h', severity: 'high' },
    { kind: 'freshness', asset: 's3://lake/orders', within: '1d', name: 'orders' },
  ] as const;
  expect((await deployed({ slas })).slas).toEqual([
    { kind: 'completion', seconds: 3_600, severity: 'high' },
    { kind: 'freshness', asset: 's3://lake/orders', seconds: 86_400, name: 'orders' },
  ]);
  expect((await deployed({})).slas).toBeUndefined();
  await expect(deployed({ slas: [{ kind: 'lateness', within: 'soon' as '1s' }] })).rejects.toThrow('slas.0.within');
});

describe('is refused by name:', () => {
  test.each([
    ['two in short', { cron: '0 8 * * *', interval: '10m' }, 'expected one of schedules, cron, interval and rrule, got cron, interval;'],
    ['one beside a list', { schedules: [cron('* * * * *')], rrule: 'FREQ=DAILY' }, 'got schedules, rrule; several belong in schedules'],
    ['one beside an empty list', { schedules: [], cron: '0 8 * * *' }, 'got schedules, cron;'],
    ['a time zone alone', { timezone: 'Europe/Berlin' }, 'timezone: expected cron, interval or rrule beside it, got "Europe/Berlin" alone'],
    ['a time zone beside a list', { schedules: [], timezone: 'UTC' }, 'got "UTC" beside schedules; those in schedules have their own'],
    ['an interval that is no duration', { interval: '10 minutes' as '10m' }, 'interval: expected milliseconds or a text such as "500ms"'],
  ] satisfies [string, Parameters<typeof deployed>[0], string][])('%s', async (_what, options, message) => {
    await expect(deployed(options)).rejects.toThrow(message);
    await expect(deployed(options)).rejects.toThrow('deployment "works/a": ');
  });
});
