/** A run leaves its agent without having ended: nothing that agent sends from now on counts. */
import type { Effect, Next, RunSnapshot, Verdict } from '../run-snapshot.ts';
import { accept } from './verdict.ts';

/** Back to SCHEDULED under a higher epoch, its slots free, offered again. */
export function requeue(run: RunSnapshot, change: Partial<Next>, effects: readonly Effect[] = []): Verdict {
  return accept(
    run,
    {
      type: 'SCHEDULED',
      name: 'Scheduled',
      epoch: 'raise',
      owner: 'release',
      slots: 'free',
      deadlineMs: null,
      permitRequestId: null,
      grantedAt: null,
      startedAt: null,
      cancelCause: null,
      wanted: null,
      ...change,
    },
    ['wake-waiters', 'offer', ...effects],
  );
}
