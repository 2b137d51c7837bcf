/** What agents ask of dispatch: runs, and the permit to start one. */
import { toId, toUuid } from '@signalbox/proto';
import { faultPoint } from '@signalbox/proto/faults';
import {
  type Claim,
  type ClaimedRun,
  type ClaimReply,
  claimSchema,
  type IdleRenewal,
  type PermitReply,
  permitSchema,
  standSchema,
} from '@signalbox/proto/messages';
import { renderJob } from '../../domain/layers/pool-template.ts';
import { agentRevoked, parseBody, sessionOver } from '../../platform/agent-requests.ts';
import { retried } from '../../platform/db.ts';
import { claimedRuns, claims, permits, runTransitions } from '../../platform/metrics.ts';
import type { GiveAtOnce, WithCommit } from '../../platform/services.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { afterCommit } from './after-commit.ts';
import { type ClaimGate, openClaimGate, openStandingLooks } from './claim-gate.ts';
import { resolveCollision } from './collisions.ts';
import type { DispatchCtx } from './settings.ts';
import { type CarryOutClaim, openStandingClaims, type Reserved, type Sender } from './standing-claims.ts';
import {
  type Carried,
  type ClaimAnswer,
  type ClaimedRow,
  type ClaimRequest,
  claimRuns,
  claimRunsInside,
  grantPermit,
} from './store/claim-runs.ts';

/** TERM, then this long, then KILL, unless the deployment says otherwise. */
const DEFAULT_GRACE_MS = 30_000;

export type Dispatch = {
  readonly claim: CarryOutClaim;
  readonly giveAtOnce: GiveAtOnce;
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
  return { claim, giveAtOnce, gone: standing.gone, stop: async () => standing.stop() };
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

async function carryOutClaim(
  ctx: DispatchCtx,
  gate: ClaimGate,
  from: Sender,
  claim: Omit<Claim, 'v'>,
  receivedAtMs: number,
): Promise<ClaimReply> {
  faultPoint('claim-asked');
  const heldMs = heldSince(receivedAtMs);
  const answer = await retried(() => claimRuns(sqlOfClient(ctx.db.reportSql), requestOf(ctx, from, claim)));
  if (answer.refused === 'session') throw sessionOver(claim.session, answer.session ?? 0);
  if (answer.refused) throw agentRevoked();
  return tellClaimed(ctx, gate, from, answer, heldMs);
}

/** A claim that stands, carried out behind what makes work for it. Where another claim of the pool is under way it is not waited for. */
function claimWithCommit(ctx: DispatchCtx, gate: ClaimGate, { from, claim, receivedAtMs, settle }: Reserved, poolId: string): WithCommit {
  let answer: ClaimAnswer | null = null;
  const heldMs = heldSince(receivedAtMs);
  return {
    async send(sql) {
      faultPoint('claim-asked');
      answer = await claimRunsInside(sql, requestOf(ctx, from, claim), poolId);
    },
    settled(isCommitted) {
      settle(isCommitted && answer && !answer.refused ? tellClaimed(ctx, gate, from, answer, heldMs) : null);
    },
  };
}

function heldSince(receivedAtMs: number): number {
  return Math.max(0, Math.floor(performance.now() - receivedAtMs));
}

function requestOf(ctx: DispatchCtx, from: Sender, { session, claimId, free, warm }: Omit<Claim, 'v'>): ClaimRequest {
  const { prefetchMs, startReportMs, leaseMs } = ctx.settings;
  return { ...from, session, claimId, free, warm, prefetchMs, startReportMs, leaseMs };
}

/** What follows the commit of a claim, and what its agent is told. */
function tellClaimed(ctx: DispatchCtx, gate: ClaimGate, from: Sender, answer: Carried, heldMs: number): ClaimReply {
  if (answer.runs.length > 0) faultPoint('claim-committed');

  gate.answered(from, answer.runs.length);
  claims.inc({ outcome: answer.repeated ? 'repeated' : answer.runs.length > 0 ? 'runs' : 'empty' });
  const moved = answer.repeated ? [] : answer.runs;
  claimedRuns.inc(moved.length);
  for (const limit of answer.collisions ?? []) void resolveCollision(ctx, limit);
  for (const run of moved) runTransitions.inc({ state: run.granted ? 'RUNNING' : 'PENDING' });
  void afterCommit(
    ctx,
    moved.map(({ runId }) => ({ kind: 'live', workspaceId: from.workspaceId, runId })),
  );
  const runs = answer.runs.map((row) => toClaimedRun(ctx, from, row));
  return { runs, more: answer.more, timeline: answer.timeline, ...(answer.repeated ? {} : { heldMs }) };
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

function toClaimedRun(ctx: DispatchCtx, { workspaceId }: Sender, row: ClaimedRow): ClaimedRun {
  const { config, runId, epoch } = row;
  return {
    run: toId('run', row.runId),
    epoch: row.epoch,
    name: row.name,
    attempt: row.attempt,
    flow: { id: toId('flow', row.flowId), name: row.flowName },
    deployment: { id: toId('deployment', row.deploymentId), name: row.deploymentName },
    digest: row.digest,
    source: row.source,
    launcher: row.launcher,
    variables: renderJob(row.pool, config.variables, row.variables),
    isolation: config.isolation ?? 'fresh',
    ...(row.parameters ? { parameters: row.parameters } : {}),
    tags: row.tags,
    dueAt: row.dueAt,
    dueInMs: row.dueInMs,
    timeoutMs: config.timeoutMs ?? null,
    graceMs: config.graceMs ?? DEFAULT_GRACE_MS,
    startTimeoutMs: row.startTimeoutMs,
    retry: config.retry ?? { retries: 0, delaysMs: [] },
    replayFloor: row.replayFloor,
    parent: row.parent ? toId('run', row.parent) : null,
    granted: row.granted,
    ...(row.granted ? { token: ctx.runTokens.sign({ workspaceId, runId, epoch }) } : {}),
  };
}
