/**
 * A flow whose child has ended takes its slots again. It notes its wish, from which on claims leave it room, and goes on
 * as soon as there is some: now, or when a slot is freed (see `resumeParents`).
 */
import type { ResumeReply } from '@signalbox/proto/messages';
import { conflict } from '../../platform/errors.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { inWorkspaces } from '../../platform/transaction.ts';
import type { Caller, CallsCtx } from '../calls/index.ts';
import { afterCommit, resumeParents } from '../dispatch/index.ts';
import { noteWish, readName } from './store/wish.ts';

/** @throws CONFLICT when the run is not this agent's any more, or is being cancelled. */
export async function resume(ctx: CallsCtx, caller: Caller): Promise<ResumeReply> {
  const wish = await inWorkspaces(ctx.db.reportSql, [caller.workspaceId], (sql) => noteWish(sql, caller));
  if (wish?.poolId) await afterCommit(ctx, await resumeParents(ctx, wish.poolId));
  const state = await readName(sqlOfClient(ctx.db.systemSql), caller);
  if (!state || state.type === 'CANCELLING') throw conflict('The run does not go on here.', { reason: state ? 'cancelling' : 'stale' });
  return { resumed: state.name !== 'AwaitingChild' && !state.isAwaiting };
}
