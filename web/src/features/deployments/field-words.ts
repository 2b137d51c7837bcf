/** Values of a deployment's fields as people read and write them. */
import type { EffectiveValue } from '@signalbox/proto/api';
import { formatSpan } from '../../lib/format.ts';

type Kind = EffectiveValue['input'];

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `5 min`, `none`, `Rome`, `["etl"]`. Undefined: the path was removed. */
export function showFieldValue(value: unknown, input: Kind): string {
  if (value === undefined) return 'removed';
  if (value === null) return 'none';
  if (value === '') return '(empty)';
  if (input === 'duration' && typeof value === 'number') return formatSpan(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What an editor starts with; `readFieldValue` gives the same value back. */
export function editFieldValue(value: unknown, input: Kind): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && (input === 'text' || !isJson(value))) return value;
  return input === 'duration' && value === null ? 'none' : JSON.stringify(value);
}

/** `10m`, `none` and milliseconds for a duration; text as it stands; else JSON where it is JSON. */
export function readFieldValue(text: string, input: Kind): unknown {
  if (input === 'text') return text;
  const trimmed = text.trim();
  if (input === 'duration') {
    if (trimmed === 'none' || trimmed === '') return null;
    return readSpan(trimmed) ?? trimmed;
  }
  return isJson(trimmed) ? JSON.parse(trimmed) : text;
}

/** Milliseconds of `10m`, `2h`, `500ms` or `1500`; null when it is none. */
export function readSpan(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text.trim());
  return match ? Math.round(Number(match[1]) * (UNIT_MS[match[2] ?? 'ms'] ?? 1)) : null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
