/** How claims are carried out: by themselves, or in a transaction that makes or frees what they are given. */
import { toId } from '@signalbox/proto';
import { faultPoint } from '@signalbox/proto/faults';
import type { Claim, ClaimedRun, ClaimReply } from '@signalbox/proto/messages';
import { renderJob } from '../../domain/layers/pool-template.ts';
import { agentRevoked, sessionOver } from '../../platform/agent-requests.ts';
import { retried } from '../../platform/db.ts';
import { claimedRuns, claims, runTransitions } from '../../platform/metrics.ts';
import type { WithCommit } from '../../platform/services.ts';
import { type Sql, sqlOfClient } from '../../platform/sql.ts';
import { type AfterCommit, afterCommit, isFreeing } from './after-commit.ts';
import type { ClaimGate } from './claim-gate.ts';
import { resolveCollision } from './collisions.ts';
import type { DispatchCtx } from './settings.ts';
import type { Reserved, Sender } from './standing-claims.ts';
import {
  type Carried,
  type ClaimAnswer,
  type ClaimedRow,
  type ClaimRequest,
  claimFreedInside,
  claimRuns,
  claimRunsInside,
  type FreedAnswer,
} from './store/claim-runs.ts';

/** TERM, then this long, then KILL, unless the deployment says otherwise. */
const DEFAULT_GRACE_MS = 30_000;

/** By itself. @throws what the claim was refused for. */
export async function carryOutClaim(
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

/** A claim that stands, behind what makes work for it. Where another claim of the pool is under way it is not waited for. */
export function claimWithCommit(
  ctx: DispatchCtx,
  gate: ClaimGate,
  { from, claim, receivedAtMs, settle }: Reserved,
  poolId: string,
): WithCommit {
  let answer: ClaimAnswer | null = null;
  const heldMs = heldSince(receivedAtMs);
  return {
    async send(sql) {
      faultPoint('claim-asked');
      answer = await claimRunsInside(sql, requestOf(ctx, from, claim), poolId);
    },
    settled(isCommitted) {
      settle(isCommitted ? tellOrNull(ctx, gate, from, answer, heldMs) : null);
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

/** The same behind a commit of others, which must not seem to have failed: null where it cannot be told, and the agent asks for it under its id. */
function tellOrNull(ctx: DispatchCtx, gate: ClaimGate, from: Sender, answer: ClaimAnswer | null, heldMs: number): ClaimReply | null {
  if (!answer || answer.refused) return null;
  try {
    return tellClaimed(ctx, gate, from, answer, heldMs);
  } catch (error) {
    ctx.log.warn({ err: error, agentId: from.agentId }, 'what a claim was given could not be told');
    return null;
  }
}

/** What a claim beside reports came to in their transaction: `rest` is what they freed that is still to be told of. */
export type GivenFreed = { readonly reply: ClaimReply | null; readonly rest: readonly AfterCommit[] };
export type ClaimFreed = {
  /** Behind the moves that free; every statement is on its way when it returns. */
  send(sql: Sql): Promise<unknown>;
  /** Once that is committed. */
  given(): GivenFreed;
};
/** Null: nothing was freed that a claim in this very transaction could take. */
export type GiveFreed = (
  from: Sender,
  claim: Omit<Claim, 'v'>,
  receivedAtMs: number,
  poolId: string,
  effects: readonly AfterCommit[],
) => ClaimFreed | null;

/** Limits whose slots one transaction gives on by itself. */
const FREED_MOST = 8;

export function giveFreed(ctx: DispatchCtx, gate: ClaimGate): GiveFreed {
  return (from, claim, receivedAtMs, poolId, effects) => {
    const freeing = effects.filter(isFreeing);
    if (freeing.length === 0 || freeing.length > FREED_MOST) return null;
    const limits = freeing.flatMap((effect) => (effect.kind === 'wake' ? [effect] : []));
    const isPoolFreed = freeing.some((effect) => effect.kind === 'offer' && effect.poolId === poolId);
    const heldMs = heldSince(receivedAtMs);
    let freed: FreedAnswer | null = null;
    return {
      async send(sql) {
        freed = await claimFreedInside(sql, requestOf(ctx, from, claim), { poolId, isPoolFreed, limits });
      },
      given() {
        if (!freed) return { reply: null, rest: freeing };
        const { answer, woken, missed } = freed;
        const reply = tellOrNull(ctx, gate, from, answer, heldMs);
        const others = freeing.filter((effect) => effect.kind === 'offer' && effect.poolId !== poolId);
        const pools = woken.map((id): AfterCommit => ({ kind: 'offer', workspaceId: from.workspaceId, poolId: id }));
        return { reply, rest: missed ? freeing : [...others, ...pools] };
      },
    };
  };
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
