/** What makes an automation act: an event, many of them, their absence, several triggers together, a figure out of range, a deadline over state. */
import { z } from 'zod';

/** Deepest nesting of triggers, and most of them in one automation. */
export const TRIGGERS_MAX = 10;
/** Longest window, seconds: a week. */
const WITHIN_MAX = 604_800;

const patternSchema = z.string().min(1).max(200);
/** Label -> what fits it: texts with `*` for any text; `!` before one leaves out; of a list, one must fit. All labels must. */
export const labelMatchSchema = z
  .record(z.string().min(1).max(200), z.union([z.string().max(2_000), z.array(z.string().max(2_000)).min(1).max(50)]))
  .refine((match) => Object.keys(match).length <= 20, 'expected at most 20 labels');
export type LabelMatch = z.infer<typeof labelMatchSchema>;

/** What ends what an event trigger told of: from then on it may fire again. */
const resolveOnSchema = z.object({
  /** Names that end it. */
  expect: z.array(patternSchema).min(1).max(20),
  match: labelMatchSchema.default({}),
  matchRelated: z.array(labelMatchSchema).max(10).default([]),
});

export const eventTriggerSchema = z
  .object({
    type: z.literal('event'),
    /** `reactive`: fires when enough came. `proactive`: fires when too few came in time. */
    posture: z.enum(['reactive', 'proactive']).default('reactive'),
    /** Labels of the resource. */
    match: labelMatchSchema.default({}),
    /** Labels of one related resource; of a list, each object needs one. */
    matchRelated: z.union([labelMatchSchema.transform((one) => [one]), z.array(labelMatchSchema).max(10)]).default([]),
    /** Names that open the window; empty: it opens by itself. */
    after: z.array(patternSchema).max(20).default([]),
    /** Names that count; empty: any. */
    expect: z.array(patternSchema).max(20).default([]),
    /** One count for each value of these labels: `id`, or `related:deployment:id`. */
    forEach: z.array(z.string().min(1).max(200)).max(5).default([]),
    threshold: z.number().int().min(1).max(1_000).default(1),
    withinSeconds: z.number().int().min(0).max(WITHIN_MAX).default(0),
    /** With it the trigger is one of edges: it fires once for each key, and again only after such an event of that key resolved it. */
    resolveOn: resolveOnSchema.nullable().default(null),
  })
  .refine((trigger) => trigger.threshold === 1 || trigger.withinSeconds > 0 || trigger.posture === 'proactive', {
    path: ['withinSeconds'],
    message: 'expected at least 1 where the threshold is above 1',
  })
  .refine((trigger) => trigger.posture === 'reactive' || trigger.withinSeconds >= 10, {
    path: ['withinSeconds'],
    message: 'expected at least 10 for a proactive trigger',
  });
export type EventTrigger = z.infer<typeof eventTriggerSchema>;

/** Deployments that a figure or a deadline is about; all that is given must fit. Nothing given: all of the workspace. */
const aboutDeploymentsSchema = z
  .object({
    /** `flow/name`, with `*` for any text. */
    deployments: z.array(patternSchema).max(20).default([]),
    /** Names of pools. */
    pools: z.array(patternSchema).max(20).default([]),
    /** Tags of the deployment; one must be there. */
    tags: z.array(patternSchema).max(20).default([]),
  })
  .default({ deployments: [], pools: [], tags: [] });

export const METRICS = ['success-rate', 'duration', 'lateness', 'queue-depth', 'cost'] as const;
/** What each figure is, and in which unit. */
export const METRIC_UNITS = {
  'success-rate': 'share of the runs that ended in the range and were completed, 0 to 1',
  duration: 'mean seconds that the runs which ended in the range ran',
  lateness: 'mean seconds between the due instant and the start of the runs that started in the range',
  'queue-depth': 'runs that are due and have not started, now',
  cost: 'what the attempts that ended in the range cost: hours from claim to end, times the cost per hour of their pool',
} as const satisfies Record<(typeof METRICS)[number], string>;

export const metricTriggerSchema = z.object({
  type: z.literal('metric'),
  metric: z.enum(METRICS),
  about: aboutDeploymentsSchema,
  /** One figure for each deployment or pool; null: one for all together. */
  each: z.enum(['deployment', 'pool']).nullable().default(null),
  operator: z.enum(['<', '<=', '>', '>=']),
  threshold: z.number().min(0).max(1_000_000_000),
  /** Over which time back from now the figure is taken. */
  rangeSeconds: z.number().int().min(60).max(86_400).default(300),
  /** How long the figure must have been so before it fires, and not so before it resolves. */
  forSeconds: z.number().int().min(0).max(86_400).default(0),
  /** Fewer runs than these make no figure. */
  leastRuns: z.number().int().min(1).max(100_000).default(1),
});
export type MetricTrigger = z.infer<typeof metricTriggerSchema>;

export const DEADLINES = ['running-longer-than', 'not-started-by', 'no-success-within'] as const;
export const deadlineTriggerSchema = z.object({
  type: z.literal('deadline'),
  /**
   * `running-longer-than`: a run has been running so long; resolved when it ends. `not-started-by`: a run is so long past its due
   * instant; resolved when it starts or ends. `no-success-within`: no run of a deployment completed for so long; resolved by the next that does.
   */
  condition: z.enum(DEADLINES),
  seconds: z.number().int().min(10).max(2_678_400),
  about: aboutDeploymentsSchema,
});
export type DeadlineTrigger = z.infer<typeof deadlineTriggerSchema>;

export type CompoundTrigger = { type: 'compound'; require: 'any' | 'all' | number; withinSeconds: number | null; triggers: ChildTrigger[] };
export type SequenceTrigger = { type: 'sequence'; withinSeconds: number | null; triggers: ChildTrigger[] };
/** What may be part of a compound or a sequence: figures and deadlines stand alone. */
export type ChildTrigger = EventTrigger | CompoundTrigger | SequenceTrigger;
/** Fired by events or their absence. */
export type EventsTrigger = ChildTrigger;
/** Fired by what is so when we look. */
export type StateTrigger = MetricTrigger | DeadlineTrigger;
export type Trigger = EventsTrigger | StateTrigger;
export type EventsTriggerInput =
  | z.input<typeof eventTriggerSchema>
  | { type: 'compound'; require: 'any' | 'all' | number; withinSeconds?: number | null; triggers: EventsTriggerInput[] }
  | { type: 'sequence'; withinSeconds?: number | null; triggers: EventsTriggerInput[] };
export type TriggerInput = EventsTriggerInput | z.input<typeof metricTriggerSchema> | z.input<typeof deadlineTriggerSchema>;

const withinSchema = z.number().int().min(1).max(WITHIN_MAX).nullable().default(null);
const childSchema: z.ZodType<ChildTrigger, EventsTriggerInput> = z
  .lazy(() => z.discriminatedUnion('type', [eventTriggerSchema, compoundSchema, sequenceSchema]))
  .refine((trigger) => trigger.type !== 'event' || trigger.resolveOn === null, {
    path: ['resolveOn'],
    message: 'expected none in a part of a compound or a sequence',
  }) as unknown as z.ZodType<ChildTrigger, EventsTriggerInput>;
const childrenSchema = z.array(childSchema).min(1).max(TRIGGERS_MAX);
const compoundSchema = z
  .object({
    type: z.literal('compound'),
    /** How many of them: `any`, `all`, or a number. */
    require: z.union([z.enum(['any', 'all']), z.number().int().min(1).max(TRIGGERS_MAX)]),
    /** All of them must fire within so many seconds; null: whenever. */
    withinSeconds: withinSchema,
    triggers: childrenSchema,
  })
  .refine(({ require, triggers }) => typeof require !== 'number' || require <= triggers.length, {
    path: ['require'],
    message: 'expected at most as many as there are triggers',
  });
const sequenceSchema = z.object({ type: z.literal('sequence'), withinSeconds: withinSchema, triggers: childrenSchema });

export const triggerSchema: z.ZodType<Trigger, TriggerInput> = z
  .discriminatedUnion('type', [eventTriggerSchema, compoundSchema, sequenceSchema, metricTriggerSchema, deadlineTriggerSchema])
  .refine((trigger) => countOf(trigger) <= TRIGGERS_MAX, `expected at most ${TRIGGERS_MAX} triggers in all`);

/** Whether it is stepped by events; else it is looked at by a loop. */
export function isEventsTrigger(trigger: Trigger): trigger is EventsTrigger {
  return trigger.type === 'event' || trigger.type === 'compound' || trigger.type === 'sequence';
}

function countOf(trigger: Trigger): number {
  if (trigger.type !== 'compound' && trigger.type !== 'sequence') return 1;
  return 1 + trigger.triggers.reduce((sum, child) => sum + countOf(child), 0);
}
