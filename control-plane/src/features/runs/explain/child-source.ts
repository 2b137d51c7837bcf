/** Families that wait: a parent for its children or its slots, a child for room beside waiting parents, and all for each other. */
import type { Blocker } from '@signalbox/proto/api';
import type { SqlCtx } from '../../../platform/services.ts';
import { type BlockerSource, blocker, type LiveRun } from './blocker-source.ts';
import { type FullPool, readFullPool, readLiveChildren } from './child-facts.ts';
import { findDeadlock } from './deadlock.ts';
import { listed } from './dispatch-blockers.ts';
import { readFamily } from './family-facts.ts';

export const childBlockers: BlockerSource = async (ctx, run) => {
  if (run.state.type !== 'SCHEDULED') {
    const own = run.state.name === 'AwaitingChild' ? [await parentBlocker(ctx, run)] : [];
    return [...own, ...(await deadlocks(ctx, run))];
  }
  // While there is room for another process, nobody keeps it from beginning.
  if (run.dueAt > run.now || run.poolId === null) return [];
  const full = await readFullPool(ctx, run.poolId);
  return full ? [...roomBlockers(full), ...(await deadlocks(ctx, run))] : [];
};

function roomBlockers(full: FullPool): Blocker[] {
  if (full.parents.length === 0) return [];
  const message =
    `The agents in work pool "${full.pool}" keep as many processes as they may (${full.processes}), ` +
    `${full.parentCount} of them for runs that wait for their children: ${listed(full.parents, full.parentCount)}.`;
  const frees = `A run on one of them ends, or an agent is started with more room: --max-processes.`;
  return [{ ...blocker('processes-full', message, frees), holders: [...full.parents], holderCount: full.parentCount }];
}

async function parentBlocker(ctx: SqlCtx, run: LiveRun): Promise<Blocker> {
  const { children, count, resumeSince } = await readLiveChildren(ctx, run.runId);
  if (resumeSince) {
    const message = 'Its child has ended, and it waits for its slots again, ahead of runs that have not begun.';
    return blocker('resume', message, 'A slot of its pool, queue or deployment becomes free.', resumeSince);
  }
  const message = count === 0 ? 'It waits for a run that it started.' : `It waits for ${listed(children, count)}.`;
  return { ...blocker('child', message, 'One of them ends.', run.stateAt), holders: children, holderCount: count };
}

async function deadlocks(ctx: SqlCtx, run: LiveRun): Promise<Blocker[]> {
  if (run.state.name !== 'AwaitingChild' && run.state.type !== 'SCHEDULED' && run.state.type !== 'RUNNING') return [];
  const family = await readFamily(ctx, run.runId);
  const found = family && findDeadlock(family, run.runId);
  if (!found) return [];
  const message = `Deadlock: none of these can go on by itself. ${found.sentences.join(' ')}`;
  return [{ ...blocker('deadlock', message, found.frees, run.stateAt), holders: [...found.holders], holderCount: found.holders.length }];
}
