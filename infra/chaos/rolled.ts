/** Schedules that fire today for the sake of closed days: yesterday and tomorrow are named, and a calendar moves their fires. */
import type { System } from '../test-support/system.ts';

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];
const OPEN_TODAY = 'chaos-open-today';

/** In a zone where it is noon or so, since what was moved to today ends with it. Call it after the deploy. */
export async function prepareRolled(system: System): Promise<void> {
  const now = new Date();
  const hoursAhead = 12 - now.getUTCHours();
  // Zones of that kind are named after hours behind.
  const timezone = `Etc/GMT${hoursAhead > 0 ? '-' : '+'}${Math.abs(hoursAhead)}`;
  const [yesterday, today, tomorrow] = [-1, 0, 1].map((day) => {
    const [, month, monthDay] = new Date(now.getTime() + hoursAhead * HOUR_MS + day * DAY_MS).toISOString().split(/[-T]/);
    return { month, monthDay, text: `${month}-${monthDay}` };
  }) as [Day, Day, Day];
  await system.client.calendars.create.mutate({
    name: OPEN_TODAY,
    timezone,
    rules: { exclude: [yesterday, tomorrow].map(({ text }) => ({ day: text, name: 'Closed' })) },
  });
  const create = (onClosedDay: 'next' | 'previous', everySeconds: number, days: readonly Day[]) =>
    system.client.schedules.create.mutate({
      deployment: 'fired/always',
      slug: `rolled-${onClosedDay}`,
      spec: {
        kind: 'cron',
        cron: `*/${everySeconds} * 6-18 ${days.map(({ monthDay }) => monthDay)} ${days.map(({ month }) => month)} *`,
        timezone,
      },
      calendar: OPEN_TODAY,
      onClosedDay,
      catchUp: 'all',
      catchUpWindowMs: HOUR_MS,
    });
  await create('next', 3, [yesterday]);
  // Those of today are there already: two at one time fire once.
  await create('previous', 5, [today, tomorrow]);
}

type Day = { readonly month: string; readonly monthDay: string; readonly text: string };
