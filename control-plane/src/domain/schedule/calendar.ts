/** Calendars: on which days of a zone schedules fire, and freeze windows in which nothing does. */
import type { FieldIssue } from '@signalbox/proto';
import type { CalendarRules } from '@signalbox/proto/api';
import { civilOf, dayOf, weekdayOf } from './civil.ts';
import { isZone, zoneOf } from './zone.ts';

const DAY_MS = 86_400_000;

/** `untilMs`: the first instant at which it may be open again. */
export type Closed = { readonly reason: string; readonly untilMs: number };

export type OpenCalendar = {
  /** Why nothing fires at an instant; null: it is open. Freeze windows come first, then included days, excluded days, weekdays. */
  closedAt(instantMs: number): Closed | null;
  /** The same of freeze windows alone. */
  frozenAt(instantMs: number): Closed | null;
  /** Why a day is closed, whatever windows lie on it; null: it is open. Days are numbers from 1970-01-01, of whichever clock. */
  closedOn(day: number): string | null;
};

type Days = CalendarRules['exclude'][number];

/** A calendar ready to be asked. Pure: the same rules, zone and instant give the same answer. */
export function openCalendar(calendar: { readonly name: string; readonly timezone: string; readonly rules: CalendarRules }): OpenCalendar {
  const { rules } = calendar;
  const zone = zoneOf(calendar.timezone);
  const weekdays = rules.weekdays === null ? null : new Set(rules.weekdays);
  const [included, excluded] = [finderOf(rules.include), finderOf(rules.exclude)];
  const freezes = rules.freezes.map(({ from, to, name }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to), name }));
  const because = (why: string) => `calendar ${calendar.name}: ${why}`;

  const frozenAt = (instantMs: number): Closed | null => {
    const freeze = freezes.find(({ fromMs, toMs }) => fromMs <= instantMs && instantMs < toMs);
    return freeze ? { reason: because(`freeze window "${freeze.name}"`), untilMs: freeze.toMs } : null;
  };
  const closedOn = (day: number): string | null => {
    const text = dayText(day);
    if (included(text)) return null;
    const holiday = excluded(text);
    if (holiday) return because(`closed, ${holiday.name}`);
    const weekday = weekdayOf(day);
    return weekdays?.has(weekday + 1) === false ? because(`closed on ${WEEKDAYS[weekday]}`) : null;
  };

  return {
    frozenAt,
    closedOn,
    closedAt(instantMs) {
      const frozen = frozenAt(instantMs);
      if (frozen) return frozen;
      const day = dayOf(instantMs + zone.offsetAt(instantMs));
      const reason = closedOn(day);
      return reason === null ? null : { reason, untilMs: Math.max(instantMs + 1, zone.firstInstantOf((day + 1) * DAY_MS)) };
    },
  };
}

const WEEKDAYS = ['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays'];

/** Finds the entry a day belongs to. Single days by their text, stretches one by one. */
function finderOf(entries: readonly Days[]): (text: string) => Days | undefined {
  const single = new Map(entries.filter(({ to }) => to === undefined).map((entry) => [entry.day, entry]));
  const stretches = entries.filter(({ to }) => to !== undefined);
  return (text) => {
    const ofYear = text.slice(-5);
    return single.get(text) ?? single.get(ofYear) ?? stretches.find((entry) => isWithin(entry, entry.day.length === 5 ? ofYear : text));
  };
}

function isWithin({ day, to = day }: Days, text: string): boolean {
  // Every year's stretch can go over the turn of the year: 12-24 to 01-02.
  return day <= to ? day <= text && text <= to : text >= day || text <= to;
}

function dayText(day: number): string {
  const { year, month, day: monthDay } = civilOf(day);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(monthDay).padStart(2, '0')}`;
}

/** Problems of a calendar; fields are relative to it. */
export function checkCalendar({ timezone, rules }: { readonly timezone: string; readonly rules: CalendarRules }): FieldIssue[] {
  const issues: FieldIssue[] = [];
  if (!isZone(timezone))
    issues.push({ field: 'timezone', expected: 'an IANA time zone such as Europe/Berlin or UTC', received: JSON.stringify(timezone) });
  for (const list of ['exclude', 'include'] as const)
    for (const [i, { day, to }] of rules[list].entries()) {
      if (to === undefined) continue;
      if (to.length !== day.length) issues.push({ field: `rules.${list}.${i}.to`, expected: `a day of the form of ${day}`, received: to });
      else if (day.length === 10 && to < day) issues.push({ field: `rules.${list}.${i}.to`, expected: `${day} or later`, received: to });
    }
  return issues;
}
