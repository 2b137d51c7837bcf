/**
 * RRULE as a pattern of wall-clock times; when a zone's clock shows them is decided in wall-fires.ts, as for cron.
 *
 * Own code, since the libraries of the field walk every occurrence from DTSTART on (cost grows with age) and have
 * rules at which they never return (`FREQ=HOURLY;INTERVAL=2;BYHOUR=1`). Here the next time is searched from the time
 * asked about, day by day, and the search takes a bounded number of steps. `rrule-temporal` is what it is tested against.
 * @see https://github.com/jkbrzt/rrule/pull/622
 */
import { civilOf, dayNumber, dayOf, daysInMonth, daysInYear, weekdayOf, weekOf } from './civil.ts';
import type { WallPattern } from './cron.ts';
import { type Recurrence, type Rule, RuleError, readRecurrence } from './rrule-text.ts';
import type { NextWall } from './wall-fires.ts';
import type { Zone } from './zone.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Steps of one search; ten to twenty milliseconds. A rule that needs more to find its next time counts as ended. */
const MAX_STEPS = 50_000;
/** Steps to find the last time of COUNT. */
const MAX_COUNT_STEPS = 300_000;
type Budget = { steps: number };
type Search = (fromWall: number, budget: Budget) => number | null;
/** How far ahead is looked, days: a 29 February on a given weekday can be 40 years away. */
const HORIZON_DAYS = 80 * 366;

/**
 * Reads a recurrence of a zone.
 * @throws RuleError when the text is not valid; the message says what was expected.
 */
export function parseRRule(text: string, timezone: string, zone: Zone): WallPattern {
  const recurrence = readRecurrence(text, timezone);
  const { rule } = recurrence;
  const isRhythm = rule !== null && isSubDaily(rule) && rule.byHour.length === 0;
  return { nextWall: nextOfSet(recurrence, zone), isRhythm };
}

/** The rule's times and RDATE, less EXDATE. */
function nextOfSet({ rule, startWall, addedWalls, removedWalls }: Recurrence, zone: Zone): NextWall {
  const nextOfRule = rule ? bounded(rule, startWall, zone) : () => null;
  return (fromWall) => {
    for (let wall = fromWall; ; ) {
      const added = addedWalls.find((each) => each > wall) ?? null;
      const ruled = nextOfRule(wall);
      if (added === null && ruled === null) return null;
      wall = Math.min(added ?? Number.POSITIVE_INFINITY, ruled ?? Number.POSITIVE_INFINITY);
      if (!removedWalls.has(wall)) return wall;
    }
  };
}

/** The rule's times up to UNTIL or the last of COUNT. */
function bounded(rule: Rule, startWall: number, zone: Zone): NextWall {
  const search = searchOf(completed(rule, startWall), startWall);
  const lastWall = lastOf(rule, search, startWall, zone);
  return (fromWall) => {
    const wall = fromWall >= lastWall ? null : search(fromWall, { steps: MAX_STEPS });
    return wall === null || wall > lastWall ? null : wall;
  };
}

function lastOf({ count, until }: Rule, search: Search, startWall: number, zone: Zone): number {
  if (until !== null) return until.isInstant ? until.ms + zone.offsetAt(until.ms) : until.ms;
  if (count === null) return Number.POSITIVE_INFINITY;
  let last = startWall - 1;
  const budget = { steps: MAX_COUNT_STEPS };
  for (let n = 0; n < count; n++) {
    const wall = search(last, budget);
    if (budget.steps <= 0) throw new RuleError(`COUNT that is reached sooner, or UNTIL instead, got ${count}`);
    if (wall === null) break;
    last = wall;
  }
  return last;
}

const isSubDaily = ({ freq }: Rule): boolean => freq === 'HOURLY' || freq === 'MINUTELY' || freq === 'SECONDLY';

/** With what a rule leaves to DTSTART written out. */
function completed(rule: Rule, startWall: number): Rule {
  const start = new Date(startWall);
  const { month, day } = civilOf(dayOf(startWall));
  const namesDays = rule.byDay.length + rule.byMonthDay.length + rule.byYearDay.length + rule.byWeekNo.length > 0;
  const days: Partial<Rule> = namesDays
    ? {}
    : rule.freq === 'YEARLY'
      ? { byMonth: rule.byMonth.length > 0 ? rule.byMonth : [month], byMonthDay: [day] }
      : rule.freq === 'MONTHLY'
        ? { byMonthDay: [day] }
        : rule.freq === 'WEEKLY'
          ? { byDay: [{ weekday: weekdayOf(dayOf(startWall)), nth: 0 }] }
          : {};
  const orStart = (numbers: readonly number[], own: number, isOpen: boolean) => (numbers.length > 0 || isOpen ? numbers : [own]);
  return {
    ...rule,
    ...days,
    byHour: orStart(rule.byHour, start.getUTCHours(), isSubDaily(rule)),
    byMinute: orStart(rule.byMinute, start.getUTCMinutes(), rule.freq === 'MINUTELY' || rule.freq === 'SECONDLY'),
    bySecond: orStart(rule.bySecond, start.getUTCSeconds(), rule.freq === 'SECONDLY'),
  };
}

function searchOf(rule: Rule, startWall: number): Search {
  const search = rule.bySetPos.length > 0 ? nextBySetPos : nextByDay;
  return (fromWall, budget) => search(rule, startWall, Math.max(fromWall, startWall - 1), budget);
}

function nextByDay(rule: Rule, startWall: number, fromWall: number, budget: Budget): number | null {
  const startDay = dayOf(startWall);
  const firstDay = dayOf(fromWall);
  for (let day = firstDay; day <= firstDay + HORIZON_DAYS && budget.steps > 0; day++) {
    budget.steps--;
    if (!isInPhase(rule, startDay, day) || !isDayOf(rule, day)) continue;
    const after = day === firstDay ? fromWall - day * DAY_MS : -1;
    const time = isSubDaily(rule) ? nextSubDaily(rule, startWall, day, after, budget) : nextOfTimes(rule, after);
    if (time !== null) return day * DAY_MS + time;
  }
  return null;
}

/** Whether INTERVAL picks the day's year, month, week or day. */
function isInPhase({ freq, interval, weekStart }: Rule, startDay: number, day: number): boolean {
  if (interval === 1) return true;
  switch (freq) {
    case 'YEARLY':
      return (civilOf(day).year - civilOf(startDay).year) % interval === 0;
    case 'MONTHLY':
      return (monthIndex(day) - monthIndex(startDay)) % interval === 0;
    case 'WEEKLY':
      return ((weekBegin(day, weekStart) - weekBegin(startDay, weekStart)) / 7) % interval === 0;
    case 'DAILY':
      return (day - startDay) % interval === 0;
    default:
      return true;
  }
}

const monthIndex = (day: number): number => civilOf(day).year * 12 + civilOf(day).month;
const weekBegin = (day: number, weekStart: number): number => day - ((weekdayOf(day) - weekStart + 7) % 7);

/** Whether all BY parts about days take the day. */
function isDayOf(rule: Rule, day: number): boolean {
  const { year, month, day: monthDay } = civilOf(day);
  if (rule.byMonth.length > 0 && !rule.byMonth.includes(month)) return false;
  if (rule.byMonthDay.length > 0) {
    const fromEnd = monthDay - daysInMonth(year, month) - 1;
    if (!rule.byMonthDay.includes(monthDay) && !rule.byMonthDay.includes(fromEnd)) return false;
  }
  if (rule.byYearDay.length > 0) {
    const yearDay = day - dayNumber(year, 1, 1) + 1;
    if (!rule.byYearDay.includes(yearDay) && !rule.byYearDay.includes(yearDay - daysInYear(year) - 1)) return false;
  }
  if (rule.byWeekNo.length > 0) {
    const week = weekOf(day, rule.weekStart);
    if (!rule.byWeekNo.includes(week.number) && !rule.byWeekNo.includes(week.number - week.of - 1)) return false;
  }
  return (
    rule.byDay.length === 0 || rule.byDay.some(({ weekday, nth }) => weekday === weekdayOf(day) && (nth === 0 || isNth(rule, day, nth)))
  );
}

/** The nth such weekday of its month, or of its year where a yearly rule names no months. */
function isNth({ freq, byMonth }: Rule, day: number, nth: number): boolean {
  const { year, month, day: monthDay } = civilOf(day);
  const ofYear = freq === 'YEARLY' && byMonth.length === 0;
  const place = ofYear ? day - dayNumber(year, 1, 1) : monthDay - 1;
  const left = (ofYear ? daysInYear(year) : daysInMonth(year, month)) - 1 - place;
  return nth > 0 ? Math.floor(place / 7) + 1 === nth : Math.floor(left / 7) + 1 === -nth;
}

/** First of the named times of day strictly after `afterMs` (milliseconds of the day; -1: from its start). */
function nextOfTimes({ byHour, byMinute, bySecond }: Rule, afterMs: number): number | null {
  for (const hour of byHour) {
    if ((hour + 1) * HOUR_MS <= afterMs) continue;
    for (const minute of byMinute) {
      const minuteMs = hour * HOUR_MS + minute * MINUTE_MS;
      if (minuteMs + MINUTE_MS <= afterMs) continue;
      const second = bySecond.find((each) => minuteMs + each * SECOND_MS > afterMs);
      if (second !== undefined) return minuteMs + second * SECOND_MS;
    }
  }
  return null;
}

/** Steps through a day in units of FREQ that INTERVAL picks, leaping over hours and minutes that are not named. */
function nextSubDaily(rule: Rule, startWall: number, day: number, afterMs: number, budget: Budget): number | null {
  const unitMs = rule.freq === 'HOURLY' ? HOUR_MS : rule.freq === 'MINUTELY' ? MINUTE_MS : SECOND_MS;
  const startUnit = Math.floor(startWall / unitMs);
  const dayUnit = (day * DAY_MS) / unitMs;
  const picked = (unit: number): number => {
    const ahead = (dayUnit + unit - startUnit) % rule.interval;
    return ahead === 0 ? unit : unit + (ahead > 0 ? rule.interval - ahead : -ahead);
  };
  const units = DAY_MS / unitMs;
  for (let unit = picked(Math.max(0, Math.floor(afterMs / unitMs))); unit < units && budget.steps > 0; ) {
    budget.steps--;
    const ms = unit * unitMs;
    const hour = Math.floor(ms / HOUR_MS);
    const minute = Math.floor(ms / MINUTE_MS) % 60;
    if (rule.byHour.length > 0 && !rule.byHour.includes(hour)) unit = picked(Math.ceil(((hour + 1) * HOUR_MS) / unitMs));
    else if (unitMs < HOUR_MS && rule.byMinute.length > 0 && !rule.byMinute.includes(minute))
      unit = picked(Math.ceil((ms - (ms % MINUTE_MS) + MINUTE_MS) / unitMs));
    else {
      const within = nextWithin(rule, unitMs, ms, afterMs);
      if (within !== null) return within;
      unit = picked(unit + 1);
    }
  }
  return null;
}

/** First named time inside one hour, minute or second. */
function nextWithin({ byMinute, bySecond }: Rule, unitMs: number, ms: number, afterMs: number): number | null {
  if (unitMs === SECOND_MS) {
    const isNamed = bySecond.length === 0 || bySecond.includes(Math.floor(ms / SECOND_MS) % 60);
    return isNamed && ms > afterMs ? ms : null;
  }
  const minutes = unitMs === HOUR_MS ? byMinute : [0];
  for (const minute of minutes)
    for (const second of bySecond) {
      const time = ms + minute * MINUTE_MS + second * SECOND_MS;
      if (time > afterMs) return time;
    }
  return null;
}

/** BYSETPOS: the named places among all the times of a year, month, week or day. */
function nextBySetPos(rule: Rule, startWall: number, fromWall: number, budget: Budget): number | null {
  const startDay = dayOf(startWall);
  const perDay = rule.byHour.length * rule.byMinute.length * rule.bySecond.length;
  const lastDay = dayOf(fromWall) + HORIZON_DAYS;
  for (
    let period = periodOf(rule, dayOf(fromWall));
    period.first <= lastDay && budget.steps > 0;
    period = periodOf(rule, period.last + 1)
  ) {
    if (!isInPhase(rule, startDay, period.first)) {
      budget.steps--;
      continue;
    }
    const days: number[] = [];
    for (let day = period.first; day <= period.last; day++, budget.steps--) if (isDayOf(rule, day)) days.push(day);
    const total = days.length * perDay;
    const walls = rule.bySetPos
      .map((place) => (place > 0 ? place - 1 : total + place))
      .filter((index) => index >= 0 && index < total)
      .map((index) => (days[Math.floor(index / perDay)] as number) * DAY_MS + timeAt(rule, index % perDay));
    const found = walls.filter((wall) => wall > fromWall).sort((a, b) => a - b)[0];
    if (found !== undefined) return found;
  }
  return null;
}

function timeAt({ byHour, byMinute, bySecond }: Rule, index: number): number {
  const [minutes, seconds] = [byMinute.length, bySecond.length];
  const hour = byHour[Math.floor(index / (minutes * seconds))] as number;
  const minute = byMinute[Math.floor(index / seconds) % minutes] as number;
  return hour * HOUR_MS + minute * MINUTE_MS + (bySecond[index % seconds] as number) * SECOND_MS;
}

function periodOf({ freq, weekStart }: Rule, day: number): { first: number; last: number } {
  const { year, month } = civilOf(day);
  switch (freq) {
    case 'YEARLY':
      return { first: dayNumber(year, 1, 1), last: dayNumber(year + 1, 1, 1) - 1 };
    case 'MONTHLY':
      return { first: dayNumber(year, month, 1), last: dayNumber(year, month + 1, 1) - 1 };
    case 'WEEKLY':
      return { first: weekBegin(day, weekStart), last: weekBegin(day, weekStart) + 6 };
    default:
      return { first: day, last: day };
  }
}
