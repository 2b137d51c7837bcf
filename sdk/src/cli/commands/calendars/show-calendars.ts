import type { Calendar, CalendarRules } from '@signalbox/proto/api';
import type { Context, GlobalOptions } from '../../context.ts';

export async function listCalendars(context: Context): Promise<void> {
  const calendars = await (await context.client()).calendars.list.query();
  if (context.json) return context.printJson(calendars);
  context.printTable(
    calendars,
    [
      { header: 'CALENDAR', value: ({ name }) => name, min: 10 },
      { header: 'OPEN ON', value: ({ rules }) => weekdaysText(rules.weekdays) },
      { header: 'CLOSED', value: ({ rules }) => String(rules.exclude.length), align: 'right' },
      { header: 'FREEZES', value: ({ rules }) => String(rules.freezes.length), align: 'right', drop: 2 },
      { header: 'SCHEDULES', value: ({ schedules }) => String(schedules), align: 'right' },
      { header: 'ZONE', value: ({ timezone }) => timezone, drop: 1 },
      { header: 'DESCRIPTION', value: ({ description }) => description, min: 12, drop: 3 },
    ],
    'No calendars. Create one with `signalbox calendars create NAME --business-days`.',
  );
}

export async function showCalendar(context: Context, _options: GlobalOptions, ref: string): Promise<void> {
  const calendar = await (await context.client()).calendars.get.query({ calendar: ref });
  if (context.json) return context.printJson(calendar);
  const { rules } = calendar;
  context.printFields([
    ['calendar', calendar.name],
    ['description', calendar.description],
    ['time zone', calendar.timezone],
    ['open on', weekdaysText(rules.weekdays)],
    ['closed', daysText(rules.exclude)],
    ['open anyway', daysText(rules.include)],
    ['freezes', rules.freezes.map(({ from, to, name }) => `${from} to ${to}  ${name}`).join('\n')],
    ['schedules', String(calendar.schedules)],
  ]);
}

const NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function weekdaysText(weekdays: CalendarRules['weekdays']): string {
  if (weekdays === null) return 'all days';
  return weekdays.length === 0
    ? 'no day'
    : [...weekdays]
        .sort()
        .map((day) => NAMES[day - 1])
        .join(' ');
}

function daysText(days: Calendar['rules']['exclude']): string {
  return days.map(({ day, to, name }) => `${day}${to ? ` to ${to}` : ''}  ${name}`).join('\n');
}
