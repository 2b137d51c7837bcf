/** When a deployment starts runs by itself. */
import type { Duration } from './duration.ts';

interface ScheduleOptions {
  /** Identity inside the deployment: lower-case letters, digits, hyphens. Default: `cron-1`, `interval-2` by place. */
  readonly slug?: string;
  /** Whether it fires. Default true. */
  readonly active?: boolean;
  /** Merged over the deployment's parameters in the runs it starts. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** A schedule, made by {@link cron} or {@link interval}. */
export interface ScheduleDefinition extends ScheduleOptions {
  readonly cron?: string;
  readonly timezone?: string;
  readonly every?: Duration;
  readonly anchor?: Date;
}

/**
 * Fires at the instants of a cron expression of five fields, or six with seconds first.
 * `timezone` is an IANA name; default UTC.
 * @example cron('0 6 * * *', { timezone: 'America/Los_Angeles' })
 */
export function cron(expression: string, options: ScheduleOptions & { readonly timezone?: string } = {}): ScheduleDefinition {
  return { ...options, cron: expression };
}

/** Fires every so often, at least 1 s, counted from `anchor` (default: 1970-01-01T00:00Z). @example interval('6h') */
export function interval(every: Duration, options: ScheduleOptions & { readonly anchor?: Date } = {}): ScheduleDefinition {
  return { ...options, every };
}
