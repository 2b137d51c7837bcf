/** Events: what happened to what, and what had to do with it. One grammar for ours and for those of other systems. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { OPEN_EVENT_NAME, RESERVED_EVENT_NAMES } from '../messages/calls/workspace.ts';
import { instantSchema } from '../time.ts';
import { pageInput } from './page.ts';
import { triggerSchema } from './triggers.ts';

/** Most bytes of an event as JSON. */
export const EVENT_MAX_BYTES = 64 * 1024;
export const EVENTS_AT_ONCE_MAX = 100;

export const eventNameSchema = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/, 'expected a name such as orders.file.arrived');

const labelsSchema = z
  .record(z.string().min(1).max(200), z.string().max(2_000))
  .refine((labels) => Object.keys(labels).length <= 50, 'expected at most 50 labels');

/** A thing by its labels; `id` names it, such as `run_...`, or `s3://bucket/key` of a thing that is not ours. */
export const eventResourceSchema = labelsSchema.refine((labels) => (labels.id ?? '') !== '', 'expected a label "id" that names the thing');
/** A thing that had to do with it, and as what (`role`): `flow`, `deployment`, `work-pool`, `work-queue`, `tag`, `actor`. */
export const relatedResourceSchema = labelsSchema.refine(
  (labels) => (labels.id ?? '') !== '' && (labels.role ?? '') !== '',
  'expected the labels "id" and "role"',
);

export const newEventSchema = z
  .object({
    name: eventNameSchema.refine((name) => !RESERVED_EVENT_NAMES.test(name), OPEN_EVENT_NAME),
    resource: eventResourceSchema,
    related: z.array(relatedResourceSchema).max(50).default([]),
    payload: z.record(z.string(), z.unknown()).default({}),
    /** When it happened; default: now. At most a minute ahead. */
    occurredAt: instantSchema.optional(),
    /** A UUID of the sender; default: made here. */
    id: z.uuid().optional(),
    /** Id of the event that it comes after. */
    follows: z.uuid().optional(),
  })
  .refine((event) => JSON.stringify(event).length <= EVENT_MAX_BYTES, `expected at most ${EVENT_MAX_BYTES / 1024} KB as JSON`);
export type NewEvent = z.input<typeof newEventSchema>;

export const emitEventsInput = z.object({ events: z.array(newEventSchema).min(1).max(EVENTS_AT_ONCE_MAX) });
/** Ids in the order of `events`. */
export const emittedEventsSchema = z.object({ ids: z.array(z.string()) });

export const eventSchema = z.object({
  /** Place in the feed: grows, in the order of commits. */
  position: z.number().int(),
  id: z.string(),
  name: z.string(),
  occurredAt: instantSchema,
  receivedAt: instantSchema,
  resource: z.record(z.string(), z.string()),
  related: z.array(z.record(z.string(), z.string())),
  payload: z.record(z.string(), z.unknown()),
  follows: z.string().nullable(),
});
export type Event = z.infer<typeof eventSchema>;

const patternSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9._:/*-]+$/, 'expected a name, with * for any text');

/** All that are given must fit. */
export const eventFilter = {
  /** Names, with `*` for any text; `!` before one leaves it out: `["run.*", "!run.Late"]`. */
  names: z
    .array(z.union([patternSchema, z.string().startsWith('!').min(2).max(200)]))
    .max(20)
    .optional(),
  /** Id of the thing itself. */
  resource: z.string().min(1).max(2_000).optional(),
  /** Id of the thing itself, or of one that had to do with it. */
  about: z.string().min(1).max(2_000).optional(),
  /** Part of anything in it, any case. */
  text: z.string().trim().min(1).max(200).optional(),
  /** By when it was received. */
  from: instantSchema.optional(),
  to: instantSchema.optional(),
};
export const listEventsInput = z.object({
  ...eventFilter,
  ...pageInput,
  /** `after` a position, oldest first: how a stream goes on. */
  after: z.number().int().min(0).optional(),
});
/** An event by its id. `since`: it was received then or later; absent: it is looked for among the 100,000 newest. */
export const findEventInput = z.object({ id: z.uuid(), since: instantSchema.optional() });
/** A page: `nextCursor` is null on the last one. */
export const eventPageSchema = z.object({
  items: z.array(eventSchema),
  nextCursor: z.string().nullable(),
  /** The page ended before it was full: so far back it was looked for, and `nextCursor` goes on from there. Null: it is full, or the last. */
  searchedTo: instantSchema.nullable(),
});
export type EventPage = z.infer<typeof eventPageSchema>;
export const countEventsInput = z.object({
  ...eventFilter,
  by: z.enum(['time', 'name', 'resource']),
  /** For `time`: width of a bar. Default: an hour. At most 1,000 bars are answered, the newest. */
  seconds: z.number().int().min(1).max(604_800).default(3_600),
});
/** `key`: instant at which the bar begins, the name, or the id of the resource. Most first; by time, oldest first. */
export const eventCountsSchema = z.object({
  counts: z.array(z.object({ key: z.string(), count: z.number().int() })),
  /** Of a thing, a text or resources the newest events are counted: those from here on. Null: all are. */
  since: instantSchema.nullable(),
});
export type EventCounts = z.infer<typeof eventCountsSchema>;

/** Would this trigger have fired in the last days? */
export const replayTriggerInput = z.object({ trigger: triggerSchema, days: z.number().int().min(1).max(30).default(7) });
export const replayedTriggerSchema = z.object({
  /** The 20,000 newest events that may matter, or 50,000 newest runs, are looked at: later than the days asked for where there were more. */
  since: instantSchema,
  /** How many were looked at: those of names that the trigger asks for. */
  events: z.number().int(),
  count: z.number().int(),
  /** The latest 100, oldest first. `event`: what completed it; of absence, what had opened the window; null: nothing had. */
  firings: z.array(z.object({ at: instantSchema, key: z.string(), event: eventSchema.nullable() })),
});

/** What led to an event, and what came of it. By its place in the feed. */
export const eventGraphInput = z.object({ position: z.number().int().min(1) });
const graphNodeSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('event'),
    /** Of the event. */
    key: z.string(),
    event: eventSchema.pick({ position: true, id: true, name: true, occurredAt: true, resource: true }),
  }),
  z.object({
    kind: z.literal('action'),
    /** `act_...` */
    key: z.string(),
    /** `run-deployment`, `declare-incident` ... */
    type: z.string(),
    status: z.enum(['waiting', 'done', 'failed', 'skipped']),
    /** What came of its last try. */
    message: z.string().nullable(),
    automation: z.object({ id: idSchema('automation'), name: z.string() }),
    target: z.object({ kind: z.string(), id: z.string() }).nullable(),
  }),
]);
export type EventGraphNode = z.infer<typeof graphNodeSchema>;
export const eventGraphSchema = z.object({
  /** The event itself first. */
  nodes: z.array(graphNodeSchema),
  /** From a cause to its effect, by keys. */
  edges: z.array(z.object({ from: z.string(), to: z.string() })),
  /** There may be more beyond what is told. */
  isCut: z.boolean(),
});
export type EventGraph = z.infer<typeof eventGraphSchema>;
