/**
 * Reads the text of an RFC 5545 recurrence: optional `DTSTART`, one `RRULE` (or its bare parts), `RDATE`, `EXDATE`.
 * Times are wall-clock times of the schedule's zone, as numbers (see zone.ts).
 * @see https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10
 */

export const FREQUENCIES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY', 'SECONDLY'] as const;
export type Frequency = (typeof FREQUENCIES)[number];
/** `nth` 0: every such weekday. Monday is 0. */
export type ByDay = { readonly weekday: number; readonly nth: number };

export type Rule = {
  readonly freq: Frequency;
  readonly interval: number;
  readonly count: number | null;
  /** Inclusive: a wall-clock time, or an instant when it was written with Z. */
  readonly until: { readonly ms: number; readonly isInstant: boolean } | null;
  readonly weekStart: number;
  readonly bySecond: readonly number[];
  readonly byMinute: readonly number[];
  readonly byHour: readonly number[];
  readonly byDay: readonly ByDay[];
  readonly byMonthDay: readonly number[];
  readonly byYearDay: readonly number[];
  readonly byWeekNo: readonly number[];
  readonly byMonth: readonly number[];
  readonly bySetPos: readonly number[];
};

export type Recurrence = {
  readonly startWall: number;
  readonly rule: Rule | null;
  /** Ascending. */
  readonly addedWalls: readonly number[];
  readonly removedWalls: ReadonlySet<number>;
};

/** Where counting begins when the text does not say: intervals need an anchor. */
export const DEFAULT_START_WALL = Date.UTC(2020, 0, 1);
const MAX_DATES = 1_000;
const MAX_COUNT = 10_000;
const MAX_INTERVAL = 100_000;
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** Something wrong in the text; the message says what was expected and what was found. */
export class RuleError extends Error {}

/** @throws RuleError */
export function readRecurrence(text: string, timezone: string): Recurrence {
  let startWall = DEFAULT_START_WALL;
  let rule: Rule | null = null;
  const added: number[] = [];
  const removed: number[] = [];
  // Folded lines go on with a blank (RFC 5545, 3.1).
  for (const line of text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const { name, parameters, value } = splitLine(line.trim());
    checkParameters(name, parameters, timezone);
    if (name === 'DTSTART') startWall = readWall(value, 'DTSTART', timezone);
    else if (name === 'RDATE') added.push(...value.split(',').map((each) => readWall(each, 'RDATE', timezone)));
    else if (name === 'EXDATE') removed.push(...value.split(',').map((each) => readWall(each, 'EXDATE', timezone)));
    else if (name !== 'RRULE') throw new RuleError(`DTSTART, RRULE, RDATE or EXDATE, got ${name}`);
    else if (rule) throw new RuleError('one RRULE: make a schedule for each');
    else rule = readRule(value);
  }
  if (!rule && added.length === 0) throw new RuleError('an RRULE such as FREQ=WEEKLY;BYDAY=MO, or RDATE');
  if (added.length + removed.length > MAX_DATES) throw new RuleError(`at most ${MAX_DATES} dates in RDATE and EXDATE`);
  return { startWall, rule, addedWalls: [...new Set(added)].sort((a, b) => a - b), removedWalls: new Set(removed) };
}

function splitLine(line: string): { name: string; parameters: string[]; value: string } {
  const colon = line.indexOf(':');
  if (colon < 0) return { name: 'RRULE', parameters: [], value: line };
  const [name = '', ...parameters] = line.slice(0, colon).split(';');
  return { name: name.toUpperCase(), parameters, value: line.slice(colon + 1) };
}

function checkParameters(name: string, parameters: readonly string[], timezone: string): void {
  for (const parameter of parameters) {
    const [key = '', value = ''] = parameter.split('=');
    if (/^VALUE$/i.test(key) && /^DATE(-TIME)?$/i.test(value)) continue;
    if (!/^TZID$/i.test(key)) throw new RuleError(`TZID or VALUE as a parameter of ${name}, got ${key}`);
    if (value.toLowerCase() !== timezone.toLowerCase())
      throw new RuleError(`${name} in the schedule's time zone ${timezone}, got ${value}`);
  }
}

const TIME = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z)?)?$/;

function readTime(text: string, name: string): { ms: number; isInstant: boolean; isDate: boolean } {
  const [, year, month, day, hour = '0', minute = '0', second = '0', z] = TIME.exec(text.trim()) ?? [];
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  // Date.UTC rolls 31 February over; what is rolled reads otherwise.
  const written = `${year}${month}${day}T${[hour, minute, second].map((each) => each.padStart(2, '0')).join('')}`;
  const isReal = !Number.isNaN(ms) && new Date(ms).toISOString().replace(/[-:]/g, '').startsWith(written);
  if (!isReal) throw new RuleError(`${name} such as 20260131T080000, got ${text.slice(0, 40)}`);
  return { ms, isInstant: z !== undefined, isDate: !text.includes('T') };
}

function readWall(text: string, name: string, timezone: string): number {
  const { ms, isInstant } = readTime(text, name);
  if (isInstant && !/^(etc\/)?utc$/i.test(timezone)) throw new RuleError(`${name} as a local time of ${timezone}, without Z`);
  return ms;
}

function readRule(text: string): Rule {
  const parts = new Map<string, string>();
  for (const part of text.split(';').filter(Boolean)) {
    const [key = '', value] = part.split('=');
    const name = key.trim().toUpperCase();
    if (value === undefined || value === '') throw new RuleError(`NAME=VALUE, got ${part.slice(0, 40)}`);
    if (parts.has(name)) throw new RuleError(`${name} once`);
    parts.set(name, value.trim().toUpperCase());
  }
  const take = (name: string): string | undefined => {
    const value = parts.get(name);
    parts.delete(name);
    return value;
  };
  const list = (name: string, min: number, max: number): number[] => {
    const value = take(name);
    return value === undefined ? [] : sorted(value.split(',').map((each) => wholeNumber(name, each, min, max)));
  };
  const signed = (name: string, max: number): number[] => {
    const numbers = list(name, -max, max);
    if (numbers.includes(0)) throw new RuleError(`${name}: 1 to ${max}, or -${max} to -1, got 0`);
    return numbers;
  };

  const freq = FREQUENCIES.find((each) => each === parts.get('FREQ'));
  if (!freq) throw new RuleError(`FREQ: one of ${FREQUENCIES.join(' ')}, got ${parts.get('FREQ') ?? 'nothing'}`);
  take('FREQ');
  const until = take('UNTIL');
  const [interval, count, weekStart] = [take('INTERVAL'), take('COUNT'), take('WKST')];
  const rule: Rule = {
    freq,
    interval: interval === undefined ? 1 : wholeNumber('INTERVAL', interval, 1, MAX_INTERVAL),
    count: count === undefined ? null : wholeNumber('COUNT', count, 1, MAX_COUNT),
    until: until === undefined ? null : readUntil(until),
    weekStart: weekStart === undefined ? 0 : weekdayOf('WKST', weekStart),
    bySecond: list('BYSECOND', 0, 59),
    byMinute: list('BYMINUTE', 0, 59),
    byHour: list('BYHOUR', 0, 23),
    byDay: (take('BYDAY')?.split(',') ?? []).map(readByDay),
    byMonthDay: signed('BYMONTHDAY', 31),
    byYearDay: signed('BYYEARDAY', 366),
    byWeekNo: signed('BYWEEKNO', 53),
    byMonth: list('BYMONTH', 1, 12),
    bySetPos: signed('BYSETPOS', 366),
  };
  const [unknown] = parts.keys();
  if (unknown !== undefined) throw new RuleError(`a part of RFC 5545, got ${unknown.slice(0, 40)}`);
  checkRule(rule);
  return rule;
}

function checkRule(rule: Rule): void {
  const { freq } = rule;
  const isSubDaily = freq === 'HOURLY' || freq === 'MINUTELY' || freq === 'SECONDLY';
  const refuse = (condition: boolean, expected: string) => {
    if (condition) throw new RuleError(expected);
  };
  refuse(rule.count !== null && rule.until !== null, 'COUNT or UNTIL, not both');
  refuse(
    rule.byDay.some(({ nth }) => nth !== 0) && freq !== 'MONTHLY' && freq !== 'YEARLY',
    'BYDAY without numbers, except in MONTHLY and YEARLY',
  );
  refuse(rule.byWeekNo.length > 0 && (freq !== 'YEARLY' || rule.byDay.length === 0), 'BYWEEKNO in YEARLY, together with BYDAY');
  refuse(rule.byYearDay.length > 0 && ['DAILY', 'WEEKLY', 'MONTHLY'].includes(freq), `no BYYEARDAY in ${freq}`);
  refuse(rule.byMonthDay.length > 0 && freq === 'WEEKLY', 'no BYMONTHDAY in WEEKLY');
  refuse(rule.bySetPos.length > 0 && isSubDaily, 'BYSETPOS in DAILY, WEEKLY, MONTHLY or YEARLY');
}

function readUntil(text: string): NonNullable<Rule['until']> {
  const { ms, isInstant, isDate } = readTime(text, 'UNTIL');
  return { ms: isDate ? ms + 86_400_000 - 1 : ms, isInstant };
}

function readByDay(text: string): ByDay {
  const [, nth, weekday = ''] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text) ?? [];
  const number = nth === undefined ? 0 : wholeNumber('BYDAY', nth, -53, 53);
  if (nth !== undefined && number === 0) throw new RuleError('BYDAY such as MO, 2TU or -1FR, got 0');
  return { weekday: weekdayOf('BYDAY', weekday || text), nth: number };
}

function weekdayOf(name: string, text: string): number {
  const index = WEEKDAYS.indexOf(text);
  if (index < 0) throw new RuleError(`${name}: one of ${WEEKDAYS.join(' ')}, got ${text.slice(0, 40)}`);
  return index;
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const number = /^[+-]?\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) throw new RuleError(`${name}: a whole number of ${min} to ${max}, got ${text.slice(0, 40)}`);
  return number;
}

function sorted(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
