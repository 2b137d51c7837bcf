/** Every zone can be drawn; `npm run verify:schedules` goes through all of them. */
import { describe, expect, it } from 'vitest';
import { casesAt, differenceAt, randomOf } from '../../../test/schedule-cases.ts';
import { clockOf, jumpsOf, readClock } from '../../../test/schedule-oracle.ts';

const seed = Number(process.env['SCHEDULE_SEED'] ?? Math.floor(Math.random() * 1e9));
const ZONES = 8;
const CHANGES = 4;
/** Odd ones that are always looked at: seconds in the offset, half an hour, a day left out, a change at midnight, one within Ramadan. */
const ALWAYS: [zone: string, aroundMs: number][] = [
  ['Africa/Monrovia', Date.parse('1972-01-07T00:44:30Z')],
  ['Australia/Lord_Howe', Date.parse('2026-04-04T15:00:00Z')],
  ['Pacific/Apia', Date.parse('2011-12-30T10:00:00Z')],
  ['America/Santiago', Date.parse('2026-09-06T04:00:00Z')],
  ['Africa/Casablanca', Date.parse('2026-02-15T02:00:00Z')],
  ['America/New_York', Date.parse('2026-11-01T06:00:00Z')],
];

describe(`schedules against a clock read minute by minute (SCHEDULE_SEED=${seed})`, () => {
  const random = randomOf(seed);
  const all = Intl.supportedValuesOf('timeZone');
  const drawn = Array.from({ length: ZONES }, () => all[Math.floor(random() * all.length)] as string).map(
    (zone): [string, number | null] => [zone, null],
  );

  it.each<[string, number | null]>([...ALWAYS, ...drawn])(
    'fire at the same instants in %s',
    (zone, around) => {
      const jumps = around === null ? someJumps(zone, random) : [around];
      const clock = clockOf(zone);
      for (const jump of jumps) {
        const shown = readClock(zone, jump);
        for (const each of casesAt(zone, clock(jump - 1_000), random, 6)) {
          expect(differenceAt(shown, each, jump), `SCHEDULE_SEED=${seed}`).toBe(null);
        }
      }
    },
    30_000,
  );
});

/** A few changes of ten years of a zone, and an instant without any. */
function someJumps(zone: string, random: () => number): number[] {
  const startMs = Date.UTC(1970 + Math.floor(random() * 60), 0, 1);
  const jumps = jumpsOf(zone, startMs, startMs + 10 * 366 * 86_400_000);
  const some = Array.from({ length: Math.min(CHANGES, jumps.length) }, () => jumps[Math.floor(random() * jumps.length)] as number);
  return [...some, startMs + Math.floor(random() * 365) * 86_400_000];
}
