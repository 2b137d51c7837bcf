/** What keeps a scheduled run from being given to an agent. */
import type { Blocker } from '@signalbox/proto/api';
import type { SqlCtx } from '../../../platform/services.ts';
import type { LiveRun } from './blocker-source.ts';
import { readRunsAhead } from './claim-order.ts';
import { dispatchBlockersOf, freeSlots, queuedBehind } from './dispatch-blockers.ts';
import { readDispatchFacts } from './dispatch-facts.ts';

export async function dispatchBlockers(ctx: SqlCtx, run: LiveRun): Promise<Blocker[]> {
  if (run.state.type !== 'SCHEDULED') return [];
  const facts = await readDispatchFacts(ctx, run);
  const found = dispatchBlockersOf(facts);
  if (found.length > 0) return found;
  // Nothing is in its own way: whoever goes first may still take all there is.
  return queuedBehind(facts, await readRunsAhead(ctx, run, freeSlots(facts)));
}
