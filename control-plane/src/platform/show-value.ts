import { shorten } from './errors.ts';

/** At most 80 characters of a value, as JSON. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
  return shorten(JSON.stringify(value), 80);
}
