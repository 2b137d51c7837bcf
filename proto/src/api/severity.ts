/** How bad something is: of notifications, incidents and service levels alike. */
import { z } from 'zod';

/** Mildest first. */
export const SEVERITIES = ['minor', 'low', 'moderate', 'high', 'critical'] as const;
export const severitySchema = z.enum(SEVERITIES);
export type Severity = z.infer<typeof severitySchema>;

/** Whether `a` is as bad as `least`, or worse. */
export function isAtLeast(a: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(least);
}
