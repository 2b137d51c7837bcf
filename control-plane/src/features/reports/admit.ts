/** Which batches of a group are let in, and which of their entries are new. Pure. */

import { toId } from '@signalbox/proto';
import type { Verdict } from '@signalbox/proto/messages';
import { type AppError, notFound, preconditionFailed, unauthenticated } from '../../platform/errors.ts';
import type { Batch, BatchEntry } from './batch.ts';
import type { Reporters } from './store/agents.ts';
import { type ChannelKey, channelText } from './store/channels.ts';

/** A batch on its way through a group: what is new in it, and what is said of its entries so far. */
export type Admitted = {
  readonly batch: Batch;
  readonly fresh: readonly BatchEntry[];
  readonly exceptions: Verdict[];
  /** Position that is dealt with once the group is committed. */
  readonly watermark: number;
};
export type Admission = Admitted | { readonly batch: Batch; readonly error: AppError };

/**
 * In the order of arrival, so that two batches of one channel in one group see each other. Positions up to the
 * watermark are duplicates; a batch that begins past the next position is refused, since what is missing would be lost,
 * unless it begins with the oldest that the agent keeps: after a restore to an earlier point, what is missing is nowhere.
 */
export function admit(batches: readonly Batch[], reporters: Reporters, watermarks: Map<string, number>): Admission[] {
  return batches.map((batch): Admission => {
    const error = refusalOfReporter(batch, reporters);
    if (error) return { batch, error };
    const key = channelText(keyOf(batch));
    const stored = watermarks.get(key) ?? 0;
    const [first, last] = [batch.entries[0], batch.entries.at(-1)];
    if (!first || !last) return { batch, fresh: [], exceptions: [], watermark: stored };
    if (first.n > stored + 1 && first.n !== batch.oldest) {
      const details = { reason: 'gap', expected: stored + 1 };
      return { batch, error: preconditionFailed(`Position ${stored + 1} of this channel expected next, got ${first.n}.`, details) };
    }
    const watermark = Math.max(stored, last.n);
    watermarks.set(key, watermark);
    const duplicates = batch.entries.filter(({ n }) => n <= stored).map(({ n }): Verdict => ({ n, verdict: 'duplicate' }));
    return { batch, fresh: batch.entries.filter(({ n }) => n > stored), exceptions: duplicates, watermark };
  });
}

export function keyOf({ from, spoolId, channel }: Batch): ChannelKey {
  return { workspaceId: from.workspaceId, agentId: from.agentId, spoolId, channel };
}

function refusalOfReporter({ from, session }: Batch, { agents }: Reporters): AppError | null {
  const agent = agents.get(from.agentId);
  if (!agent || agent.workspaceId !== from.workspaceId) return notFound('agent', toId('agent', from.agentId));
  if (agent.revoked) return unauthenticated('This agent was revoked.');
  if (agent.session === session) return null;
  return preconditionFailed(`Session ${session} of this agent is over: session ${agent.session} is current. Say hello again.`, {
    reason: 'session',
    current: agent.session,
  });
}
