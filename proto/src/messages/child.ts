/**
 * Between supervisor and child: frames over a local socket (0700 folder), each a 4-byte big-endian length and
 * that many bytes of UTF-8 JSON. The child numbers what it tells (`n`, from 1) and keeps it until acknowledged,
 * so that a new supervisor misses nothing.
 */
import { z } from 'zod';
import { envelopeSchema } from '../envelope.ts';
import { errorBodySchema } from '../errors.ts';
import { runFailureSchema } from '../run-failure.ts';
import { instantSchema } from '../time.ts';
import { PAUSE_KINDS, pauseKeySchema } from './calls/pause.ts';
import { claimedRunSchema, codeSourceSchema } from './claim.ts';
import { artifactSchema, logLineSchema, runNameSchema, taskStateSchema } from './report.ts';
import { runEpochSchema } from './wire.ts';

export const CHILD_PROTOCOL_VERSION = 1;
/** Most bytes of one frame. */
export const FRAME_MAX_BYTES = 8 * 1024 * 1024;

const told = z.object({ n: z.number().int().min(1), at: instantSchema });

/** Time that a run spent in pauses, told by its process: milliseconds that are over, and whether it waits now. */
export const pausedTimeSchema = z.object({ totalMs: z.number().int().min(0), isPaused: z.boolean() });
export type PausedTime = z.infer<typeof pausedTimeSchema>;

/** Supervisor to child. */
export const toChildSchema = z.discriminatedUnion('type', [
  /** Import the code and find the flow; answered by `loaded` or `load-failed`. */
  z.object({ type: z.literal('load'), source: codeSourceSchema }),
  /** Call the flow. The permit is granted. */
  z.object({
    type: z.literal('start'),
    run: claimedRunSchema.omit({ parameters: true, source: true, variables: true, token: true }),
    parameters: envelopeSchema,
    workspace: z.object({ id: z.string(), slug: z.string() }),
    /** Where the API is, and the token of this run for it. Absent from an older control plane. */
    api: z.object({ url: z.string(), token: z.string() }).optional(),
  }),
  /** Abort: fire the run's AbortSignal. The process is killed after the grace whatever it does. */
  z.object({ type: z.literal('cancel'), reason: z.enum(['cancelled', 'timed-out']) }),
  /** Wait before the next task (`pause`), or leave once the tasks that run have ended (`suspend`); a child that stays is killed. */
  z.object({ type: z.literal('hold'), how: z.enum(PAUSE_KINDS), key: pauseKeySchema }),
  /** Everything up to this number is on disk. */
  z.object({ type: z.literal('ack'), n: z.number().int().min(0) }),
  /** The answer to the child's `call` of this number: a value, or why not. */
  z.object({ type: z.literal('answer'), id: z.number().int().min(1), ok: z.unknown().optional(), error: errorBodySchema.optional() }),
  /** What the flow waits for may have come: ask again. */
  z.object({ type: z.literal('wake') }),
  /** No run will come: exit. */
  z.object({ type: z.literal('retire') }),
]);
export type ToChild = z.infer<typeof toChildSchema>;

/** Child to supervisor. `hello` comes first on every connection; frames without `n` are not kept. */
export const fromChildSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    v: z.literal(1),
    token: z.string(),
    pid: z.number().int(),
    sdkVersion: z.string(),
    /** The run it is in, on a reconnect. */
    holding: runEpochSchema.nullable(),
    /** How long it has waited in pauses, on a reconnect. */
    paused: pausedTimeSchema.optional(),
  }),
  z.object({ type: z.literal('loaded'), flowName: z.string() }),
  z.object({ type: z.literal('load-failed'), failure: runFailureSchema }),
  told.extend({ type: z.literal('started'), runName: runNameSchema.optional() }),
  told.extend({ type: z.literal('task'), task: taskStateSchema.omit({ n: true, run: true, epoch: true, at: true, type: true }) }),
  told.extend({ type: z.literal('logs'), lines: z.array(logLineSchema).min(1).max(1_000) }),
  told.extend({ type: z.literal('artifact'), artifact: artifactSchema.omit({ n: true, run: true, epoch: true, at: true, type: true }) }),
  told.extend({
    type: z.literal('ended'),
    /** `SUSPENDED`: the process leaves, the run does not end. */
    state: z.enum(['COMPLETED', 'FAILED', 'CANCELLED', 'SUSPENDED']),
    name: z.string().max(100).optional(),
    message: z.string().max(10_000).optional(),
    failure: runFailureSchema.optional(),
    result: envelopeSchema.optional(),
  }),
  /**
   * Asks the control plane, through the supervisor, which repeats it through outages. Not kept: told again on every
   * new connection until it is answered. The operation is not looked at on the way, so an older agent carries a newer one.
   */
  z.object({ type: z.literal('call'), id: z.number().int().min(1), op: z.looseObject({ name: z.string().max(100) }) }),
  /** It began to wait in a pause, or goes on: the clock of the flow's timeout stands still meanwhile. */
  pausedTimeSchema.extend({ type: z.literal('paused') }),
  /** Proof that the event loop turns; its absence is shown as "stalled", never acted on. */
  z.object({ type: z.literal('alive') }),
]);
export type FromChild = z.infer<typeof fromChildSchema>;

/** Environment variables with which the supervisor starts a child. */
export const CHILD_ENV = {
  socket: 'SIGNALBOX_CHILD_SOCKET',
  token: 'SIGNALBOX_CHILD_TOKEN',
  /** Set while a run is in the process; by it every process of a run can be found and killed. */
  run: 'SIGNALBOX_RUN_ID',
} as const;

/** Environment variables that a child sets for user code while a run is in it. */
export const RUN_ENV = { url: 'SIGNALBOX_URL', token: 'SIGNALBOX_RUN_TOKEN' } as const;
