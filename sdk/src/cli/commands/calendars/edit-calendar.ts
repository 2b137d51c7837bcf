import { readFile } from 'node:fs/promises';
import type { Calendar, createCalendarInput } from '@signalbox/proto/api';
import type { z } from 'zod';
import { CliError } from '../../cli-error.ts';
import { confirm } from '../../confirm.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { oneOf } from '../../option-values.ts';
import { instantOf } from '../schedules/schedule-options.ts';

type Rules = z.input<typeof createCalendarInput>['rules'];
type Options = GlobalOptions & {
  description?: string;
  timezone?: string;
  businessDays?: boolean;
  weekdays?: string;
  exclude: readonly string[];
  include: readonly string[];
  freeze: readonly string[];
  file?: string;
  rename?: string;
  clear?: readonly string[];
};

export async function createCalendar(context: Context, options: Options, name: string): Promise<void> {
  const rules = await rulesOf(options, {});
  const { description, timezone } = options;
  const calendar = await (await context.client()).calendars.create.mutate({ name, description, timezone, rules });
  told(context, calendar, 'Created');
}

/** Adds to what the calendar has; `--clear` empties a list first. */
export async function updateCalendar(context: Context, options: Options, ref: string): Promise<void> {
  const client = await context.client();
  const before = await client.calendars.get.query({ calendar: ref });
  const kept: Rules = { ...before.rules };
  for (const list of options.clear ?? []) kept[oneOf('clear', list, ['exclude', 'include', 'freezes'])] = [];
  const { rename, description, timezone } = options;
  const calendar = await client.calendars.update.mutate({
    calendar: ref,
    name: rename,
    description,
    timezone,
    rules: await rulesOf(options, kept),
  });
  told(context, calendar, 'Changed');
}

export async function deleteCalendar(context: Context, options: GlobalOptions & { yes?: boolean }, ref: string): Promise<void> {
  await confirm(context, `Delete calendar ${ref}?`, options);
  const reply = await (await context.client()).calendars.delete.mutate({ calendar: ref });
  if (context.json) return context.printJson(reply);
  context.print(`Deleted calendar ${ref}.`);
}

function told(context: Context, calendar: Calendar, what: string): void {
  if (context.json) context.printJson(calendar);
  else context.print(`${what} calendar ${calendar.name}.`);
}

async function rulesOf(options: Options, before: Rules): Promise<Rules> {
  if (options.file !== undefined) return readRules(options.file);
  const { weekdays = before.weekdays } = { weekdays: weekdaysOf(options) };
  return {
    weekdays,
    exclude: [...(before.exclude ?? []), ...options.exclude.map((text) => dayOf('exclude', text))],
    include: [...(before.include ?? []), ...options.include.map((text) => dayOf('include', text))],
    freezes: [...(before.freezes ?? []), ...options.freeze.map(freezeOf)],
  };
}

async function readRules(file: string): Promise<Rules> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Rules;
  } catch (error) {
    throw new CliError(`--file: ${(error as Error).message}`);
  }
}

function weekdaysOf({ businessDays, weekdays }: Options): number[] | null | undefined {
  if (businessDays) return [1, 2, 3, 4, 5];
  if (weekdays === undefined) return undefined;
  if (weekdays === 'all') return null;
  return weekdays.split(',').flatMap((part) => {
    const [, from, to = from] = /^([1-7])(?:-([1-7]))?$/.exec(part.trim()) ?? [];
    if (from === undefined) throw unusable('weekdays', 'days such as 1-5 or 1,3,5 (1 is Monday), or all', weekdays);
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => Number(from) + i);
  });
}

/** `12-24..12-26=Christmas`; the name may be left out. */
function dayOf(option: string, text: string): { day: string; to?: string; name: string } {
  const [days = '', name] = cut(text);
  const [day = '', to] = days.split('..');
  if (day === '') throw unusable(option, 'a day such as 2026-12-25=Christmas or 12-24..12-26=Christmas', text);
  return { day, ...(to === undefined ? {} : { to }), name: name || days };
}

function freezeOf(text: string): { from: string; to: string; name: string } {
  const [range = '', name] = cut(text);
  const [from, to] = range.split('..');
  if (!from || !to) throw unusable('freeze', 'a window such as 2026-12-20..2027-01-03=Year-end freeze', text);
  return { from: instantOf('freeze', from), to: instantOf('freeze', to), name: name || 'freeze' };
}

function cut(text: string): [before: string, after: string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function unusable(option: string, expected: string, received: string): CliError {
  return new CliError(`--${option} is not usable`, { issues: [{ field: option, expected, received: JSON.stringify(received) }] });
}
