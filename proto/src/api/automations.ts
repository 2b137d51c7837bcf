/** Automations: a trigger, what is done when it fires, and what is done when it resolves. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { automationActionSchema } from './automation-actions.ts';
import { eventSchema } from './events.ts';
import { nameSchema, pageInput } from './page.ts';
import { triggerSchema } from './triggers.ts';

/** Automations of a workspace; actions of one list. */
export const AUTOMATIONS_MAX = 2_000;
export const AUTOMATION_ACTIONS_MAX = 20;
/** Bytes of JSON of one. */
export const AUTOMATION_MAX_BYTES = 64 * 1024;

const actionsSchema = z.array(automationActionSchema).max(AUTOMATION_ACTIONS_MAX);

const definitionFields = {
  /** One of its name in a workspace. */
  name: nameSchema,
  description: z.string().max(2_000).default(''),
  enabled: z.boolean().default(true),
  trigger: triggerSchema,
  /** Each once a firing, on its own: one that fails holds up no other. */
  onTrigger: actionsSchema.default([]),
  /** When what it fired for is over: of triggers with `resolveOn`, of figures and of deadlines. */
  onResolve: actionsSchema.default([]),
};
const isSmall = (definition: object) => JSON.stringify(definition).length <= AUTOMATION_MAX_BYTES;
const SMALL = `expected at most ${AUTOMATION_MAX_BYTES / 1024} KB as JSON`;

/** What is written down of an automation, in code, in a file or by a form. */
export const automationDefinitionSchema = z.object(definitionFields).refine(isSmall, SMALL);
export type AutomationDefinition = z.output<typeof automationDefinitionSchema>;
export type AutomationDefinitionInput = z.input<typeof automationDefinitionSchema>;

/** A trigger that a deployment declares in code: an automation of its own, which by default runs the deployment. */
export const deployTriggerInput = z.object({
  /** Of the automation. Default: those of flow and deployment, and its number. */
  name: nameSchema.optional(),
  description: z.string().max(2_000).default(''),
  enabled: z.boolean().default(true),
  trigger: triggerSchema,
  /** Of the run; texts may be templates of the event. */
  parameters: z.record(z.string(), z.unknown()).default({}),
  delaySeconds: z.number().int().min(0).max(2_678_400).default(0),
  /** In place of running the deployment. */
  onTrigger: actionsSchema.optional(),
  onResolve: actionsSchema.default([]),
});
export type DeployTrigger = z.output<typeof deployTriggerInput>;
export type DeployTriggerInput = z.input<typeof deployTriggerInput>;

/** By id or name. */
const refSchema = z.string().min(1).max(200);

export const automationSchema = z.object({
  id: idSchema('automation'),
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  trigger: triggerSchema,
  onTrigger: z.array(automationActionSchema),
  onResolve: z.array(automationActionSchema),
  /** Whose it is: of a person or program, or of a deployment whose code declares it. */
  owner: z.object({
    kind: z.enum(['operator', 'deployment']),
    /** Of whom saved it last. */
    name: z.string(),
    deployment: z.object({ id: idSchema('deployment'), path: z.string() }).nullable(),
  }),
  /** What an operator laid over code: the fields, by whom and why. Null: nothing, or it is not of code. */
  overlay: z.object({ fields: z.array(z.string()), by: z.string(), reason: z.string().nullable(), at: instantSchema }).nullable(),
  /** Why it does not work as it should (switched off by the rate guard, too many keys); null: it does. */
  problem: z.string().nullable(),
  /** Null: never, as far as firings are kept. */
  lastFiredAt: instantSchema.nullable(),
  /** For how many keys it has fired and is not resolved. */
  openCount: z.number().int(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export type Automation = z.infer<typeof automationSchema>;

export const listAutomationsInput = z.object({
  ...pageInput,
  /** Part of the name, any case. */
  search: z.string().trim().max(200).optional(),
  enabled: z.boolean().optional(),
  /** Those that its code declares. By id or `flow/name`. */
  deployment: z.string().min(1).max(500).optional(),
});
export const automationRefInput = z.object({ automation: refSchema });
/** Fields that are left out stay. Of an automation of code, what is given is laid over it. */
export const updateAutomationInput = z
  .object({
    automation: refSchema,
    name: nameSchema.optional(),
    description: z.string().max(2_000).optional(),
    enabled: z.boolean().optional(),
    trigger: triggerSchema.optional(),
    onTrigger: actionsSchema.optional(),
    onResolve: actionsSchema.optional(),
    /** For the overlay of one of code. */
    reason: z.string().trim().min(1).max(500).optional(),
  })
  .refine(isSmall, SMALL);
export const upsertedAutomationSchema = z.object({
  outcome: z.enum(['created', 'updated', 'unchanged']),
  /** Fields that changed. */
  changes: z.array(z.string()),
  automation: automationSchema,
});

/** `waiting`: for its first try or the next. `failed`: given up after all tries. `skipped`: there was nothing to do it to, or the guard held it. */
export const ACTION_STATUSES = ['waiting', 'done', 'failed', 'skipped'] as const;
export const actionAttemptSchema = z.object({
  at: instantSchema,
  durationMs: z.number().int(),
  outcome: z.enum(['done', 'failed', 'skipped']),
  /** What came of it, or why it failed. */
  message: z.string(),
});
export const firedActionSchema = z.object({
  id: idSchema('automationAction'),
  /** Place in its list. */
  index: z.number().int(),
  type: z.string(),
  status: z.enum(ACTION_STATUSES),
  /** Each try, oldest first. */
  attempts: z.array(actionAttemptSchema),
  /** Of the next try. */
  nextAttemptAt: instantSchema.nullable(),
  /** What it made or changed: a run, a deployment ... */
  target: z.object({ kind: z.string(), id: z.string() }).nullable(),
});
export type FiredAction = z.infer<typeof firedActionSchema>;

export const automationFiringSchema = z.object({
  id: idSchema('automationFiring'),
  automation: z.object({ id: idSchema('automation'), name: z.string() }),
  kind: z.enum(['triggered', 'resolved']),
  /** By the events' clock. */
  at: instantSchema,
  /** When we saw it. */
  firedAt: instantSchema,
  /** Values of the `forEach` labels; the run, deployment or pool of a figure or deadline. */
  key: z.array(z.string()),
  /** What completed it, or opened the window in which too little came; null: nothing did. */
  event: eventSchema.nullable(),
  /** Of a compound or a sequence: each part that fired (its place in `triggers`), when and what for, by time. A payload over 8,000 characters is left out. */
  parts: z.array(z.object({ part: z.number().int(), at: instantSchema, event: eventSchema.nullable() })),
  /** In words: "run.Failed of brave-otter", "no beat for 60 s". */
  why: z.string(),
  actions: z.array(firedActionSchema),
});
export type AutomationFiring = z.infer<typeof automationFiringSchema>;

export const listFiringsInput = z.object({
  ...pageInput,
  /** Absent: of all. By id or name. */
  automation: refSchema.optional(),
  kind: z.enum(['triggered', 'resolved']).optional(),
  /** Those that this event completed, by its id. */
  event: z.uuid().optional(),
  /** Firings with an action that failed. */
  failed: z.boolean().optional(),
});
export const firingRefInput = z.object({ firing: idSchema('automationFiring') });
/** A failed action is tried again, under the same delivery id. */
export const retryActionInput = z.object({ action: idSchema('automationAction') });

/** "Would have fired": of the trigger that is given, else of the one that is saved. */
export const testAutomationInput = z
  .object({ automation: refSchema.optional(), trigger: triggerSchema.optional(), days: z.number().int().min(1).max(30).default(7) })
  .refine(({ automation, trigger }) => automation !== undefined || trigger !== undefined, {
    path: ['trigger'],
    message: 'expected a trigger, or the automation that has one',
  });

/** What actions would say and do for a past event, without doing it. */
export const previewActionsInput = z
  .object({
    actions: actionsSchema.min(1),
    /** Id of an event of the feed. Absent: the newest that fits `trigger`, else the newest of all. */
    event: z.uuid().optional(),
    trigger: triggerSchema.optional(),
  })
  .refine(isSmall, SMALL);
export const previewedActionsSchema = z.object({
  event: eventSchema.nullable(),
  actions: z.array(
    z.object({
      type: z.string(),
      /** The action with its templates filled in; null: a template is wrong. */
      rendered: z.record(z.string(), z.unknown()).nullable(),
      /** Field and what is wrong with it. */
      problems: z.array(z.object({ field: z.string(), message: z.string() })),
    }),
  ),
});
