import { z } from 'zod';
import { envelopeSchema } from '../envelope.ts';
import { idSchema } from '../ids.ts';
import { approversSchema, PAUSE_KINDS, PAUSE_MESSAGE_MAX, pauseKeySchema } from '../messages/calls/pause.ts';
import { ARTIFACT_KINDS, LOG_LEVELS, logLineSchema } from '../messages/report.ts';
import { runFailureSchema } from '../run-failure.ts';
import { RUN_SORTS, runFilterSchema } from '../run-filter/index.ts';
import { RUN_KINDS, retryModeSchema, runStateSchema, runStateTypeSchema, TERMINAL_STATES, taskRunStateTypeSchema } from '../run-state.ts';
import { durationMsSchema, instantSchema } from '../time.ts';
import { DEPLOYMENT_FIELDS } from './deployment-fields.ts';
import { nameSchema, pageInput, pageSchema, tagSchema } from './page.ts';

export const createRunInput = z.object({
  /** `flow/deployment` or an id. */
  deployment: z.string().min(1).max(500),
  /** Merged over the deployment's defaults, then checked against its schema. */
  parameters: z.record(z.string(), z.unknown()).default({}),
  /** The run's own layer over those of pool and deployment; checked against the pool's template. */
  variables: DEPLOYMENT_FIELDS.variables.schema.optional(),
  name: nameSchema.optional(),
  tags: z.array(tagSchema).max(50).default([]),
  /** When; default: now. */
  dueAt: instantSchema.optional(),
  /** Name of a queue of the deployment's pool; default: the deployment's own. */
  queue: z.string().min(1).max(200).optional(),
  /** Same key and same body within the deployment: the run made before is answered. Other body: CONFLICT. */
  idempotencyKey: z.string().min(1).max(200).optional(),
});
export type CreateRunInput = z.input<typeof createRunInput>;

/** Most runs of one `runs.createMany`. */
export const CREATE_RUNS_MAX = 1_000;

/** Many runs of one deployment, all or none. For keys of their own, make them one by one. */
export const createRunsInput = createRunInput.pick({ deployment: true, queue: true }).extend({
  runs: z
    .array(createRunInput.pick({ parameters: true, variables: true, name: true, tags: true, dueAt: true }))
    .min(1)
    .max(CREATE_RUNS_MAX),
});
/** Ids in the order of `runs`. */
export const createdRunsSchema = z.object({ runs: z.array(idSchema('run')) });

export const runSummarySchema = z.object({
  id: idSchema('run'),
  name: z.string(),
  /** What it executes: a flow, or one task in the background (`task.delay()`). */
  kind: z.enum(RUN_KINDS),
  flow: z.object({ id: idSchema('flow'), name: z.string() }),
  deployment: z.object({ id: idSchema('deployment'), name: z.string() }),
  state: runStateSchema,
  /** Computed: due over 15 s ago and still SCHEDULED. */
  late: z.boolean(),
  tags: z.array(z.string()),
  /** How it came to be: `api`, `schedule`, `console`, `cli`, `sdk`. */
  createdBy: z.string(),
  attempt: z.number().int(),
  createdAt: instantSchema,
  dueAt: instantSchema,
  startedAt: instantSchema.nullable(),
  endedAt: instantSchema.nullable(),
  /** Milliseconds from first start to end. */
  durationMs: z.number().int().nullable(),
});
export type RunSummary = z.infer<typeof runSummarySchema>;

/** Why an attempt came to be. */
export const attemptCauseSchema = z.object({
  /**
   * `first`; `retry`: the flow's own; `requeue`: its agent was lost, gave it back or could not start it; `resume`: after a
   * suspension; `by-hand`: a person's retry.
   */
  kind: z.enum(['first', 'retry', 'requeue', 'resume', 'by-hand']),
  at: instantSchema,
  message: z.string().nullable(),
  /** Who asked, and what is used again; null unless it was a person. */
  by: z.string().nullable(),
  mode: retryModeSchema.nullable(),
});
export type AttemptCause = z.infer<typeof attemptCauseSchema>;

export const attemptSchema = z.object({
  epoch: z.number().int(),
  attempt: z.number().int(),
  agent: z.object({ id: idSchema('agent'), name: z.string() }).nullable(),
  claimedAt: instantSchema,
  grantedAt: instantSchema.nullable(),
  startedAt: instantSchema.nullable(),
  endedAt: instantSchema.nullable(),
  state: z.string().nullable(),
  message: z.string().nullable(),
  cause: attemptCauseSchema,
});

/** The question of a run that waits for a person. */
export const runPauseSchema = z.object({
  key: z.string(),
  /** `pause`: its process waits. `suspend`: it has none meanwhile. */
  how: z.enum(PAUSE_KINDS),
  message: z.string().nullable(),
  /** JSON Schema of the input; null: none is taken. */
  inputSchema: z.record(z.string(), z.unknown()).nullable(),
  /** Null: the flow itself. */
  askedBy: z.string().nullable(),
  askedAt: instantSchema,
  /** When it fails unless it is resumed; null until it is in effect. */
  expiresAt: instantSchema.nullable(),
  /** False: asked for, and its process has not stopped yet. */
  inEffect: z.boolean(),
  /** Who alone may answer; null: whoever may operate runs. */
  approvers: approversSchema.nullable(),
});
export type RunPause = z.infer<typeof runPauseSchema>;

export const listQuestionsInput = z.object({ limit: z.number().int().min(1).max(200).default(50), cursor: z.string().max(100).optional() });
/** What a run asks people now. */
export const questionSchema = runPauseSchema.omit({ inEffect: true, expiresAt: true }).extend({
  run: z.object({ id: idSchema('run'), name: z.string(), flow: z.string(), deployment: z.string() }),
  /** When its run ends unless somebody answers. */
  expiresAt: instantSchema,
  /** Whether the one who asks the API may. */
  mayAnswer: z.boolean(),
});
export type Question = z.infer<typeof questionSchema>;

/** A run that started another one. */
export const parentRunSchema = runSummarySchema.pick({ id: true, name: true, flow: true, deployment: true, state: true }).extend({
  /** Key of the task run that started it: the same in every attempt of the parent. */
  step: z.string(),
});
export type ParentRun = z.infer<typeof parentRunSchema>;

/** A run that another one started. */
export const childRunSchema = runSummarySchema.extend({
  step: z.string(),
  /** Attempt of the parent that started it, by its epoch, and the task run there. */
  parentEpoch: z.number().int(),
  parentOrdinal: z.number().int(),
});
export type ChildRunSummary = z.infer<typeof childRunSchema>;

export const runDetailSchema = runSummarySchema.extend({
  parameters: envelopeSchema,
  /** The run's own variables; null: none. */
  variables: z.record(z.string(), z.unknown()).nullable(),
  result: envelopeSchema.nullable(),
  failure: runFailureSchema.nullable(),
  digest: z.string(),
  pool: z.object({ id: idSchema('workPool'), name: z.string() }).nullable(),
  queue: z.string().nullable(),
  agent: z.object({ id: idSchema('agent'), name: z.string() }).nullable(),
  /** All states so far, oldest first. */
  states: z.array(runStateSchema),
  attempts: z.array(attemptSchema),
  /** Why it is not running, one sentence a blocker; empty when it runs or has ended. */
  waitingFor: z.array(z.string()),
  /** What it asks a person, while it waits for one. */
  pause: runPauseSchema.nullable(),
  /** Null: nobody's child, or the parent was deleted. */
  parent: parentRunSchema.nullable(),
  /** The first 50, oldest first; `runs.children` goes on after `childrenCursor`. */
  children: z.array(childRunSchema),
  childrenCursor: z.string().nullable(),
});
export type RunDetail = z.infer<typeof runDetailSchema>;

export const listRunsInput = z.object({
  ...pageInput,
  /** Which runs. The fields below narrow it further. */
  filter: runFilterSchema.optional(),
  /** `newest` and `oldest` (by creation) read an index; `due`, `longest` and `name` read all that fits, for 5 s at most. */
  sort: z.enum(RUN_SORTS).default('newest'),
  states: z.array(runStateTypeSchema).max(9).optional(),
  flow: z.string().max(200).optional(),
  deployment: z.string().max(500).optional(),
  tags: z.array(tagSchema).max(20).optional(),
  /** Part of the run's name, or its id. */
  search: z.string().max(200).optional(),
  createdAfter: instantSchema.optional(),
  createdBefore: instantSchema.optional(),
});
export type ListRunsInput = z.input<typeof listRunsInput>;
/**
 * A page may be short, or empty, and still have a `nextCursor`: history was searched for 5 s and not to its end.
 * `lookedBackTo` then says how far; the cursor goes on from there.
 */
export const runPageSchema = pageSchema(runSummarySchema).extend({ lookedBackTo: instantSchema.optional() });

/** Most runs that `runs.count` counts. */
export const COUNT_MAX = 10_000;
export const countRunsInput = z.object({ filter: runFilterSchema.default({}) });
/** `isMore`: at least `count`; there are more than are counted, or counting took too long. */
export const runCountSchema = z.object({ count: z.number().int(), isMore: z.boolean() });

/** Most buckets of a history. */
export const HISTORY_BUCKETS_MAX = 200;
/** Runs created from `from` on and before `to` (at most 400 days), in `buckets` equal parts. */
export const runHistoryInput = z.object({
  filter: runFilterSchema.default({}),
  from: instantSchema,
  to: instantSchema,
  buckets: z.number().int().min(1).max(HISTORY_BUCKETS_MAX).default(60),
});
export const historyBucketSchema = z.object({
  from: instantSchema,
  /** Runs created in it, by the state they are in now; states without any are left out. */
  states: z.partialRecord(runStateTypeSchema, z.number().int()),
  /** Of those that started and ended: milliseconds from first start to end. Null: none did. */
  durationMs: z.object({ average: z.number(), p50: z.number(), p95: z.number() }).nullable(),
});
export type HistoryBucket = z.infer<typeof historyBucketSchema>;
/** All buckets, also empty ones, oldest first. */
export const runHistorySchema = z.object({ bucketMs: z.number().int(), buckets: z.array(historyBucketSchema) });
export type RunHistory = z.infer<typeof runHistorySchema>;

export const runRefInput = z.object({ run: idSchema('run') });

/**
 * Names one move of a run: asked for again under the same id, it is answered as it was, and nothing is done twice.
 * Remembered for as long as the run's history.
 */
const transitionId = z.uuid().optional();

/** A person pauses or suspends a run whose process runs. */
export const holdRunInput = z.object({
  run: idSchema('run'),
  /** Default: an hour for a pause, the workspace's retention for a suspension. */
  timeoutMs: durationMsSchema.min(1_000).optional(),
  /** Why, for whoever finds it waiting. */
  message: z.string().min(1).max(PAUSE_MESSAGE_MAX).optional(),
  transitionId,
});
export type HoldRunInput = z.input<typeof holdRunInput>;

export const resumeRunInput = z.object({
  run: idSchema('run'),
  /** Checked against the schema of the question before anything is written. */
  input: z.record(z.string(), z.unknown()).default({}),
  /** The question that is answered; default: the one that is open. Another one being open by then is a CONFLICT. */
  key: pauseKeySchema.optional(),
  transitionId,
});
export type ResumeRunInput = z.input<typeof resumeRunInput>;

/** A person says how a run ended. Refused while an agent holds it. */
export const setRunStateInput = z.object({
  run: idSchema('run'),
  type: z.enum(TERMINAL_STATES),
  /** Default: the title of the type. */
  name: z.string().min(1).max(100).optional(),
  /** Why; kept in the run's history and in the audit. */
  reason: z.string().min(1).max(2_000),
  transitionId,
});
export type SetRunStateInput = z.input<typeof setRunStateInput>;

export const moveRunInput = runRefInput.extend({ transitionId });

/** Runs that this one started, oldest first. */
export const listChildrenInput = runRefInput.extend(pageInput);
/** Another attempt of an ended run. */
export const retryRunInput = moveRunInput.extend({ mode: retryModeSchema.default('from-failed') });

export const taskRunSchema = z.object({
  epoch: z.number().int(),
  ordinal: z.number().int(),
  kind: z.enum(['task', 'flow']),
  name: z.string(),
  taskKey: z.string(),
  parentOrdinal: z.number().int().nullable(),
  upstream: z.array(z.number().int()),
  state: z.object({ type: taskRunStateTypeSchema, name: z.string(), message: z.string().nullable() }),
  failure: runFailureSchema.nullable(),
  attempt: z.number().int(),
  startedAt: instantSchema.nullable(),
  endedAt: instantSchema.nullable(),
});
export type TaskRun = z.infer<typeof taskRunSchema>;
/** Task runs of one attempt (default: the newest), ascending by ordinal. */
export const listTaskRunsInput = z.object({
  run: idSchema('run'),
  epoch: z.number().int().optional(),
  cursor: z.string().max(200).optional(),
  limit: z.number().int().min(1).max(1_000).default(500),
});

export const storedLogLineSchema = logLineSchema.extend({ epoch: z.number().int(), position: z.string() });
export type StoredLogLine = z.infer<typeof storedLogLineSchema>;
/** Ascending by position; `after` is the last position seen. */
export const listLogsInput = z.object({
  run: idSchema('run'),
  after: z.string().max(200).optional(),
  minLevel: z.enum(LOG_LEVELS).optional(),
  limit: z.number().int().min(1).max(5_000).default(1_000),
});
export const logPageSchema = z.object({ lines: z.array(storedLogLineSchema), next: z.string().nullable() });

export const storedArtifactSchema = z.object({
  id: idSchema('artifact'),
  epoch: z.number().int(),
  kind: z.enum(ARTIFACT_KINDS),
  key: z.string().nullable(),
  description: z.string().nullable(),
  data: envelopeSchema,
  taskOrdinal: z.number().int().nullable(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
});
export type StoredArtifact = z.infer<typeof storedArtifactSchema>;

/** What a live page is told over SSE (`GET /api/live`): look at this again. */
export const liveEventSchema = z.object({
  kind: z.enum(['run', 'deployment', 'pool', 'agent', 'bulk', 'event', 'automation']),
  /** Full id, `run_...`; for events, the position up to which the feed has grown. */
  id: z.string(),
  /** For a run: what changed. */
  what: z.array(z.enum(['state', 'tasks', 'logs', 'artifacts'])).optional(),
});
export type LiveEvent = z.infer<typeof liveEventSchema>;
