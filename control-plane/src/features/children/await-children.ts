/**
 * A flow that does nothing but wait gives its slots up. The wait itself is the flow's own: it goes on reading, and every
 * end of a child wakes it, so a child that ends between two looks costs no lock and no wake-up.
 */
import { toUuid } from '@signalbox/proto';
import type { AwaitChildrenReply } from '@signalbox/proto/messages';
import { retried } from '../../platform/db.ts';
import { conflict } from '../../platform/errors.ts';
import { inWorkspaces } from '../../platform/transaction.ts';
import type { Caller, CallsCtx, OpOf } from '../calls/index.ts';
import { afterCommit, transitionRun } from '../dispatch/index.ts';
import { areAllLive } from './store/children.ts';
import { requireHeld } from './store/parent.ts';

/** @throws CONFLICT when the run is not this agent's any more, or cannot wait in its state. */
export async function awaitChildren(ctx: CallsCtx, caller: Caller, op: OpOf<'children.await'>): Promise<AwaitChildrenReply> {
  const owner = { agentId: caller.agentId, epoch: caller.epoch };
  const runIds = [...new Set(op.runs.map((run) => toUuid('run', run)))];
  const { waiting, effects } = await retried(() =>
    inWorkspaces(ctx.db.reportSql, [caller.workspaceId], async (sql) => {
      await requireHeld(sql, caller);
      if (!(await areAllLive(sql, runIds))) return { waiting: false, effects: [] };
      const { verdict, effects } = await transitionRun(sql, { runId: caller.runId, intent: { kind: 'await-child', owner } }, ctx.settings);
      if (verdict.kind === 'accept' || (verdict.kind === 'reject' && verdict.code === 'already')) return { waiting: true, effects };
      throw conflict(verdict.kind === 'reject' ? verdict.reason : 'not now', { reason: verdict.kind === 'reject' ? verdict.code : 'wait' });
    }),
  );
  void afterCommit(ctx, effects);
  return { waiting };
}
