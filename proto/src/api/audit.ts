/** Who did what, when, and what came of it; and the chain that shows whether anybody changed the record since. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { instantSchema } from '../time.ts';
import { pageInput } from './page.ts';

/** Who acts: a person, a program of a service account, an agent, the system on somebody's behalf, our support in a person's place. */
export const ACTOR_KINDS = ['person', 'service', 'agent', 'automation', 'support'] as const;

export const auditEntrySchema = z.object({
  id: idSchema('audit'),
  at: instantSchema,
  /** Null: about the organization as a whole. */
  workspace: idSchema('workspace').nullable(),
  actor: z.object({
    kind: z.enum(ACTOR_KINDS),
    /** A UUID; null: unknown, or none. */
    id: z.string().nullable(),
    name: z.string(),
    /** What vouched for it: `session`, `api-key` and its UUID, `join-code`, `loop`. */
    via: z.string().nullable(),
  }),
  /** A noun and a verb: `run.cancel`. */
  action: z.string(),
  outcome: z.enum(['done', 'refused']),
  target: z.object({ kind: z.string(), id: z.string().nullable() }),
  /** Null: there was nothing before (created), or nothing after (deleted). */
  before: z.unknown(),
  after: z.unknown(),
  requestId: z.string().nullable(),
  address: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** All that are given must fit. */
export const auditFilter = {
  actorKind: z.enum(ACTOR_KINDS).optional(),
  /** Part of the actor's name, any case. */
  actor: z.string().trim().min(1).max(100).optional(),
  /** A whole action, or its noun: `run` finds `run.cancel`. */
  action: z
    .string()
    .regex(/^[a-z-]+(\.[a-z-]+)?$/, 'expected a noun, or a noun and a verb such as run.cancel')
    .max(80)
    .optional(),
  outcome: z.enum(['done', 'refused']).optional(),
  /** UUID of the target. */
  target: z.uuid().optional(),
  from: instantSchema.optional(),
  to: instantSchema.optional(),
};
export const listAuditInput = z.object({ ...pageInput, ...auditFilter });
/** The same for a download, which has no pages. */
export const exportAuditInput = z.object(auditFilter);

/** The newest link of a chain; `hash` in hexadecimal. */
const auditHeadSchema = z.object({ link: z.number().int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/) });

export const verifyAuditInput = z.object({
  /** The link to go on from: `next` of the answer before. */
  from: z.number().int().min(1).default(1),
  /** What an earlier answer called the head, kept elsewhere: a chain that was cut off since does not have it. */
  noted: auditHeadSchema.optional(),
});
export const auditVerdictSchema = z.object({
  /** Links looked at, and entries below them. */
  links: z.number().int(),
  entries: z.number().int(),
  /** Links whose entries were deleted by retention: the chain through them still holds. */
  purged: z.number().int(),
  /** What does not fit. Empty: nobody changed, added or took away anything. */
  problems: z.array(z.object({ link: z.number().int(), what: z.string() })),
  /** Entries that are not sealed yet, at the end of the chain. */
  unsealed: z.number().int(),
  sealedUntil: instantSchema.nullable(),
  /** The newest of the links that were looked at; null: there is none. */
  head: auditHeadSchema.nullable(),
  /** Go on from here; null: that was all. */
  next: z.number().int().nullable(),
});
export type AuditVerdict = z.infer<typeof auditVerdictSchema>;
