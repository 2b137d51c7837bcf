/** The closed list of error codes and the one shape in which an error crosses a process. */
import { z } from 'zod';

/** Every code an edge may answer. Adding one is a contract change. */
export const ERROR_CODE = {
  INVALID_INPUT: 'INVALID_INPUT',
  UNAUTHENTICATED: 'UNAUTHENTICATED',
  FORBIDDEN: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  PRECONDITION_FAILED: 'PRECONDITION_FAILED',
  LIMIT_EXCEEDED: 'LIMIT_EXCEEDED',
  UNAVAILABLE: 'UNAVAILABLE',
  INTERNAL: 'INTERNAL',
} as const;
export type ErrorCode = keyof typeof ERROR_CODE;
export const errorCodeSchema = z.enum(Object.keys(ERROR_CODE) as [ErrorCode, ...ErrorCode[]]);

/** One thing wrong with an input: where (`parameters.years.0`), what was given, what was expected. */
export const fieldIssueSchema = z.object({
  field: z.string(),
  expected: z.string(),
  received: z.string().optional(),
});
export type FieldIssue = z.infer<typeof fieldIssueSchema>;

/** An error on the wire. `message` is safe to show to anybody who may make the request. */
export const errorBodySchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  issues: z.array(fieldIssueSchema).optional(),
  details: z.record(z.string(), z.unknown()).optional(),
  /** Milliseconds after which trying again makes sense. Absent: trying again will not help, or at once. */
  retryAfterMs: z.number().int().optional(),
  requestId: z.string().optional(),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;
