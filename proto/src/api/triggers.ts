/** What makes an automation act: an event, many of them, their absence, or several triggers together. */
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

export type CompoundTrigger = { type: 'compound'; require: 'any' | 'all' | number; withinSeconds: number | null; triggers: Trigger[] };
export type SequenceTrigger = { type: 'sequence'; withinSeconds: number | null; triggers: Trigger[] };
export type Trigger = EventTrigger | CompoundTrigger | SequenceTrigger;
export type TriggerInput =
  | z.input<typeof eventTriggerSchema>
  | { type: 'compound'; require: 'any' | 'all' | number; withinSeconds?: number | null; triggers: TriggerInput[] }
  | { type: 'sequence'; withinSeconds?: number | null; triggers: TriggerInput[] };

const withinSchema = z.number().int().min(1).max(WITHIN_MAX).nullable().default(null);
const anyTriggerSchema: z.ZodType<Trigger, TriggerInput> = z.lazy(() =>
  z.union([
    eventTriggerSchema,
    z
      .object({
        type: z.literal('compound'),
        /** How many of them: `any`, `all`, or a number. */
        require: z.union([z.enum(['any', 'all']), z.number().int().min(1).max(TRIGGERS_MAX)]),
        /** All of them must fire within so many seconds; null: whenever. */
        withinSeconds: withinSchema,
        triggers: z.array(anyTriggerSchema).min(1).max(TRIGGERS_MAX),
      })
      .refine(({ require, triggers }) => typeof require !== 'number' || require <= triggers.length, {
        path: ['require'],
        message: 'expected at most as many as there are triggers',
      }),
    z.object({ type: z.literal('sequence'), withinSeconds: withinSchema, triggers: z.array(anyTriggerSchema).min(1).max(TRIGGERS_MAX) }),
  ]),
) as z.ZodType<Trigger, TriggerInput>;

export const triggerSchema = anyTriggerSchema.refine(
  (trigger) => countOf(trigger) <= TRIGGERS_MAX,
  `expected at most ${TRIGGERS_MAX} triggers in all`,
);

function countOf(trigger: Trigger): number {
  return trigger.type === 'event' ? 1 : 1 + trigger.triggers.reduce((sum, child) => sum + countOf(child), 0);
}
