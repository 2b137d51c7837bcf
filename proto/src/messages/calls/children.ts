/** Runs that a running flow starts through other deployments, and its slots while it waits for them. */
import { z } from 'zod';
import { envelopeSchema } from '../../envelope.ts';
import { idSchema } from '../../ids.ts';
import { runFailureSchema } from '../../run-failure.ts';
import { runStateSchema } from '../../run-state.ts';
import { instantSchema } from '../../time.ts';

/** Most runs that a flow waits for at once. */
export const AWAITED_MAX = 1_000;
/**
 * What becomes of a child when its parent ends without having completed: `cancel` it too, or `leave` it. A parent that
 * completed leaves its children.
 */
export const ON_PARENT_END = ['cancel', 'leave'] as const;
export type OnParentEnd = (typeof ON_PARENT_END)[number];

const idempotencyKeySchema = z.string().min(1).max(200);

/**
 * The run of this step: made now, or the one that the step made before. An earlier epoch's run that failed, or was to do
 * something else, is replaced by a new one. A repeat finds the run it made.
 */
export const createChildOpSchema = z.object({
  name: z.literal('children.create'),
  /** Key of the task run that asks: the same in every attempt of the parent. */
  step: z.string().min(1).max(500),
  ordinal: z.number().int().min(1),
  /** `flow/deployment` or an id. */
  deployment: z.string().min(1).max(500),
  parameters: z.record(z.string(), z.unknown()),
  runName: z.string().min(1).max(200).optional(),
  tags: z.array(z.string().min(1).max(100)).max(50),
  dueAt: instantSchema.optional(),
  /** Queue of the deployment's pool; absent: the deployment's own. */
  queue: z.string().min(1).max(200).optional(),
  /** Instead of the step's own: one run a key, whoever asks. */
  idempotencyKey: idempotencyKeySchema.optional(),
  onParentEnd: z.enum(ON_PARENT_END),
  /** The run that this step made before and that did not complete: another is wanted, though the attempt is the same. */
  replaces: idSchema('run').optional(),
  /** W3C trace context of the step. */
  traceparent: z.string().max(100).optional(),
});
export type CreateChildOp = z.infer<typeof createChildOpSchema>;
export const createChildReplySchema = z.object({ run: idSchema('run'), runName: z.string(), isNew: z.boolean() });
export type CreateChildReply = z.infer<typeof createChildReplySchema>;

/** Which of these runs have ended, and how. `key`: of a run that somebody else made with it. */
export const readChildrenOpSchema = z.object({
  name: z.literal('children.read'),
  runs: z
    .array(z.object({ run: idSchema('run'), key: idempotencyKeySchema.optional() }))
    .min(1)
    .max(AWAITED_MAX),
});
export const endedChildSchema = z.object({
  run: idSchema('run'),
  runName: z.string(),
  state: runStateSchema,
  result: envelopeSchema.nullable(),
  failure: runFailureSchema.nullable(),
});
export type EndedChild = z.infer<typeof endedChildSchema>;
/** As many of those that ended as fit a message; ask again for the rest. Deleted ones are among `gone`. */
export const readChildrenReplySchema = z.object({ ended: z.array(endedChildSchema), gone: z.array(idSchema('run')) });
export type ReadChildrenReply = z.infer<typeof readChildrenReplySchema>;

/** The flow does nothing but wait for these: its slots are free for others until `children.resume`. */
export const awaitChildrenOpSchema = z.object({
  name: z.literal('children.await'),
  runs: z.array(idSchema('run')).min(1).max(AWAITED_MAX),
});
/** False: one of them has ended already, so read them again. */
export const awaitChildrenReplySchema = z.object({ waiting: z.boolean() });
export type AwaitChildrenReply = z.infer<typeof awaitChildrenReplySchema>;

/** Takes the slots again, ahead of new claims. Asked again until there was room. */
export const resumeOpSchema = z.object({ name: z.literal('children.resume') });
export const resumeReplySchema = z.object({ resumed: z.boolean() });
export type ResumeReply = z.infer<typeof resumeReplySchema>;
