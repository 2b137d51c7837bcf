/**
 * What an agent tells, in two channels: `state` (small, ordered, first) and `bulk` (logs, artifacts).
 * One batch in flight a channel; positions count from 1 in the agent's spool without gaps, per channel.
 * The reply comes after the Postgres commit.
 */
import { z } from 'zod';
import { envelopeSchema } from '../envelope.ts';
import { errorCodeSchema } from '../errors.ts';
import { idSchema } from '../ids.ts';
import { runFailureSchema } from '../run-failure.ts';
import { taskRunStateTypeSchema } from '../run-state.ts';
import { instantSchema } from '../time.ts';
import { claimSchema } from './claim.ts';
import { epochSchema, sessionSchema } from './wire.ts';

/** What every entry says of itself. `at` is the agent's clock corrected by the offset it measured. */
const entryBase = z.object({
  /** Position in the spool of this channel. */
  n: z.number().int().min(1),
  run: idSchema('run'),
  epoch: epochSchema,
  at: instantSchema,
});

/** A name that the run's code gives it. */
export const runNameSchema = z.string().min(1).max(200);

/** User code was called. */
export const runStartedSchema = entryBase.extend({
  type: z.literal('run.started'),
  pid: z.number().int().optional(),
  /** Replaces the name of the run. */
  runName: runNameSchema.optional(),
});

/** User code ended, or its process did: with the process's exit as the second witness. */
export const runEndedSchema = entryBase.extend({
  type: z.literal('run.ended'),
  state: z.enum(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']),
  /** State name; defaults to the title of the type. `TimedOut` belongs to FAILED. */
  name: z.string().max(100).optional(),
  message: z.string().max(10_000).optional(),
  failure: runFailureSchema.optional(),
  /** Small results only; larger ones stay with the customer. */
  result: envelopeSchema.optional(),
});

/** The run could not be started on this agent; it goes back to be claimed elsewhere. */
export const startFailedSchema = entryBase.extend({ type: z.literal('run.start-failed'), failure: runFailureSchema });

/** Given back unstarted (drain, a grant journalled without a start). Counts as no failure. */
export const givenBackSchema = entryBase.extend({ type: z.literal('run.given-back'), reason: z.string().max(1_000) });

/** It was to be suspended, and its process has left. */
export const runSuspendedSchema = entryBase.extend({ type: z.literal('run.suspended'), message: z.string().max(10_000).optional() });

/** One transition of a task run. The last one by `seq` wins. */
export const taskStateSchema = entryBase.extend({
  type: z.literal('task.state'),
  /** Number of this task run inside (run, epoch), from 1 in order of creation. */
  ordinal: z.number().int().min(1),
  /** Number of this transition inside the task run, from 1. */
  seq: z.number().int().min(1),
  /** `task`, or `flow` for a flow called inside a flow. */
  kind: z.enum(['task', 'flow']),
  taskKey: z.string().max(500),
  name: z.string().max(500),
  parentOrdinal: z.number().int().min(1).nullable(),
  /** Ordinals of task runs whose results this one took. */
  upstream: z.array(z.number().int().min(1)).max(1_000),
  state: taskRunStateTypeSchema,
  stateName: z.string().max(100),
  attempt: z.number().int().min(1),
  message: z.string().max(10_000).optional(),
  failure: runFailureSchema.optional(),
  startedAt: instantSchema.nullable(),
  endedAt: instantSchema.nullable(),
});
export type TaskState = z.infer<typeof taskStateSchema>;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of a log. Longer texts are cut into lines marked `continues`; nothing is dropped. */
export const logLineSchema = z.object({
  at: instantSchema,
  level: z.enum(LOG_LEVELS),
  /** Where it was said: the flow's logger, or the process's own output. */
  stream: z.enum(['logger', 'stdout', 'stderr', 'system']),
  taskOrdinal: z.number().int().min(1).nullable(),
  message: z.string().max(16_384),
  continues: z.boolean().optional(),
  attributes: z.record(z.string(), z.unknown()).optional(),
});
export type LogLine = z.infer<typeof logLineSchema>;

/** Lines of one run, in order. */
export const logsSchema = entryBase.extend({ type: z.literal('logs'), lines: z.array(logLineSchema).min(1).max(1_000) });

export const ARTIFACT_KINDS = ['markdown', 'table', 'progress', 'link', 'image', 'asset'] as const;

/** An artifact, or a newer version of the one with the same key. */
export const artifactSchema = entryBase.extend({
  type: z.literal('artifact'),
  ordinal: z.number().int().min(1),
  taskOrdinal: z.number().int().min(1).nullable(),
  kind: z.enum(ARTIFACT_KINDS),
  key: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .max(200)
    .nullable(),
  description: z.string().max(10_000).nullable(),
  data: envelopeSchema,
});
export type ArtifactEntry = z.infer<typeof artifactSchema>;

export const stateEntrySchema = z.discriminatedUnion('type', [
  runStartedSchema,
  runEndedSchema,
  startFailedSchema,
  givenBackSchema,
  runSuspendedSchema,
  taskStateSchema,
]);
export type StateEntry = z.infer<typeof stateEntrySchema>;
export const bulkEntrySchema = z.discriminatedUnion('type', [logsSchema, artifactSchema]);
export type BulkEntry = z.infer<typeof bulkEntrySchema>;
export type ReportEntry = StateEntry | BulkEntry;

/**
 * Entries are checked one by one, so that one poison entry stops no other: a batch is `unknown[]` on arrival and
 * each element is parsed with the channel's schema.
 */
export const reportSchema = z.object({
  v: z.literal(1),
  session: sessionSchema,
  spoolId: z.uuid(),
  /**
   * First position the spool still keeps. Everything before it was acknowledged once; a database restored to a point
   * before that takes a batch that begins here, though positions are missing in between: nobody has them any more.
   */
  oldest: z.number().int().min(1).optional(),
  /** A claim that is carried out when these reports let a run of the pool go on: it is given with the answer. */
  claim: claimSchema.pick({ claimId: true, free: true, warm: true }).optional(),
  entries: z.array(z.unknown()).min(1).max(2_000),
});
export type Report = z.infer<typeof reportSchema>;

export const verdictSchema = z.object({
  n: z.number().int(),
  verdict: z.enum(['applied', 'duplicate', 'refused']),
  code: errorCodeSchema.optional(),
  message: z.string().optional(),
});
export type Verdict = z.infer<typeof verdictSchema>;

export const reportReplySchema = z.object({
  /** Only entries that were not plainly applied, ascending by `n`. */
  exceptions: z.array(verdictSchema),
  /** Every position up to this one is dealt with, for good. */
  watermark: z.number().int(),
  timeline: z.number().int(),
  /** These reports freed what a run of the agent's pool waited for: a claim finds it. Saves the way of an offer. */
  woken: z.literal(true).optional(),
  /** What the claim beside the reports was given (a `ClaimReply`). */
  claim: z.unknown().optional(),
});
export type ReportReply = z.infer<typeof reportReplySchema>;
