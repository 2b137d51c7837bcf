/** An agent asks for runs; the database assigns the best ones of that instant. */
import { z } from 'zod';
import { envelopeSchema } from '../envelope.ts';
import { idSchema } from '../ids.ts';
import { durationMsSchema, instantSchema } from '../time.ts';
import { idleRenewalSchema } from './renew.ts';
import { epochSchema, sessionSchema } from './wire.ts';

/** Nothing of the tenant: "this pool has work". */
export const offerSchema = z.object({ v: z.literal(1), pool: z.string() });
export type Offer = z.infer<typeof offerSchema>;

export const claimSchema = z.object({
  v: z.literal(1),
  session: sessionSchema,
  /** Unique per claim; a repeat with the same id reads the same answer. */
  claimId: z.uuid(),
  /** Free slots. */
  free: z.number().int().min(1).max(1_000),
  /** Digests for which a warm child stands ready, with how many: such a run is granted with the claim. */
  warm: z.array(z.object({ digest: z.string().max(200), count: z.number().int().min(1) })).max(200),
});
export type Claim = z.infer<typeof claimSchema>;

/**
 * A claim that stands: carried out as soon as the replica that has it hears of work for the pool, answered null when it is over or was said
 * again with other figures. Under one id with the claim that is asked for on an offer: whichever comes first is given the runs.
 *
 * With `answerTo` it is sent without a reply subject, and answered by the command `answer` when there is something to say; over is over
 * without a word. With `renewal` it is all that an idle agent says: it renews the lease, and is carried out soon if there is work already.
 */
export const standSchema = claimSchema.extend({
  /** Whose work to wait for; which runs are given is decided by the agent's own pool. */
  pool: idSchema('workPool'),
  waitMs: z.number().int().min(1).max(60_000),
  answerTo: z.string().min(1).max(64).optional(),
  renewal: idleRenewalSchema.optional(),
});
export type Stand = z.infer<typeof standSchema>;

/** What came of a claim that stands: a claim's reply, or `renewFirstSchema`. */
export const answerCommandSchema = z.object({ v: z.literal(1), answerTo: z.string(), ok: z.unknown() });

/** Where a deployment's code is. The control plane stores the reference and never the code. */
export const codeSourceSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('path'),
    /** Absolute folder on the agent's machine. */
    root: z.string().min(1).max(4_096),
    /** Module that exports the flow, relative to `root`. */
    entrypoint: z.string().min(1).max(1_024),
    exportName: z.string().min(1).max(200),
  }),
  z.object({
    kind: z.literal('module'),
    /** Installed package (or path inside one) that exports the flow. */
    module: z.string().min(1).max(1_024),
    exportName: z.string().min(1).max(200),
  }),
]);
export type CodeSource = z.infer<typeof codeSourceSchema>;

/** How a flow is retried; counted apart from infrastructure attempts. */
export const retryPolicySchema = z.object({
  /** Further attempts after the first. */
  retries: z.number().int().min(0).max(100),
  /** Delay before each further attempt, milliseconds; the last value repeats. */
  delaysMs: z.array(durationMsSchema).max(50),
  /** Part of each delay that is random: with 0.2 a delay of 10 s takes 8 to 12 s. Absent: none. */
  jitter: z.number().min(0).max(1).optional(),
});
export type RetryPolicy = z.infer<typeof retryPolicySchema>;

export const claimedRunSchema = z.object({
  run: idSchema('run'),
  epoch: epochSchema,
  name: z.string(),
  /** 1 for the first attempt. */
  attempt: z.number().int().min(1),
  flow: z.object({ id: idSchema('flow'), name: z.string() }),
  deployment: z.object({ id: idSchema('deployment'), name: z.string() }),
  digest: z.string(),
  source: codeSourceSchema,
  launcher: z.string(),
  /** Launcher's variables after the merge pool < deployment < run (for `process`: env, nodeArgs). */
  variables: z.record(z.string(), z.unknown()),
  isolation: z.enum(['fresh', 'reuse']),
  /** Absent when larger than 64 KiB: ask for them with `call` `getParameters`. */
  parameters: envelopeSchema.optional(),
  tags: z.array(z.string()),
  dueAt: instantSchema,
  /** Milliseconds from the claim's answer until due; 0 when due. Count these, not the clock. */
  dueInMs: z.number().int().min(0),
  timeoutMs: durationMsSchema.nullable(),
  /** TERM, then this long, then KILL. */
  graceMs: durationMsSchema,
  startTimeoutMs: durationMsSchema,
  retry: retryPolicySchema,
  /** What epochs below this one finished is not used again: a retry "from start" set it. Absent: 0, all of it may be. */
  replayFloor: epochSchema.optional(),
  /** The run that started this one. */
  parent: idSchema('run').nullable().optional(),
  /** True: the permit is given with this claim (a warm child stands ready); its 10 s began when the claim was first sent. */
  granted: z.boolean(),
  /** With `granted`: what user code may call the API with, while this epoch is at work. */
  token: z.string().max(1_000).optional(),
});
export type ClaimedRun = z.infer<typeof claimedRunSchema>;

export const claimReplySchema = z.object({
  runs: z.array(claimedRunSchema),
  /** True when the reply was cut for size or count: claim again at once. */
  more: z.boolean(),
  timeline: z.number().int(),
  /**
   * How long this message waited before it was carried out: permits given with it count from its sending plus this. Absent: the claim
   * was carried out for another message of the same id, and permits count from the first of them.
   */
  heldMs: durationMsSchema.optional(),
});
export type ClaimReply = z.infer<typeof claimReplySchema>;
