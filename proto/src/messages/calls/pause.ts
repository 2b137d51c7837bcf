/** A flow waits for a person: it asks once, and then for the answer. */
import { z } from 'zod';
import { envelopeSchema } from '../../envelope.ts';
import { durationMsSchema, instantSchema } from '../../time.ts';

export const PAUSE_KINDS = ['pause', 'suspend'] as const;
export type PauseKind = (typeof PAUSE_KINDS)[number];
export const pauseKeySchema = z.string().min(1).max(200);
export const PAUSE_MESSAGE_MAX = 2_000;

/**
 * `pause`: the run is Paused from here on and its process waits. `suspend`: its process is to leave; once it has, the
 * run is Suspended. Asked again under the same key it changes nothing; a key that was answered gives its answer.
 */
export const pauseCallSchema = z.object({
  name: z.literal('pause'),
  requestId: z.uuid(),
  how: z.enum(PAUSE_KINDS),
  key: pauseKeySchema,
  message: z.string().max(PAUSE_MESSAGE_MAX).nullable(),
  /** Longest wait for the answer; null: an hour for a pause, the workspace's retention for a suspension. */
  timeoutMs: durationMsSchema.nullable(),
  /** JSON Schema of the input; null: none is taken. */
  inputSchema: z.record(z.string(), z.unknown()).nullable(),
});
export type PauseCall = z.infer<typeof pauseCallSchema>;

/** Who may answer, at least one of both. People by their address, teams of the organization by their slug. */
export const approversSchema = z
  .object({ people: z.array(z.string().min(3).max(320)).max(50), teams: z.array(z.string().min(1).max(100)).max(50) })
  .refine(({ people, teams }) => people.length + teams.length > 0, 'expected at least one person or team');
export type Approvers = z.infer<typeof approversSchema>;

/** Least time between two reminders of one question. */
export const REMIND_MIN_MS = 60_000;

/** A pause that these alone may answer. By a name of its own: an older control plane refuses it rather than lets anybody answer. */
export const approveCallSchema = pauseCallSchema.extend({
  name: z.literal('approve'),
  approvers: approversSchema.nullable(),
  /** An event `approval.reminded` each time; null: none. */
  remindEveryMs: durationMsSchema.min(REMIND_MIN_MS).nullable(),
  /** When nobody answers in time: the run fails, or its flow goes on and is told. */
  onExpire: z.enum(['fail', 'return']).default('fail'),
});
export type ApproveCall = z.infer<typeof approveCallSchema>;
export type OnExpire = ApproveCall['onExpire'];

/** The answer to a pause that was asked. */
export const pauseAnswerCallSchema = z.object({ name: z.literal('pauseAnswer'), key: pauseKeySchema });

export const pauseReplySchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('answered'),
    input: envelopeSchema,
    /** Who answered, as histories name them. */
    by: z.string().optional(),
  }),
  z.object({ status: z.literal('waiting'), expiresAt: instantSchema }),
  /** Nobody answered in time, and it was asked with `onExpire: 'return'`. */
  z.object({ status: z.literal('expired') }),
]);
export type PauseReply = z.infer<typeof pauseReplySchema>;
