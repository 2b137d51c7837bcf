/** Days and windows of a calendar as lines of text, which is how people keep them. */
import type { CalendarRules } from '@signalbox/proto/api';

type Days = CalendarRules['exclude'];
type Freezes = CalendarRules['freezes'];

/** `12-24..12-26 Christmas`, a line each. */
export function daysText(days: Days): string {
  return days.map(({ day, to, name }) => `${day}${to ? `..${to}` : ''} ${name}`).join('\n');
}

/** Lines without a name are named by their days. */
export function parseDays(text: string): Days {
  return linesOf(text).map(({ range, name }) => {
    const [day = '', to] = range.split('..');
    return { day, ...(to ? { to } : {}), name: name || range };
  });
}

/** `2026-12-20T12:00Z..2027-01-03T12:00Z Year-end freeze`, a line each. */
export function freezesText(freezes: Freezes): string {
  return freezes.map(({ from, to, name }) => `${from}..${to} ${name}`).join('\n');
}

/** Instants that cannot be read stay as they are: the server says what is wrong with them. */
export function parseFreezes(text: string): Freezes {
  return linesOf(text).map(({ range, name }) => {
    const [from = '', to = ''] = range.split('..');
    return { from: instantOf(from), to: instantOf(to), name: name || 'freeze' };
  });
}

function linesOf(text: string): { range: string; name: string }[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [range = '', ...name] = line.split(/\s+/);
      return { range, name: name.join(' ') };
    });
}

function instantOf(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}
