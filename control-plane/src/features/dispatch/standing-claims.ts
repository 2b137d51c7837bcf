/**
 * Claims that stand: an idle agent has asked ahead, and is answered as soon as this replica commits work for its pool, without the way of
 * an offer. One an agent. Nothing here is a truth: a claim that is lost with this replica was not carried out, or is read again under its
 * id, and work that no claim stands for is offered.
 */
import { toUuid } from '@signalbox/proto';
import type { Claim, ClaimReply, RenewFirst, Stand } from '@signalbox/proto/messages';
import type { AgentAddress } from '../../platform/bus.ts';
import { offerWhatIsLeft } from './after-commit.ts';
import type { DispatchCtx } from './settings.ts';

export type Sender = Pick<AgentAddress, 'workspaceId' | 'agentId'>;
/** Carries a claim out now. `receivedAtMs`: when its message came, on this process's monotonic clock. */
export type CarryOutClaim = (from: Sender, claim: Omit<Claim, 'v'>, receivedAtMs: number) => Promise<ClaimReply>;

export type Answer = ClaimReply | RenewFirst;
type Nudge = { readonly workspaceId: string; readonly poolId: string };
/** A claim that was taken out of line by who carries it out: `settle` with what it was given, or null: it was not carried out. */
export type Reserved = Pick<Standing, 'from' | 'claim' | 'receivedAtMs'> & { settle(reply: ClaimReply | null): void };
type Standing = {
  readonly from: Sender;
  readonly claim: Stand;
  readonly receivedAtMs: number;
  /** Null: it is over. */
  readonly answer: (reply: Answer | null) => void;
};

export function openStandingClaims(ctx: Pick<DispatchCtx, 'bus' | 'db' | 'log'>, carryOut: CarryOutClaim) {
  /** By workspace and pool, then agent; those that have stood longest first. */
  const lines = new Map<string, Map<string, Standing>>();
  /** Pools for which a claim is being carried out, and whether they were nudged meanwhile. */
  const busy = new Map<string, boolean>();

  const leave = (key: string, standing: Standing): boolean => {
    const line = lines.get(key);
    if (line?.get(standing.from.agentId) !== standing) return false;
    line.delete(standing.from.agentId);
    if (line.size === 0) lines.delete(key);
    return true;
  };

  const carryOutOne = async ({ from, claim, receivedAtMs, answer }: Standing): Promise<ClaimReply | null> => {
    const reply = await carryOut(from, claim, receivedAtMs).catch((error: unknown) => {
      ctx.log.warn({ err: error, agentId: from.agentId }, 'a standing claim failed');
      return null;
    });
    answer(reply);
    return reply;
  };

  /** One claim after the other, until one was given what there is. `reserved`: what the first was given by who carried it out. */
  const serve = async (nudge: Nudge, reserved?: Promise<ClaimReply | null>): Promise<void> => {
    const key = keyOf(nudge);
    busy.set(key, false);
    let [isSeenTo, elsewhere] = [false, reserved];
    for (let standing = firstOf(lines.get(key)); standing && !isSeenTo; standing = firstOf(lines.get(key))) {
      leave(key, standing);
      const given = elsewhere ? await elsewhere : null;
      elsewhere = undefined;
      if (given) standing.answer(given);
      const reply = given ?? (await carryOutOne(standing));
      // Else it was carried out before under its id, the session is over, or there is more than this agent takes.
      isSeenTo = reply?.heldMs !== undefined && !reply.more && reply.runs.length < standing.claim.free;
    }
    const wasNudged = busy.get(key);
    busy.delete(key);
    if (!isSeenTo || wasNudged) return ctx.bus.nudge(nudge.workspaceId, nudge.poolId);
    offerWhatIsLeft(ctx, nudge);
  };

  /** The standing that `claim` is, if it still stands. */
  const find = (from: Sender, claim: Stand): Standing | null => {
    const standing = lines.get(keyOfClaim(from, claim))?.get(from.agentId);
    return standing?.claim === claim ? standing : null;
  };

  return {
    /** Answers when it was carried out, or null when it is over: time is up, or the agent said another. */
    stand(from: Sender, claim: Stand): Promise<Answer | null> {
      const key = keyOfClaim(from, claim);
      const receivedAtMs = performance.now();
      return new Promise((resolve) => {
        const timer = setTimeout(() => leave(key, standing) && resolve(null), claim.waitMs);
        const answer = (reply: Answer | null) => {
          clearTimeout(timer);
          resolve(reply);
        };
        const standing: Standing = { from, claim, receivedAtMs, answer };
        const line = lines.get(key) ?? new Map<string, Standing>();
        line.get(from.agentId)?.answer(null);
        lines.set(key, line.set(from.agentId, standing));
      });
    },
    /** There is work for it, or it was carried out before and its answer may be lost. */
    async carryOut(from: Sender, claim: Stand): Promise<void> {
      const standing = find(from, claim);
      if (standing && leave(keyOfClaim(from, claim), standing)) await carryOutOne(standing);
    },
    /** Its agent is told to ask for a renewal first. */
    renewFirst(from: Sender, claim: Stand): void {
      const standing = find(from, claim);
      if (standing && leave(keyOfClaim(from, claim), standing)) standing.answer({ renew: true });
    },
    /** True: a claim that stands sees to the work of this pool. */
    take(nudge: Nudge): boolean {
      const key = keyOf(nudge);
      if (busy.has(key)) {
        busy.set(key, true);
        return true;
      }
      if (!lines.has(key)) return false;
      void serve(nudge);
      return true;
    },
    /** The claim that has stood longest, for who makes work of this pool; null: there is none, or one is being carried out. */
    reserve(nudge: Nudge): Reserved | null {
      const key = keyOf(nudge);
      const standing = firstOf(lines.get(key));
      if (!standing || busy.has(key)) return null;
      const { promise, resolve } = Promise.withResolvers<ClaimReply | null>();
      void serve(nudge, promise);
      return { ...standing, settle: resolve };
    },
    /** Its agent is gone: what it claimed now would wait until its lease is over. */
    gone(agentId: string): void {
      for (const [key, line] of lines) {
        const standing = line.get(agentId);
        if (standing && leave(key, standing)) standing.answer(null);
      }
    },
    /** None stands any more. */
    stop(): void {
      for (const line of lines.values()) for (const { answer } of line.values()) answer(null);
      lines.clear();
    },
  };
}

function keyOfClaim({ workspaceId }: Sender, { pool }: Stand): string {
  return keyOf({ workspaceId, poolId: toUuid('workPool', pool) });
}

function keyOf({ workspaceId, poolId }: Nudge): string {
  return `${workspaceId} ${poolId}`;
}

function firstOf(line: ReadonlyMap<string, Standing> | undefined): Standing | undefined {
  return line?.values().next().value;
}
