import { deployScheduleInput } from '@signalbox/proto/api';
import { describe, expect, test } from 'vitest';
import { cron, interval, rrule, toScheduleInput } from './schedules.ts';

describe('a schedule of code', () => {
  test('says what the contract takes, each option of it', () => {
    const input = toScheduleInput(
      cron('0 6 13 * FRI', {
        slug: 'unlucky',
        timezone: 'Europe/Berlin',
        dayAnd: true,
        active: false,
        parameters: { city: 'Rome' },
        instantParameter: 'at',
        startsAt: new Date('2026-01-01T00:00:00Z'),
        endsAt: new Date('2027-01-01T00:00:00Z'),
        jitter: '5m',
        catchUp: 'all',
        catchUpWindow: '6h',
        overlap: 'cancel-older',
        calendar: 'business',
        onClosedDay: 'next',
        dstGap: 'skip',
        dstOverlap: 'second',
      }),
      1,
    );
    expect(deployScheduleInput.parse(input)).toEqual({
      slug: 'unlucky',
      active: false,
      parameters: { city: 'Rome' },
      spec: { kind: 'cron', cron: '0 6 13 * FRI', timezone: 'Europe/Berlin', dayAnd: true },
      instantParameter: 'at',
      startsAt: '2026-01-01T00:00:00.000Z',
      endsAt: '2027-01-01T00:00:00.000Z',
      jitterMs: 300_000,
      catchUp: 'all',
      catchUpWindowMs: 21_600_000,
      overlap: 'cancel-older',
      calendar: 'business',
      onClosedDay: 'next',
      dstGap: 'skip',
      dstOverlap: 'second',
    });
  });

  test('leaves what is not said to the control plane', () => {
    expect(toScheduleInput(rrule('FREQ=DAILY'), 2)).toEqual({
      slug: 'rrule-2',
      active: true,
      parameters: {},
      spec: { kind: 'rrule', rrule: 'FREQ=DAILY', timezone: undefined },
    });
    expect(toScheduleInput(interval('6h', { anchor: new Date(0) }), 1)).toMatchObject({
      slug: 'interval-1',
      spec: { kind: 'interval', everyMs: 21_600_000, anchorAt: '1970-01-01T00:00:00.000Z' },
    });
  });

  test('names the option that is not a duration', () => {
    expect(() => toScheduleInput(cron('* * * * *', { jitter: 'soon' as '1s' }), 1)).toThrow(
      'jitter: expected milliseconds or a text such as',
    );
  });
});
