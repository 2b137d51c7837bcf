/** Schedules, calendars and backfills from a terminal: what is sent, and what is said. */
import { toId, uuidv7 } from '@signalbox/proto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../test/fake-control-plane.ts';
import { createCliHome } from '../../test/run-cli.ts';

let controlPlane: FakeControlPlane;
let cli: Awaited<ReturnType<typeof createCliHome>>;
const inputOf = (path: string) => controlPlane.state.calls.findLast((call) => call.path === path)?.input;
const run = (...args: string[]) => cli.run(args, { env: { SIGNALBOX_URL: controlPlane.url, SIGNALBOX_API_KEY: 'sbk_test', TZ: 'UTC' } });
const backfill = toId('backfill', uuidv7(0));

beforeEach(async () => {
  controlPlane = await startFakeControlPlane();
  cli = await createCliHome();
});
afterEach(async () => {
  await controlPlane[Symbol.asyncDispose]();
  await cli[Symbol.asyncDispose]();
});

describe('schedules', () => {
  test('preview of a deployment says which instants fire and why others do not', async () => {
    const { stdout, exitCode } = await run('schedules', 'preview', 'weather/daily');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Europe\/Berlin/);
    expect(stdout).toMatch(/2026-03-02 06:00:00.*fires/);
    expect(stdout).toMatch(/skipped.*calendar business: closed, Christmas/);
  });

  test('preview of a pattern sends it with its rules; a cron with a slash is no deployment', async () => {
    await run('schedules', 'preview', '*/5 * * * *', '--timezone', 'Asia/Tokyo', '--calendar', 'business', '--dst-gap', 'skip');
    expect(inputOf('schedules.preview')).toMatchObject({
      spec: { kind: 'cron', cron: '*/5 * * * *', timezone: 'Asia/Tokyo' },
      calendar: 'business',
      dstGap: 'skip',
    });
    await run('schedules', 'preview', '0 9 1 * *', '--calendar', 'business', '--on-closed-day', 'next');
    expect(inputOf('schedules.preview')).toMatchObject({ calendar: 'business', onClosedDay: 'next' });
    expect((await run('schedules', 'preview', '0 9 1 * *', '--on-closed-day', 'roll')).stderr).toContain('skip, next, previous');
    await run('schedules', 'preview', '--rrule', 'DTSTART:20260101T000000\\nRRULE:FREQ=DAILY');
    expect(inputOf('schedules.preview')).toMatchObject({ spec: { kind: 'rrule', rrule: 'DTSTART:20260101T000000\nRRULE:FREQ=DAILY' } });
    expect((await run('schedules', 'preview', '* * * * *', '--every', '5m')).exitCode).toBe(2);
    await run('schedules', 'preview', '--every', '14d', '--anchor', '2026-01-05T08:00:00Z', '--timezone', 'Europe/Berlin');
    expect(inputOf('schedules.preview')).toMatchObject({
      spec: { kind: 'interval', everyMs: 1_209_600_000, anchorAt: '2026-01-05T08:00:00.000Z', timezone: 'Europe/Berlin' },
    });
    expect((await run('schedules', 'preview', '* * * * *', '--anchor', '2026-01-05')).stderr).toContain('expected --every beside --anchor');
    expect((await run('schedules', 'update', 'weather/daily', 'daily', '--timezone', 'UTC')).stderr).toContain(
      'say the whole pattern again',
    );
    expect((await run('schedules', 'preview')).stderr).toContain('expected a cron expression, --rrule or --every');
  });

  test('skip takes the next that fires, or the one named, and says how to put it back', async () => {
    const { stdout, stderr } = await run('schedules', 'skip', 'weather/daily', '--reason', 'maintenance');
    expect(inputOf('schedules.skip')).toMatchObject({ at: '2026-03-02T06:00:00.000Z', reason: 'maintenance' });
    expect(stdout).toContain('Skipped the fire at');
    expect(stderr).toContain('signalbox schedules unskip weather/daily --at 2026-03-02T06:00:00.000Z');
    await run('schedules', 'unskip', 'weather/daily', '--at', '2026-03-05T06:00:00Z');
    expect(inputOf('schedules.unskip')).toMatchObject({ at: '2026-03-05T06:00:00.000Z' });
    expect((await run('schedules', 'skip', 'weather/daily', '--at', 'soon')).stderr).toContain('expected an instant such as');
  });

  test('create and update send what was said, none for nothing, and leave the rest', async () => {
    await run(
      'schedules',
      'create',
      'weather/daily',
      'nightly',
      '--cron',
      '0 2 * * *',
      '--overlap',
      'queue',
      '--jitter',
      '5m',
      '--params',
      '{"city":"Rome"}',
    );
    expect(inputOf('schedules.create')).toEqual({
      deployment: 'weather/daily',
      slug: 'nightly',
      spec: { kind: 'cron', cron: '0 2 * * *', timezone: 'UTC' },
      active: true,
      overlap: 'queue',
      jitterMs: 300_000,
      parameters: { city: 'Rome' },
    });
    await run('schedules', 'update', 'weather/daily', '--calendar', 'none', '--end', '2027-01-01T00:00:00Z');
    expect(inputOf('schedules.update')).toEqual({
      schedule: expect.stringMatching(/^sch_/),
      calendar: null,
      endsAt: '2027-01-01T00:00:00.000Z',
    });
    expect((await run('schedules', 'update', 'weather/daily', '--overlap', 'maybe')).stderr).toContain(
      'one of allow, skip, queue, cancel-older',
    );
    expect((await run('schedules', 'create', 'weather/daily', 'x', '--cron', '@daily', '--params', '[1]')).stderr).toContain(
      'a JSON object',
    );
  });

  test('pause and resume are what disable and enable were', async () => {
    await run('schedules', 'pause', 'weather/daily');
    expect(inputOf('schedules.setActive')).toMatchObject({ active: false });
    await run('schedules', 'enable', 'weather/daily');
    expect(inputOf('schedules.setActive')).toMatchObject({ active: true });
  });

  test('delete asks first', async () => {
    expect((await run('schedules', 'delete', 'weather/daily')).exitCode).toBe(2);
    expect(inputOf('schedules.delete')).toBe(undefined);
    expect((await run('schedules', 'delete', 'weather/daily', '--yes')).exitCode).toBe(0);
  });

  test('fires and audit list', async () => {
    expect((await run('schedules', 'fires', 'weather/daily')).stdout).toMatch(/skipped.*of sch_/);
    const audit = await run('schedules', 'audit', '--open');
    expect(audit.stderr).toContain('schedules fire as they should');
    expect(inputOf('schedules.findings')).toMatchObject({ open: true });
  });
});

describe('backfills', () => {
  test('are made of the only schedule of a deployment, a named one, or a cron', async () => {
    const made = await run(
      'schedules',
      'backfill',
      'weather/daily',
      '--from',
      '2026-01-01T00:00:00Z',
      '--to',
      '2026-02-01T00:00:00Z',
      '--in-flight',
      '2',
    );
    expect(made.stdout).toContain('makes 31 runs, 2 at a time');
    expect(inputOf('backfills.create')).toMatchObject({
      schedule: 'cron-1',
      from: '2026-01-01T00:00:00.000Z',
      order: 'oldest',
      maxInFlight: 2,
    });
    await run(
      'schedules',
      'backfill',
      'weather/daily',
      '--cron',
      '@daily',
      '--from',
      '2026-01-01',
      '--to',
      '2026-02-01',
      '--newest-first',
      '--rerun',
    );
    expect(inputOf('backfills.create')).toMatchObject({ spec: { kind: 'cron', cron: '@daily' }, order: 'newest', rerun: true });
    expect((await run('schedules', 'backfill', 'weather/daily')).exitCode).toBe(2);
  });

  test.each([
    ['show', 'backfills.get', 'running'],
    ['pause', 'backfills.pause', 'paused'],
    ['resume', 'backfills.resume', 'running'],
    ['cancel', 'backfills.cancel', 'cancelled', '--yes'],
  ])('%s', async (verb, path, state, ...confirmed) => {
    const { stdout } = await run('backfills', verb, backfill, ...confirmed);
    expect(inputOf(path)).toMatchObject({ backfill });
    expect(stdout).toContain(state);
    expect(stdout).toContain('11 of 31 (1 had a run already)');
    expect(JSON.parse((await run('backfills', verb, backfill, '--json', ...confirmed)).stdout)).toMatchObject({ id: backfill });
  });

  test('cancel asks first where runs of it live, unless they are kept', async () => {
    expect(await run('backfills', 'cancel', backfill)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/Cancel bf_\S+ and 4 runs of it that did not end: not confirmed/),
    });
    expect(inputOf('backfills.cancel')).toBeUndefined();
    expect(await run('backfills', 'cancel', backfill, '--keep-runs')).toMatchObject({ exitCode: 0 });
    expect(inputOf('backfills.cancel')).toEqual({ backfill, runs: false });
  });

  test('watch tells how far one is until it is over, and exits with how it ended', async () => {
    const range = ['--from', '2026-01-01', '--to', '2026-02-01'];
    expect(await run('schedules', 'backfill', 'weather/daily', ...range, '--watch')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('running  1 of 31  4 live'),
      stdout: expect.stringMatching(/state +done\s+progress +31 of 31/),
    });
    expect(await run('backfills', 'watch', backfill)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('ls lists them, of one deployment where asked', async () => {
    expect((await run('backfills', 'ls', 'weather/daily')).stdout).toMatch(/bf_\S+ +weather\/daily +running +11 of 31/);
    expect(inputOf('backfills.list')).toMatchObject({ deployment: expect.stringMatching(/^dep_/) });
  });
});

describe('calendars', () => {
  test('are made from days, stretches and windows', async () => {
    await run(
      ...[
        'calendars',
        'create',
        'business',
        '--business-days',
        '--timezone',
        'Europe/Berlin',
        '--exclude',
        '12-25=Christmas',
        '--exclude',
        '12-31..01-01',
      ],
      ...['--include', '2026-11-28=Stocktaking', '--freeze', '2026-12-20T12:00Z..2027-01-03T12:00Z=Year-end freeze'],
    );
    expect(inputOf('calendars.create')).toEqual({
      name: 'business',
      timezone: 'Europe/Berlin',
      rules: {
        weekdays: [1, 2, 3, 4, 5],
        exclude: [
          { day: '12-25', name: 'Christmas' },
          { day: '12-31', to: '01-01', name: '12-31..01-01' },
        ],
        include: [{ day: '2026-11-28', name: 'Stocktaking' }],
        freezes: [{ from: '2026-12-20T12:00:00.000Z', to: '2027-01-03T12:00:00.000Z', name: 'Year-end freeze' }],
      },
    });
    expect((await run('calendars', 'create', 'x', '--weekdays', '1-9')).stderr).toContain('days such as 1-5 or 1,3,5');
  });

  test('grow by update, and lose a list where it is cleared', async () => {
    await run('calendars', 'update', 'business', '--exclude', '01-01=New Year', '--weekdays', '1,3-4');
    expect(inputOf('calendars.update')).toMatchObject({
      rules: {
        weekdays: [1, 3, 4],
        exclude: [
          { day: '12-25', name: 'Christmas' },
          { day: '01-01', name: 'New Year' },
        ],
      },
    });
    await run('calendars', 'update', 'business', '--clear', 'exclude');
    expect(inputOf('calendars.update')).toMatchObject({ rules: { weekdays: [1, 2, 3, 4, 5], exclude: [] } });
  });

  test('are shown and listed', async () => {
    expect((await run('calendars', 'show', 'business')).stdout).toMatch(/open on +Mon Tue Wed Thu Fri/);
    expect((await run('calendars', 'ls')).stdout).toContain('business');
    expect((await run('calendars', 'delete', 'business', '--yes')).exitCode).toBe(0);
  });
});
