/** When a deployment starts runs by itself. */
import type { DeployInput } from '@signalbox/proto/api';
import type { Duration } from './duration.ts';
import { toMs } from './duration.ts';

/** What becomes of a fire while a run of the same schedule has not ended. */
export type Overlap = 'allow' | 'skip' | 'queue' | 'cancel-older';

interface ScheduleOptions {
  /** Identity inside the deployment: lower-case letters, digits, hyphens. Default: `cron-1`, `interval-2` by place. */
  readonly slug?: string;
  /** Whether it fires. Default true. */
  readonly active?: boolean;
  /** Merged over the deployment's parameters in the runs it starts. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Parameter that receives the instant of the fire, as ISO-8601 text. Default: none does. */
  readonly instantParameter?: string;
  /** It fires from this instant on. */
  readonly startsAt?: Date;
  /** It fires before this instant alone. */
  readonly endsAt?: Date;
  /** Each run starts up to this much later, always as much for the same instant; at most a day. Default 0. */
  readonly jitter?: Duration;
  /**
   * After an outage: `latest` makes the last missed instant alone, `skip` none, `all` those within `catchUpWindow`. What is
   * less than a minute late counts as on time. Default `latest`.
   */
  readonly catchUp?: 'skip' | 'latest' | 'all';
  /** How far back `catchUp: 'all'` goes, one minute to 30 days. Default one day. */
  readonly catchUpWindow?: Duration;
  /**
   * While a run of this schedule has not ended: `allow` starts another beside it, `skip` leaves the fire out, `queue` lets it
   * wait its turn (at most 100 wait), `cancel-older` cancels the older run. Default `allow`.
   */
  readonly overlap?: Overlap;
  /** Name of a calendar of the workspace: it fires only while that is open. */
  readonly calendar?: string;
  /**
   * A fire on a day that the calendar closes: `skip` it, or fire at the same time of the `next` or the `previous` open day, at most 31 days
   * away; several that come to one time fire once. For patterns that name times of day, whose own clock then counts the days. Default `skip`.
   */
  readonly onClosedDay?: 'skip' | 'next' | 'previous';
}

interface WallClockOptions extends ScheduleOptions {
  /** IANA name. Default UTC. */
  readonly timezone?: string;
  /**
   * A time that the clock leaves out when it goes forward: `skip` it, or `shift` it to the first instant after the gap. Default:
   * `shift` for times of day, `skip` for patterns of every hour.
   */
  readonly dstGap?: 'skip' | 'shift';
  /**
   * A time that the clock shows twice when it goes back. Default: the `first` for times of day, `both` for patterns of every
   * hour.
   */
  readonly dstOverlap?: 'first' | 'second' | 'both';
}

/** A schedule, made by {@link cron}, {@link interval} or {@link rrule}. */
export interface ScheduleDefinition extends WallClockOptions {
  readonly cron?: string;
  readonly dayAnd?: boolean;
  readonly rrule?: string;
  readonly every?: Duration;
  readonly anchor?: Date;
}

/**
 * Fires at the instants of a cron expression of five fields, or six with seconds first; `L`, `W`, `#` and names are
 * understood. Day of month and weekday both given: either matches, or both must with `dayAnd`.
 * @example cron('0 6 * * *', { timezone: 'America/Los_Angeles', overlap: 'skip' })
 */
export function cron(expression: string, options: WallClockOptions & { readonly dayAnd?: boolean } = {}): ScheduleDefinition {
  return { ...options, cron: expression };
}

/**
 * Fires every so often, at least 1 s, counted from `anchor` (default: 1970-01-01T00:00), in elapsed time. With a `timezone`, which
 * whole days may have, it follows that zone's clock: a fire of 09:00 stays one over daylight saving.
 * @example interval('6h')
 * @example interval('14d', { anchor: new Date('2026-01-05T08:00:00Z'), timezone: 'Europe/Berlin' })
 */
export function interval(every: Duration, options: WallClockOptions & { readonly anchor?: Date } = {}): ScheduleDefinition {
  return { ...options, every };
}

/**
 * Fires at the instants of an RFC 5545 recurrence: the parts of an RRULE, or lines of DTSTART, one RRULE, RDATE and EXDATE.
 * Without DTSTART it counts from 2020-01-01T00:00 in its time zone.
 * @example rrule('FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=17', { timezone: 'Europe/Berlin' })
 */
export function rrule(rule: string, options: WallClockOptions = {}): ScheduleDefinition {
  return { ...options, rrule: rule };
}

/** @internal What `deployments.deploy` takes of a schedule; `place` counts from 1 and names one without a slug. */
export function toScheduleInput(schedule: ScheduleDefinition, place: number): NonNullable<DeployInput['schedules']>[number] {
  const { jitter, catchUpWindow, timezone } = schedule;
  const kind = schedule.cron !== undefined ? 'cron' : schedule.rrule !== undefined ? 'rrule' : 'interval';
  return {
    slug: schedule.slug ?? `${kind}-${place}`,
    active: schedule.active ?? true,
    parameters: { ...schedule.parameters },
    spec:
      schedule.cron !== undefined
        ? { kind: 'cron', cron: schedule.cron, timezone, ...(schedule.dayAnd ? { dayAnd: true } : {}) }
        : schedule.rrule !== undefined
          ? { kind: 'rrule', rrule: schedule.rrule, timezone }
          : { kind: 'interval', everyMs: toMs(schedule.every ?? 0, 'every'), anchorAt: schedule.anchor?.toISOString(), timezone },
    ...given({
      startsAt: schedule.startsAt?.toISOString(),
      endsAt: schedule.endsAt?.toISOString(),
      jitterMs: jitter === undefined ? undefined : toMs(jitter, 'jitter'),
      catchUp: schedule.catchUp,
      catchUpWindowMs: catchUpWindow === undefined ? undefined : toMs(catchUpWindow, 'catchUpWindow'),
      overlap: schedule.overlap,
      dstGap: schedule.dstGap,
      dstOverlap: schedule.dstOverlap,
      calendar: schedule.calendar,
      onClosedDay: schedule.onClosedDay,
      instantParameter: schedule.instantParameter,
    }),
  };
}

/** What was said: the rest is the control plane's default. */
function given<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
