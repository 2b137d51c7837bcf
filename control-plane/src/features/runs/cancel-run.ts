import type { RunSummary } from '@signalbox/proto/api';
import type { Audited } from '../../platform/audit.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { actorName, type Moved, moveRun } from './move-run.ts';

/**
 * A run that waits is cancelled at once; one that an agent holds is CANCELLING until its process is seen to have ended.
 * @throws CONFLICT when it has ended already.
 */
export async function cancelRun(ctx: CommandCtx, input: Moved): Promise<Audited<RunSummary>> {
  return moveRun(ctx, input, { kind: 'cancel', by: actorName(ctx) });
}
