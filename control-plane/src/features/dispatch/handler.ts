/** What agents ask of dispatch: runs, and the permit to start one. */
import { toUuid } from '@signalbox/proto';
import { faultPoint } from '@signalbox/proto/faults';
import { type ClaimReply, claimSchema, type IdleRenewal, type PermitReply, permitSchema, standSchema } from '@signalbox/proto/messages';
import { parseBody } from '../../platform/agent-requests.ts';
import { retried } from '../../platform/db.ts';
import { claims, permits, runTransitions } from '../../platform/metrics.ts';
import type { GiveAtOnce } from '../../platform/services.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { afterCommit } from './after-commit.ts';
import { carryOutClaim, claimWithCommit, type GiveFreed, giveFreed } from './carry-out-claim.ts';
import { type ClaimGate, openClaimGate, openStandingLooks } from './claim-gate.ts';
import type { DispatchCtx } from './settings.ts';
import { type CarryOutClaim, openStandingClaims, type Sender } from './standing-claims.ts';
import { grantPermit } from './store/claim-runs.ts';

export type Dispatch = {
  readonly claim: CarryOutClaim;
  readonly giveAtOnce: GiveAtOnce;
  readonly giveFreed: GiveFreed;
  /** The connection of this agent has gone. */
  gone(agentId: string): void;
  stop(): Promise<void>;
};

/** Renews the lease beside a claim that stands. True: the agent is to ask for a renewal first. */
type RenewIdle = (from: Sender, session: number, renewal: IdleRenewal) => Promise<boolean>;

/** Answers `claim`, `stand` and `permit`. */
export function serveDispatch(ctx: DispatchCtx, renewIdle: RenewIdle): Dispatch {
  const gate = openClaimGate(ctx);
  const looks = openStandingLooks(ctx);
  const claim: CarryOutClaim = (from, asked, receivedAtMs) => carryOutClaim(ctx, gate, from, asked, receivedAtMs);
  const standing = openStandingClaims(ctx, claim);
  ctx.bus.serve('claim', (from, body) => answerClaim(ctx, gate, from, body));
  ctx.bus.serve('stand', async (from, body) => {
    const said = parseBody(standSchema, body);
    const { answerTo, renewal, session } = said;
    const answered = standing.stand(from, said);
    if (renewal) {
      void renewIdle(from, session, renewal).then((isWanted) => isWanted && standing.renewFirst(from, said));
      void looks({ ...from, claimId: said.claimId }).then(
        (isIdle) => (isIdle ? undefined : standing.carryOut(from, said)),
        () => {},
      );
    }
    if (answerTo === undefined) return answered;
    const ok = await answered;
    if (ok !== null) await ctx.bus.command(from.workspaceId, from.agentId, 'answer', { v: 1, answerTo, ok });
  });
  ctx.bus.serve('permit', (from, body) => answerPermit(ctx, from, body));
  ctx.bus.takeNudges(standing.take);
  ctx.bus.onLost(standing.stop);
  const giveAtOnce: GiveAtOnce = (work) => {
    const reserved = standing.reserve(work);
    return reserved && claimWithCommit(ctx, gate, reserved, work.poolId);
  };
  return { claim, giveAtOnce, giveFreed: giveFreed(ctx, gate), gone: standing.gone, stop: async () => standing.stop() };
}

export async function answerClaim(ctx: DispatchCtx, gate: ClaimGate, from: Sender, body: unknown): Promise<ClaimReply> {
  const receivedAtMs = performance.now();
  const claim = parseBody(claimSchema, body);
  const idle = await gate.nothingFor({ ...from, claimId: claim.claimId });
  if (idle) {
    claims.inc({ outcome: 'empty' });
    return { runs: [], more: false, timeline: idle.timeline };
  }
  return carryOutClaim(ctx, gate, from, claim, receivedAtMs);
}

export async function answerPermit(ctx: DispatchCtx, from: Sender, body: unknown): Promise<PermitReply> {
  const { session, requestId, run, epoch, aheadMs = 0 } = parseBody(permitSchema, body);
  faultPoint('permit-asked');
  const runId = toUuid('run', run);
  const request = { ...from, session, requestId, runId, epoch, startReportMs: ctx.settings.startReportMs, aheadMs };
  const answer = await retried(() => grantPermit(sqlOfClient(ctx.db.reportSql), request));
  faultPoint('permit-committed');
  permits.inc({ answer: answer.answer });
  if (answer.answer !== 'granted') return answer;
  if (answer.changed) {
    runTransitions.inc({ state: 'RUNNING' });
    void afterCommit(ctx, [{ kind: 'live', workspaceId: from.workspaceId, runId }]);
  }
  return { answer: 'granted', inMs: answer.inMs, token: ctx.runTokens.sign({ workspaceId: from.workspaceId, runId, epoch }) };
}
