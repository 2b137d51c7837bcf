/**
 * What all messages between agent and control plane share: a version each, unknown fields tolerated both ways,
 * and an answer that is either `{ ok }` or `{ error }`.
 */
import { z } from 'zod';
import { errorBodySchema } from '../errors.ts';
import { idSchema } from '../ids.ts';

/** Protocol versions this build speaks. An agent whose range does not overlap is refused in `hello`. */
export const PROTOCOL_VERSION = 1;
export const PROTOCOL_MIN_VERSION = 1;

/** Most bytes of one message, below the account's `max_payload` of 256 KiB. */
export const MESSAGE_MAX_BYTES = 192 * 1024;

/**
 * Number of a run's claim, which every later write carries: (Postgres timeline x 2^32) + counter.
 * Goes up with every claim and whenever a run leaves PENDING or RUNNING without ending.
 */
export const epochSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** One run under one claim. */
export const runEpochSchema = z.object({ run: idSchema('run'), epoch: epochSchema });
export type RunEpoch = z.infer<typeof runEpochSchema>;

/** Most runs that one message lists; more go in further messages, each for a stretch of ids (`stretchSchema`). */
export const RUNS_PER_MESSAGE = 1_000;

/**
 * Which ids a list is whole for: those above `after` and up to `upTo`; null is the beginning, or the end. A run of the stretch
 * that the list leaves out is not held. TypeIDs sort as their runs were made.
 */
export const stretchSchema = z.object({ after: idSchema('run').nullable(), upTo: idSchema('run').nullable() });
export type Stretch = z.infer<typeof stretchSchema>;

/** Number an agent's `hello` was given; older sessions of the same agent are refused. */
export const sessionSchema = z.number().int().min(1);

/** The answer to any request: exactly one of the two is present. */
export function replySchema<T extends z.ZodType>(ok: T) {
  return z.union([z.object({ ok }), z.object({ error: errorBodySchema })]);
}
export type Reply<T> = { ok: T } | { error: z.infer<typeof errorBodySchema> };
