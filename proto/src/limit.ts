/** What named limits are called, and how much of them anybody may take. */
import { z } from 'zod';

/** A limit of this prefix and a tag limits the task runs that carry the tag: `tag:db`. */
export const TAG_LIMIT_PREFIX = 'tag:';
/** Limits that one request may name. */
export const MAX_LIMITS_AT_ONCE = 20;
/** Slots of one limit, and slots that one request may take. */
export const MAX_SLOTS = 10_000;

export const limitNameSchema = z
  .string()
  .min(1)
  .max(120)
  .regex(/^\S(.*\S)?$/u, 'expected a name without spaces around it')
  .regex(/^[^\p{Cc}]*$/u, 'expected a name without control characters');
