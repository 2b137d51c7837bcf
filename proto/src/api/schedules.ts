/** Schedules, calendars and backfills: when a deployment starts runs by itself. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { pageInput, slugSchema } from './page.ts';

const zoneSchema = z.string().min(1).max(100);

export const scheduleSpecSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('cron'),
    /** Five fields, or six with seconds first. */
    cron: z.string().trim().min(1).max(200),
    timezone: zoneSchema.default('UTC'),
    /** Day of month and weekday both given: true asks for both, absent for either. */
    dayAnd: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal('interval'),
    /** At least one second. */
    everyMs: z
      .number()
      .int()
      .min(1_000)
      .max(400 * 86_400_000),
    /** Fires at anchor + n x everyMs; default: 1970-01-01T00:00, of UTC or of the time zone. */
    anchorAt: instantSchema.optional(),
    /**
     * Whole days alone: they follow the clock of this zone, so that a fire of 09:00 stays one over daylight saving. Absent:
     * elapsed time, whatever clocks do.
     */
    timezone: zoneSchema.optional(),
  }),
  z.object({
    kind: z.literal('rrule'),
    /** RFC 5545: `FREQ=...`, or lines of DTSTART, one RRULE, RDATE and EXDATE. Without DTSTART it counts from 2020-01-01T00:00. */
    rrule: z.string().trim().min(1).max(6_500),
    timezone: zoneSchema.default('UTC'),
  }),
]);
export type ScheduleSpec = z.infer<typeof scheduleSpecSchema>;

/** In words for people: `0 6 * * * (Europe/Berlin)`, `every 15 min`, `every 14 d (Europe/Berlin)`, `FREQ=WEEKLY;BYDAY=MO (UTC)`. */
export function describeSpec(spec: ScheduleSpec): string {
  switch (spec.kind) {
    case 'cron':
      return `${spec.cron} (${spec.timezone}${spec.dayAnd ? ', day and weekday' : ''})`;
    case 'interval':
      return `every ${lengthOf(spec.everyMs)}${spec.anchorAt ? ` from ${spec.anchorAt}` : ''}${spec.timezone ? ` (${spec.timezone})` : ''}`;
    case 'rrule':
      return `${spec.rrule.replaceAll('\n', ' ')} (${spec.timezone})`;
    default:
      return spec satisfies never;
  }
}

/** In the largest unit that is whole. */
function lengthOf(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ] as const;
  const [size, unit] = units.find(([each]) => ms % each === 0) ?? ([1, 'ms'] as const);
  return `${ms / size} ${unit}`;
}

/** A time that the clock leaves out: not fired, or fired at the first instant after the gap. */
export const dstGapSchema = z.enum(['auto', 'skip', 'shift']);
/** A time that the clock shows twice. */
export const dstOverlapSchema = z.enum(['auto', 'first', 'second', 'both']);
export type DstGap = z.infer<typeof dstGapSchema>;
export type DstOverlap = Exclude<z.infer<typeof dstOverlapSchema>, 'auto'>;
/** `auto`: times of day fire once (`shift`, `first`), patterns for every hour follow the clock (`skip`, `both`). */
export type DstPolicy = { readonly gap?: DstGap | undefined; readonly overlap?: z.infer<typeof dstOverlapSchema> | undefined };

/** What was missed by more than a minute: nothing of it, its latest, or all of it within the window. */
export const catchUpSchema = z.enum(['skip', 'latest', 'all']);
export type CatchUp = z.infer<typeof catchUpSchema>;
/** While a run of the schedule has not ended: start another, leave the fire out, let it wait its turn, cancel the older run. */
export const overlapSchema = z.enum(['allow', 'skip', 'queue', 'cancel-older']);
export type Overlap = z.infer<typeof overlapSchema>;
/** A fire on a day that the schedule's calendar closes: none, or at the same time of the next or the previous open day, at most 31 days away. */
export const onClosedDaySchema = z.enum(['skip', 'next', 'previous']);
export type OnClosedDay = z.infer<typeof onClosedDaySchema>;

const DAY_MS = 86_400_000;

/** How a schedule fires, beside when. */
export const scheduleRulesInput = {
  /** Fires of `startsAt <= t < endsAt` alone. */
  startsAt: instantSchema.nullable().default(null),
  endsAt: instantSchema.nullable().default(null),
  /** Each run starts up to this much after its instant, always as much for the same instant. */
  jitterMs: z.number().int().min(0).max(DAY_MS).default(0),
  catchUp: catchUpSchema.default('latest'),
  /** How far back `all` goes. */
  catchUpWindowMs: z
    .number()
    .int()
    .min(60_000)
    .max(30 * DAY_MS)
    .default(DAY_MS),
  overlap: overlapSchema.default('allow'),
  dstGap: dstGapSchema.default('auto'),
  dstOverlap: dstOverlapSchema.default('auto'),
  /** Name of a calendar that says on which days it fires; null: on all. */
  calendar: slugSchema.nullable().default(null),
  /** Other than `skip`: of a schedule with a calendar whose pattern names times of day; the days are those of its own clock. */
  onClosedDay: onClosedDaySchema.default('skip'),
  /** Parameter that receives the instant of the fire, as text; null: none does. */
  instantParameter: z.string().min(1).max(100).nullable().default(null),
};
export const scheduleRulesSchema = z.object(scheduleRulesInput);
export type ScheduleRules = z.output<typeof scheduleRulesSchema>;

export const deployScheduleInput = z.object({
  slug: slugSchema,
  spec: scheduleSpecSchema,
  parameters: z.record(z.string(), z.unknown()).default({}),
  active: z.boolean().default(true),
  ...scheduleRulesInput,
});

export const scheduleSchema = z.object({
  id: idSchema('schedule'),
  deployment: z.object({ id: idSchema('deployment'), name: z.string() }),
  slug: slugSchema,
  /** Who made it: a deploy, or a person, whose schedules no deploy touches. */
  origin: z.enum(['code', 'operator']),
  spec: scheduleSpecSchema,
  parameters: z.record(z.string(), z.unknown()),
  active: z.boolean(),
  ...scheduleRulesInput,
  nextFireAt: instantSchema.nullable(),
  /** Why it does not fire, when it is broken: a bad schedule harms only itself. */
  problem: z.string().nullable(),
  /** When it is tried again after a problem that may pass; null: not by itself. */
  retryAt: instantSchema.nullable(),
});
export type Schedule = z.infer<typeof scheduleSchema>;

export const scheduleRefInput = z.object({ schedule: idSchema('schedule') });
export const setScheduleActiveInput = z.object({ schedule: idSchema('schedule'), active: z.boolean() });

/** A schedule made by a person. */
export const createScheduleInput = deployScheduleInput.extend({ deployment: z.string().min(1).max(500) });
export type CreateScheduleInput = z.input<typeof createScheduleInput>;
/** What is absent stays as it is. */
export const updateScheduleInput = z.object({
  schedule: idSchema('schedule'),
  slug: slugSchema.optional(),
  spec: scheduleSpecSchema.optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  ...withoutDefaults(scheduleRulesInput),
});

/** A coming instant of a schedule, and what becomes of it. */
export const upcomingFireSchema = z.object({
  /** The instant of the pattern. */
  at: instantSchema,
  /** When its run starts: `at` and the jitter. */
  dueAt: instantSchema,
  /** What the clock shows in the schedule's time zone, `2026-03-08 03:00:00`. */
  local: z.string(),
  fires: z.boolean(),
  /** Why it does not fire; of one that does, what is odd about it (moved by daylight saving). */
  reason: z.string().nullable(),
  /** It was skipped by a person and can be put back. */
  skip: z.object({ by: z.string(), reason: z.string() }).nullable(),
});
export type UpcomingFire = z.infer<typeof upcomingFireSchema>;
export const upcomingFiresSchema = z.object({ timezone: z.string(), fires: z.array(upcomingFireSchema) });

export const previewScheduleInput = z.object({
  spec: scheduleSpecSchema,
  ...scheduleRulesInput,
  count: z.number().int().min(1).max(50).default(5),
});
export const upcomingFiresInput = z.object({ schedule: idSchema('schedule'), count: z.number().int().min(1).max(50).default(10) });
export const skipFireInput = z.object({
  schedule: idSchema('schedule'),
  /** An instant that the schedule will fire at. */
  at: instantSchema,
  reason: z.string().trim().max(500).default(''),
});
export const unskipFireInput = z.object({ schedule: idSchema('schedule'), at: instantSchema });

/** What became of an instant: a run, none and why, or it waits its turn. `until` is there where one entry stands for many. */
export const fireSchema = z.object({
  at: instantSchema,
  until: instantSchema.nullable(),
  outcome: z.enum(['created', 'queued', 'skipped', 'missed']),
  reason: z.string().nullable(),
  run: idSchema('run').nullable(),
  decidedAt: instantSchema,
});
export type Fire = z.infer<typeof fireSchema>;
/** Newest first; the cursor is the instant. */
export const listFiresInput = z.object({ schedule: idSchema('schedule'), ...pageInput });

/** A difference between what the pure function says and what was created, found by the auditor. */
export const auditFindingSchema = z.object({
  schedule: z.object({ id: idSchema('schedule'), slug: z.string() }),
  deployment: z.object({ id: idSchema('deployment'), name: z.string(), flow: z.string() }),
  at: instantSchema,
  kind: z.enum(['missing', 'unexpected']),
  foundAt: instantSchema,
  /** When a late fire mended it; null: still so. */
  resolvedAt: instantSchema.nullable(),
});
export type AuditFinding = z.infer<typeof auditFindingSchema>;
export const listFindingsInput = z.object({
  schedule: idSchema('schedule').optional(),
  deployment: idSchema('deployment').optional(),
  open: z.boolean().default(false),
  limit: z.number().int().min(1).max(200).default(50),
});

/* Calendars */

const monthDay = /^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const fullDay = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
/** `2026-12-25`, or `12-25` for every year. */
export const calendarDaySchema = z
  .string()
  .refine((text) => monthDay.test(text) || isRealDay(text), 'expected a day such as 2026-12-25, or 12-25 for every year');

const calendarDaysSchema = z.object({
  day: calendarDaySchema,
  /** Last day of a stretch, of the same form. */ to: calendarDaySchema.optional(),
  name: z.string().trim().min(1).max(200),
});

export const calendarRulesSchema = z.object({
  /** Days of the week it is open on, 1 Monday to 7 Sunday; null: all. Business days are [1, 2, 3, 4, 5]. */
  weekdays: z.array(z.number().int().min(1).max(7)).max(7).nullable().default(null),
  /** Days it is closed on. */
  exclude: z.array(calendarDaysSchema).max(1_000).default([]),
  /** Days it is open on all the same, whatever weekday they are and even if excluded. */
  include: z.array(calendarDaysSchema).max(1_000).default([]),
  /** Nothing fires from `from` until before `to`, included days too. */
  freezes: z
    .array(
      z
        .object({ from: instantSchema, to: instantSchema, name: z.string().trim().min(1).max(200) })
        .refine((freeze) => freeze.from < freeze.to, 'expected from before to'),
    )
    .max(1_000)
    .default([]),
});
export type CalendarRules = z.output<typeof calendarRulesSchema>;

export const calendarSchema = z.object({
  id: idSchema('calendar'),
  name: slugSchema,
  description: z.string(),
  timezone: z.string(),
  rules: calendarRulesSchema,
  /** How many schedules go by it. */
  schedules: z.number().int(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export type Calendar = z.infer<typeof calendarSchema>;

export const createCalendarInput = z.object({
  name: slugSchema,
  description: z.string().max(2_000).default(''),
  timezone: zoneSchema.default('UTC'),
  rules: calendarRulesSchema,
});
export const calendarRefInput = z.object({ calendar: z.string().min(1).max(100) });
export const updateCalendarInput = z.object({
  calendar: z.string().min(1).max(100),
  name: slugSchema.optional(),
  description: z.string().max(2_000).optional(),
  timezone: zoneSchema.optional(),
  rules: calendarRulesSchema.optional(),
});

/* Backfills */

export const backfillSchema = z.object({
  id: idSchema('backfill'),
  deployment: z.object({ id: idSchema('deployment'), name: z.string(), flow: z.string() }),
  schedule: z.object({ id: idSchema('schedule'), slug: z.string() }).nullable(),
  spec: scheduleSpecSchema,
  from: instantSchema,
  to: instantSchema,
  parameters: z.record(z.string(), z.unknown()),
  order: z.enum(['oldest', 'newest']),
  maxInFlight: z.number().int(),
  rerun: z.boolean(),
  state: z.enum(['running', 'paused', 'cancelled', 'done']),
  /** Instants of the range; of them made into runs; left out since they have a run already; runs that have not ended. */
  total: z.number().int(),
  made: z.number().int(),
  existing: z.number().int(),
  live: z.number().int(),
  /** Why it makes no progress; null: nothing is wrong. */
  problem: z.string().nullable(),
  createdBy: z.string(),
  createdAt: instantSchema,
  endedAt: instantSchema.nullable(),
});
export type Backfill = z.infer<typeof backfillSchema>;

export const createBackfillInput = z.object({
  deployment: z.string().min(1).max(500),
  /** Slug of the schedule whose instants are made; or give `spec`. */
  schedule: slugSchema.optional(),
  spec: scheduleSpecSchema.optional(),
  /** Instants of `from <= t < to`, of the past. */
  from: instantSchema,
  to: instantSchema,
  parameters: z.record(z.string(), z.unknown()).default({}),
  order: z.enum(['oldest', 'newest']).default('oldest'),
  maxInFlight: z.number().int().min(1).max(100).default(4),
  /** Also instants of the schedule that have a run already. */
  rerun: z.boolean().default(false),
  instantParameter: z.string().min(1).max(100).nullable().optional(),
});
export const backfillRefInput = z.object({ backfill: idSchema('backfill') });
export const cancelBackfillInput = z.object({
  backfill: idSchema('backfill'),
  /** Also cancels its runs that did not end. */ runs: z.boolean().default(true),
});
export const listBackfillsInput = z.object({ deployment: idSchema('deployment').optional(), ...pageInput });

function isRealDay(text: string): boolean {
  return fullDay.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
}

/** The same fields, each optional and without its default. */
function withoutDefaults<S extends Record<string, z.ZodDefault>>(shape: S): { [K in keyof S]: z.ZodOptional<ReturnType<S[K]['unwrap']>> } {
  return Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, (schema.unwrap() as z.ZodType).optional()])) as never;
}
