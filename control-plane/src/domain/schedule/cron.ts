/**
 * Cron as a pattern of wall-clock times. `croner` says which times match (asked at an offset of nothing, where no clock
 * is ever shifted, and which it computes without Intl); wall-fires.ts says when the clock of a zone shows them.
 */
import { Cron } from 'croner';
import type { NextWall } from './wall-fires.ts';

/** A pattern, and whether it means a rhythm (every hour) rather than times of day. */
export type WallPattern = { readonly nextWall: NextWall; readonly isRhythm: boolean };

/**
 * Reads five fields (minute hour day month weekday), six with seconds first, or a nickname such as `@daily`. Day and
 * weekday both restricted: either matches, as in Vixie cron, or both must with `dayAnd`.
 * @throws when the pattern is not valid; `checkSpec` says why in plain words.
 */
export function parseCron(pattern: string, dayAnd = false): WallPattern {
  const cron = new Cron(pattern, { utcOffset: 0, mode: '5-or-6-parts', domAndDow: dayAnd });
  return { nextWall: (wallMs) => cron.nextRun(new Date(wallMs))?.getTime() ?? null, isRhythm: isEveryHour(pattern) };
}

function isEveryHour(pattern: string): boolean {
  const fields = pattern.trim().split(/\s+/);
  if (fields.length === 1) return /^@hourly$/i.test(pattern.trim());
  return /^(\*|\*\/1|0-23|\?)$/.test(fields.at(-4) ?? '');
}
