/**
 * `npm run verify:schedules`: every zone of the time zone database, every clock change from 1970 to 2040, 48 hours
 * around each, random patterns, policies and closed days against the minute-by-minute oracle. Takes tens of minutes; exits 1 on a difference.
 *
 *   --seed N      which patterns (default: 1)
 *   --cases N     patterns a change (default: 3)
 *   --zones TEXT  only zones whose name contains it
 */
import { parseArgs } from 'node:util';
import { casesAt, differenceAt, randomOf } from './schedule-cases.ts';
import { clockOf, jumpsOf, readClock } from './schedule-oracle.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, cases: { type: 'string', default: '3' }, zones: { type: 'string', default: '' } },
});
const random = randomOf(Number(values.seed));
const zones = Intl.supportedValuesOf('timeZone').filter((zone) => zone.toLowerCase().includes(values.zones.toLowerCase()));
const startedAt = performance.now();
const counts = { zones: 0, changes: 0, cases: 0, rolled: 0, differences: 0 };

for (const zone of zones) {
  const clock = clockOf(zone);
  for (const jump of jumpsOf(zone, Date.UTC(1970, 0, 1), Date.UTC(2040, 0, 1))) {
    const shown = readClock(zone, jump);
    for (const each of casesAt(zone, clock(jump - 1_000), random, Number(values.cases))) {
      const difference = differenceAt(shown, each, jump);
      counts.cases++;
      if (each.roll) counts.rolled++;
      if (difference === null) continue;
      counts.differences++;
      if (counts.differences <= 20) process.stderr.write(`${difference}\n`);
    }
    counts.changes++;
  }
  counts.zones++;
  if (counts.zones % 20 === 0) process.stderr.write(`${JSON.stringify(counts)} ${Math.round((performance.now() - startedAt) / 1_000)} s\n`);
}
const seconds = Math.round((performance.now() - startedAt) / 1_000);
process.stdout.write(`${JSON.stringify({ seed: Number(values.seed), tzdata: process.versions.tz, ...counts, seconds })}\n`);
process.exit(counts.differences > 0 || counts.zones === 0 ? 1 : 0);
