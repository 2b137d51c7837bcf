/**
 * What an automation does. Texts may be templates (Liquid: `{{ event.resource.id }}`); a text that is one expression alone keeps
 * the type of its value. A target that is left out is the one that the event is about.
 */
import { z } from 'zod';
import { eventNameSchema } from './events.ts';
import { tagSchema } from './page.ts';
import { severitySchema } from './severity.ts';

/** A text with templates in it. */
const templateSchema = z.string().max(10_000);
/** A thing by its id or name, or a template of one. Absent: inferred from the event. */
const targetSchema = z.string().min(1).max(500).optional();

/**
 * What reads show in place of the value of a header, which is sealed where it is stored. Saved, it stands for the value that is stored
 * for that header at the same address.
 */
export const SEALED_VALUE = '(sealed)';
/** A value, or as it is stored: sealed, which is longer. */
const headerSchema = z.string().max(20_000);

const ofDeployment = { deployment: targetSchema };
const ofRun = { run: targetSchema };

/** Each kind by its `type`. A new one is a line here and a file in `control-plane/src/features/automations/actions`. */
export const ACTIONS = [
  z.object({
    type: z.literal('run-deployment'),
    ...ofDeployment,
    /** Over those of the deployment; texts in it, at any depth, may be templates. */
    parameters: z.record(z.string(), z.unknown()).default({}),
    name: templateSchema.optional(),
    tags: z.array(tagSchema).max(20).default([]),
    /** How long after the firing it is due. */
    delaySeconds: z.number().int().min(0).max(2_678_400).default(0),
  }),
  z.object({ type: z.literal('pause-deployment'), ...ofDeployment, reason: templateSchema.optional() }),
  z.object({ type: z.literal('resume-deployment'), ...ofDeployment }),
  z.object({ type: z.literal('cancel-run'), ...ofRun }),
  z.object({ type: z.literal('suspend-run'), ...ofRun, reason: templateSchema.optional() }),
  z.object({ type: z.literal('resume-run'), ...ofRun }),
  z.object({ type: z.literal('retry-run'), ...ofRun, mode: z.enum(['from-failed', 'from-start']).default('from-failed') }),
  z.object({
    type: z.literal('set-run-state'),
    ...ofRun,
    state: z.enum(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']),
    name: z.string().trim().min(1).max(100).optional(),
    reason: templateSchema.default('set by an automation'),
  }),
  z.object({ type: z.literal('delete-run'), ...ofRun }),
  z.object({ type: z.literal('pause-schedule'), schedule: targetSchema }),
  z.object({ type: z.literal('resume-schedule'), schedule: targetSchema }),
  z.object({ type: z.literal('pause-work-pool'), pool: targetSchema }),
  z.object({ type: z.literal('resume-work-pool'), pool: targetSchema }),
  z.object({ type: z.literal('pause-work-queue'), pool: targetSchema, queue: targetSchema }),
  z.object({ type: z.literal('resume-work-queue'), pool: targetSchema, queue: targetSchema }),
  z.object({ type: z.literal('pause-automation'), automation: targetSchema }),
  // Named always: who saves it must have the rights of the one it switches on.
  z.object({ type: z.literal('resume-automation'), automation: z.string().min(1).max(500) }),
  z.object({
    type: z.literal('emit-event'),
    name: eventNameSchema,
    /** Labels of the thing; absent: that of the event. */
    resource: z.record(z.string().min(1).max(200), templateSchema).optional(),
    payload: z.record(z.string(), z.unknown()).default({}),
  }),
  z.object({
    type: z.literal('send-notification'),
    /** Name or id of the channel. */
    channel: z.string().min(1).max(200),
    /** Default: the name of the automation. */
    subject: templateSchema.default(''),
    body: templateSchema.default(''),
    severity: severitySchema.default('moderate'),
    /** Names the problem: while it is open it is told once, and its end once. Absent: it is told each time. */
    fingerprint: templateSchema.optional(),
    /** Says that the problem is over. Default: when the trigger resolves. */
    resolved: z.boolean().optional(),
  }),
  z.object({
    type: z.literal('declare-incident'),
    /** Default: the name of the automation. */
    title: templateSchema.default(''),
    summary: templateSchema.default(''),
    severity: severitySchema.default('moderate'),
    /** Names the problem: one incident at a time. Default: this automation and its group. */
    key: templateSchema.optional(),
  }),
  z.object({ type: z.literal('resolve-incident'), key: templateSchema.optional(), text: templateSchema.default('') }),
  z.object({
    type: z.literal('call-webhook'),
    url: z.string().min(8).max(2_000),
    method: z.enum(['POST', 'PUT', 'PATCH', 'DELETE', 'GET']).default('POST'),
    /** Never shown again: reads show `SEALED_VALUE`. Values may be templates; at most 4,096 bytes each. */
    headers: z.record(z.string().min(1).max(100), headerSchema).default({}),
    /** Sent as JSON, a text as it stands. Absent: what `format` says. */
    body: z.unknown().optional(),
    /** `signalbox`: the firing with its event. `cloudevents`: the event, else the firing, as a CloudEvent. Default: `signalbox`. */
    format: z.enum(['signalbox', 'cloudevents']).optional(),
  }),
] as const;

export const automationActionSchema = z.discriminatedUnion('type', ACTIONS);
export type AutomationAction = z.infer<typeof automationActionSchema>;
export type AutomationActionInput = z.input<typeof automationActionSchema>;
export type AutomationActionType = AutomationAction['type'];
