import type { RunSummary } from '@signalbox/proto/api';
import type { Audited } from '../../platform/audit.ts';
import type { CommandCtx } from '../../platform/services.ts';
import { actorName, moveRun } from './move-run.ts';

/**
 * A run that waits is cancelled at once; one that an agent holds is CANCELLING until its process is seen to have ended.
 * @throws CONFLICT when it has ended already.
 */
export async function cancelRun(ctx: CommandCtx, input: { run: string }): Promise<Audited<RunSummary>> {
  return moveRun(ctx, input.run, { kind: 'cancel', by: actorName(ctx) });
}
