/** What may cross a process when something failed. A closed list of kinds. */
import { z } from 'zod';

export const FAILURE_KINDS = ['application', 'cancelled', 'timed-out', 'crashed', 'lost'] as const;

/**
 * - `application`: user code threw.
 * - `cancelled`: ended because a person or a rule cancelled it.
 * - `timed-out`: the flow's or task's own limit.
 * - `crashed`: the process died or could not be started (exit code, signal, out of memory, module missing).
 * - `lost`: the agent was not heard of in time.
 */
export const runFailureSchema = z.object({
  kind: z.enum(FAILURE_KINDS),
  /** One sentence a person can act on. */
  message: z.string().max(10_000),
  /** Class name of what was thrown, for grouping. */
  name: z.string().max(200).optional(),
  stack: z.string().max(32_000).optional(),
  exitCode: z.number().int().optional(),
  signal: z.string().optional(),
  /** False when the author said that trying again cannot help (`NonRetryableError`). */
  retryable: z.boolean().optional(),
  /** Milliseconds the author asked to wait before the next attempt (`RetryAfterError`). */
  retryAfterMs: z.number().int().min(0).optional(),
});
export type RunFailure = z.infer<typeof runFailureSchema>;
