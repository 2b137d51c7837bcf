/** Keyset pages: a cursor names the last item seen; there are no page numbers and no totals. */
import { z } from 'zod';

export const pageInput = {
  /** Opaque; from `nextCursor` of the page before. */
  cursor: z.string().max(500).optional(),
  limit: z.number().int().min(1).max(200).default(50),
};

/** A page: `nextCursor` is null on the last one. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** A slug: lower-case letters, digits and single hyphens, 1 to 63 characters. */
export const slugSchema = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case letters, digits and single hyphens')
  .max(63);

/** A display name without control characters and without `/ % & < >`. */
export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^/%&<>\p{Cc}]+$/u, 'expected a name without / % & < > and control characters');

/** A label people filter by. */
export const tagSchema = z.string().trim().min(1).max(100);
