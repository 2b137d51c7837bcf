/** Which runs: one filter for lists, counts, charts and bulk jobs. Every part narrows; inside a part, any of the values will do. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { FAILURE_KINDS } from '../run-failure.ts';
import { RUN_KINDS, runStateTypeSchema } from '../run-state.ts';
import { durationMsSchema, instantSchema } from '../time.ts';

/** Most run ids of one filter. */
export const FILTER_IDS_MAX = 1_000;
/** Most bytes of JSON in `parameters`. */
export const FILTER_PARAMETERS_MAX_BYTES = 2_048;
const VALUES_MAX = 50;

/** A name, an id, or a name with `*` for any text: `weather/*`. */
const refs = z.array(z.string().trim().min(1).max(500)).max(VALUES_MAX);
const tags = z.array(z.string().trim().min(1).max(100)).max(VALUES_MAX);
/** From `after` on, and before `before`. */
const instants = z.strictObject({ after: instantSchema.optional(), before: instantSchema.optional() });
const attempts = z.number().int().min(1).max(1_000_000);

export const runFilterSchema = z.strictObject({
  /** State types; together with `stateNames`, any of both. Empty: all. */
  states: z.array(runStateTypeSchema).max(9).optional(),
  /** State names in any case: `TimedOut`, `AwaitingRetry`, a name a flow gave, and the computed `Late` and `AwaitingConcurrencySlot`. */
  stateNames: z.array(z.string().trim().min(1).max(100)).max(20).optional(),
  /** What it executes: a flow, or a task in the background. */
  kinds: z.array(z.enum(RUN_KINDS)).max(RUN_KINDS.length).optional(),
  flows: refs.optional(),
  /** `flow/name`, either with `*`, or an id (also of a deployment that was deleted). */
  deployments: refs.optional(),
  pools: refs.optional(),
  /** `pool/queue` or an id. */
  queues: refs.optional(),
  /** Slug or id of the schedule that made it. */
  schedules: refs.optional(),
  /** Agents that held any attempt of it. */
  agents: refs.optional(),
  tags: z.strictObject({ all: tags.optional(), any: tags.optional(), none: tags.optional() }).optional(),
  /** In any case. `contains` and `prefix` both must fit. */
  name: z.strictObject({ contains: z.string().min(1).max(200).optional(), prefix: z.string().min(1).max(200).optional() }).optional(),
  ids: z.array(idSchema('run')).max(FILTER_IDS_MAX).optional(),
  /** Started by these runs. */
  parents: z.array(idSchema('run')).max(VALUES_MAX).optional(),
  created: instants.optional(),
  due: instants.optional(),
  /** First start. */
  started: instants.optional(),
  ended: instants.optional(),
  /** Milliseconds from first start to end, or until now. Both bounds included. */
  durationMs: z.strictObject({ min: durationMsSchema.optional(), max: durationMsSchema.optional() }).optional(),
  /** Number of the current or last attempt, from 1: `min: 2` is "was retried". Both bounds included. */
  attempt: z.strictObject({ min: attempts.optional(), max: attempts.optional() }).optional(),
  /** How it came to be: `api`, `schedule`, `console`, `cli`, `sdk`. */
  createdBy: z.array(z.string().trim().min(1).max(50)).max(20).optional(),
  /** Who made it: ids of users or API keys. */
  actors: z
    .array(z.union([idSchema('user'), idSchema('apiKey')]))
    .max(VALUES_MAX)
    .optional(),
  /** Digest of its code, or the beginning of one. */
  versions: z.array(z.string().trim().min(1).max(200)).max(20).optional(),
  failures: z.array(z.enum(FAILURE_KINDS)).max(FAILURE_KINDS.length).optional(),
  /** Counted in these groups of failures. */
  groups: z.array(idSchema('failureGroup')).max(VALUES_MAX).optional(),
  /** Parameters it has, and maybe others: objects are contained member by member, lists element by element. At most 2 KB of JSON. */
  parameters: z
    .record(z.string().min(1).max(200), z.unknown())
    .refine((value) => new TextEncoder().encode(JSON.stringify(value)).length <= FILTER_PARAMETERS_MAX_BYTES, {
      error: `expected at most ${FILTER_PARAMETERS_MAX_BYTES} bytes of JSON`,
    })
    .optional(),
});
export type RunFilter = z.output<typeof runFilterSchema>;
export type RunFilterInput = z.input<typeof runFilterSchema>;

/** Orders of a list; each is total, the id decides between equals. `newest` and `oldest` go by creation. */
export const RUN_SORTS = ['newest', 'oldest', 'due', 'longest', 'name'] as const;
export type RunSort = (typeof RUN_SORTS)[number];

/** Whether it lets every run through. */
export function isEmptyFilter(filter: RunFilter): boolean {
  const { parameters = {}, ...parts } = filter;
  return Object.keys(parameters).length === 0 && Object.values(parts).every((part) => Object.values(part ?? {}).every(isAbsent));
}

/** Of a list its values are looked at, which are never absent. */
function isAbsent(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}
