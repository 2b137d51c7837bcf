/**
 * Idle agents claim by themselves every half minute, so that none can be deaf. A thousand of them must not cost a
 * transaction each: claims that probably find nothing are answered together, from one read a tick.
 *
 * A claim passes unread while its agent was just given runs and while its workspace was nudged a moment ago; one the
 * read finds work or an earlier answer for passes too. While few claims come, reading is left out as well.
 */
import { gather } from '../../platform/gather.ts';
import { recently } from '../../platform/recently.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import type { DispatchCtx } from './settings.ts';
import { findIdleClaims } from './store/idle-claims.ts';

type Asker = { readonly workspaceId: string; readonly agentId: string; readonly claimId: string };
type Idle = { readonly timeline: number };
export type ClaimGate = ReturnType<typeof openClaimGate>;

/** How long claims wait to be read together; a run that becomes due without a nudge is found this much later. */
const TICK_MS = 100;
/** Claims a second that go on unread in this replica. */
const FREE_PER_SECOND = 10;
/** How long after a nudge the claims of its workspace pass. */
const NUDGED_MS = 5_000;
/** How long after it was given runs an agent's claims pass; its slots may be taken for that long. */
const HOT_MS = 600_000;

export function openClaimGate(ctx: Pick<DispatchCtx, 'bus' | 'db' | 'settings'>, clock: () => number = Date.now) {
  const hot = recently(HOT_MS, clock);
  const nudged = recently(NUDGED_MS, clock);
  ctx.bus.onNudge(({ workspaceId }) => nudged.add(workspaceId));

  const readTogether = async (askers: readonly Asker[]): Promise<(Idle | null)[]> => {
    // Alone it would cost what it saves.
    if (askers.length === 1) return [null];
    const { idle, timeline } = await findIdleClaims(sqlOfClient(ctx.db.systemSql), askers, ctx.settings.prefetchMs);
    return askers.map(({ claimId }) => (idle.has(claimId) ? { timeline } : null));
  };
  const read = gather(readTogether, { tickMs: TICK_MS, freePerSecond: FREE_PER_SECOND, maxItems: 1_000 }, clock);

  return {
    /** Not null: there is nothing for this agent now. */
    async nothingFor(asker: Asker): Promise<Idle | null> {
      return nudged.has(asker.workspaceId) || hot.has(asker.agentId) ? null : read(asker);
    },
    /** An agent that was given runs claims again at once, and likely gets more. */
    answered({ agentId }: Pick<Asker, 'agentId'>, runs: number): void {
      if (runs > 0) hot.add(agentId);
      else hot.delete(agentId);
    },
  };
}

/** Claims that idle agents let stand are looked over together, once a second: nobody waits for it, since work that is committed is handed out at once. */
const STANDING_TICKS = { tickMs: 1_000, freePerSecond: 0, maxItems: 1_000 };

/** Answers whether there is nothing for it: no work that it could be given, and no answer that it was given and may have missed. */
export function openStandingLooks(ctx: Pick<DispatchCtx, 'db' | 'settings'>) {
  return gather(async (askers: readonly Asker[]) => {
    const { idle } = await findIdleClaims(sqlOfClient(ctx.db.systemSql), askers, ctx.settings.prefetchMs);
    return askers.map(({ claimId }) => idle.has(claimId));
  }, STANDING_TICKS);
}
