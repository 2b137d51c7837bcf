import type { Instant } from '@signalbox/proto';
import { CliError } from '../cli-error.ts';

const UNIT_MS = { s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const RELATIVE = /^(?:in\s+|\+)?(\d+(?:\.\d+)?)\s*(s|m|min|h|d)$/;

/**
 * When: `in 5m`, `2h`, `2026-01-31T08:00:00Z`, or `2026-01-31 08:00` in the local time zone.
 * @throws CliError when it is none of these.
 */
export function parseInstant(option: string, text: string, nowMs: number): Instant {
  const relative = RELATIVE.exec(text.trim());
  if (relative) return new Date(nowMs + Number(relative[1]) * UNIT_MS[relative[2] as keyof typeof UNIT_MS]).toISOString();
  // Only dates that name a day in full; Date.parse alone would take "5" for a year.
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(/T|\s/.test(text.trim()) ? text : `${text}T00:00`) : Number.NaN;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new CliError(`--${option} is not usable`, {
    issues: [
      { field: option, expected: 'an instant such as 2026-01-31T08:00:00Z, or a distance such as "in 5m"', received: JSON.stringify(text) },
    ],
  });
}
