/** Giving a due run to an agent, with the permit at once when a warm child stands ready. */
import type { Rule } from '../run-snapshot.ts';
import { accept, later, waitUntil } from './verdict.ts';

/** Not before `prefetchMs` ahead of the due instant; a permit in the claim only from the due instant on. */
export const assign: Rule<'claim'> = (run, intent, { now, policy, timings }) => {
  const aheadMs = run.dueAt.getTime() - now.getTime();
  if (aheadMs > timings.prefetchMs) return waitUntil(later(run.dueAt, -timings.prefetchMs));
  const given = { epoch: 'raise', owner: 'take', slots: 'take', startedAt: null } as const;
  if (intent.permit && aheadMs <= 0) {
    const granted = { permitRequestId: intent.permit, grantedAt: now, deadlineMs: timings.startReportMs };
    return accept(run, { type: 'RUNNING', name: 'Running', ...given, ...granted });
  }
  const deadlineMs = policy.startTimeoutMs + Math.max(0, aheadMs);
  return accept(run, { type: 'PENDING', name: 'Pending', ...given, permitRequestId: null, grantedAt: null, deadlineMs });
};
