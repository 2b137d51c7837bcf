/** What is wrong with a schedule's spec, in words that name field, value and expectation. */
import type { FieldIssue } from '@signalbox/proto';
import type { ScheduleSpec } from '@signalbox/proto/api';
import { isWholeDays } from './interval.ts';
import { firesOf, patternOf } from './next-fires.ts';
import { RuleError } from './rrule-text.ts';
import { isZone } from './zone.ts';

type Field = { readonly name: string; readonly min: number; readonly max: number; readonly names?: readonly string[] };

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const FIELDS: readonly Field[] = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  { name: 'day of week', min: 0, max: 7, names: WEEKDAYS },
];
const NICKNAMES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

const BEFORE_ALL_MS = Date.UTC(1900, 0, 1);

/**
 * Problems of a spec, empty when it is fine; `field` is relative to the spec (`cron`, `rrule`, `timezone`, `everyMs`).
 * `from`: an instant after which a sound schedule fires at least once.
 */
export function checkSpec(spec: ScheduleSpec, from: Date): FieldIssue[] {
  if (spec.kind === 'interval') return checkInterval(spec);
  const issues = [...checkZone(spec.timezone), ...(spec.kind === 'cron' ? checkCron(spec.cron) : [])];
  if (issues.length > 0) return issues;
  const [field, text] = spec.kind === 'cron' ? ['cron', spec.cron] : ['rrule', spec.rrule];
  try {
    // A rule may have ended and still be sound: the code that speaks of it is deployed again.
    const fires = firesOf(spec).next(spec.kind === 'rrule' ? BEFORE_ALL_MS : from.getTime()) !== null;
    return fires
      ? []
      : [
          {
            field,
            expected: spec.kind === 'cron' ? 'a pattern that matches some day from now on' : 'a rule that matches some day',
            received: quote(text),
          },
        ];
  } catch (error) {
    if (error instanceof RuleError) return [{ field, expected: error.message, received: quote(text) }];
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return [{ field, expected: `a valid pattern (${reason})`, received: quote(text) }];
  }
}

/** Whether a spec can be computed at all, though it may have ended. */
export function isSound(spec: ScheduleSpec): boolean {
  try {
    patternOf(spec);
    return true;
  } catch {
    return false;
  }
}

/** One line of all problems: `cron: field minute: 61, expected 0-59`. */
export function describeProblems(issues: readonly FieldIssue[]): string {
  return issues.map(({ field, expected, received }) => `${field}: ${received ?? 'nothing'}, expected ${expected}`).join('; ');
}

function checkInterval({ everyMs, timezone }: Extract<ScheduleSpec, { kind: 'interval' }>): FieldIssue[] {
  if (timezone === undefined) return [];
  if (isWholeDays(everyMs)) return checkZone(timezone);
  return [
    {
      field: 'timezone',
      expected: 'whole days beside it (1d, 7d): less than a day is elapsed time, in no zone',
      received: quote(timezone),
    },
  ];
}

function checkZone(name: string): FieldIssue[] {
  return isZone(name) ? [] : [{ field: 'timezone', expected: 'an IANA time zone such as Europe/Berlin or UTC', received: quote(name) }];
}

function checkCron(pattern: string): FieldIssue[] {
  const texts = pattern.trim().split(/\s+/);
  if (pattern.startsWith('@')) {
    const known = NICKNAMES.includes(pattern.toLowerCase());
    return known ? [] : [{ field: 'cron', expected: `one of ${NICKNAMES.join(' ')}`, received: quote(pattern) }];
  }
  if (texts.length !== 5 && texts.length !== 6) {
    return [{ field: 'cron', expected: '5 fields (minute hour day month weekday), or 6 with seconds first', received: `${texts.length}` }];
  }
  const fields = FIELDS.slice(-texts.length);
  return texts.flatMap((text, i) => checkField(text, fields[i] as Field));
}

/** The parts of one field: `a`, `a-b`, `*`, each with `/step`; `L`, `W` and `#` are left to the parser. */
function checkField(text: string, field: Field): FieldIssue[] {
  const problem = (received: string, expected: string): FieldIssue[] => [{ field: `cron: field ${field.name}`, received, expected }];
  for (const part of text.split(',')) {
    const [range = '', step, ...rest] = part.split('/');
    if (rest.length > 0) return problem(quote(part), 'at most one / in a part');
    if (step !== undefined && !(/^\d+$/.test(step) && Number(step) >= 1)) return problem(quote(step), 'a step of at least 1');
    if (step !== undefined && Number(step) > field.max) return problem(step, `a step of at most ${field.max}`);
    if (range === '' || range === '*' || range === '?' || /[LW#+]/i.test(withoutNames(range, field))) {
      if (range === '') return problem(quote(part), bounds(field));
      continue;
    }
    const ends = range.split('-');
    const numbers = ends.map((end) => numberOf(end, field));
    const bad = ends.find((_, i) => Number.isNaN(numbers[i]) || (numbers[i] ?? 0) < field.min || (numbers[i] ?? 0) > field.max);
    if (bad !== undefined) return problem(/^\d+$/.test(bad) ? bad : quote(bad), bounds(field));
    if (ends.length > 2) return problem(quote(range), 'a range such as 1-5');
    const [low = 0, high = low] = numbers;
    if (low > high) return problem(range, `a range from low to high, such as ${ends[1]}-${ends[0]}`);
  }
  return [];
}

function numberOf(text: string, { names, min }: Field): number {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return named + min;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function withoutNames(text: string, { names }: Field): string {
  return names?.reduce((rest, name) => rest.replaceAll(new RegExp(name, 'gi'), ''), text) ?? text;
}

function bounds({ min, max, names }: Field): string {
  return names ? `${min}-${max} or a name (${names[0]}-${names.at(-1)})` : `${min}-${max}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text);
}
