/** What agents ask of dispatch: runs, and the permit to start one. */
import { toId, toUuid } from '@signalbox/proto';
import { faultPoint } from '@signalbox/proto/faults';
import { type ClaimedRun, type ClaimReply, claimSchema, type PermitReply, permitSchema } from '@signalbox/proto/messages';
import { renderJob } from '../../domain/layers/pool-template.ts';
import { agentRevoked, parseBody, sessionOver } from '../../platform/agent-requests.ts';
import type { AgentAddress } from '../../platform/bus.ts';
import { retried } from '../../platform/db.ts';
import { claimedRuns, claims, permits, runTransitions } from '../../platform/metrics.ts';
import { sqlOfClient } from '../../platform/sql.ts';
import { afterCommit } from './after-commit.ts';
import { type ClaimGate, openClaimGate } from './claim-gate.ts';
import { resolveCollision } from './collisions.ts';
import type { DispatchCtx } from './settings.ts';
import { type ClaimedRow, claimRuns, grantPermit } from './store/claim-runs.ts';

/** TERM, then this long, then KILL, unless the deployment says otherwise. */
const DEFAULT_GRACE_MS = 30_000;

/** Answers `claim` and `permit`. */
export function serveDispatch(ctx: DispatchCtx): void {
  const gate = openClaimGate(ctx);
  ctx.bus.serve('claim', (from, body) => answerClaim(ctx, gate, from, body));
  ctx.bus.serve('permit', (from, body) => answerPermit(ctx, from, body));
}

type Sender = Pick<AgentAddress, 'workspaceId' | 'agentId'>;

export async function answerClaim(ctx: DispatchCtx, gate: ClaimGate, from: Sender, body: unknown): Promise<ClaimReply> {
  const { session, claimId, free, warm } = parseBody(claimSchema, body);
  faultPoint('claim-asked');
  const idle = await gate.nothingFor({ ...from, claimId });
  if (idle) {
    claims.inc({ outcome: 'empty' });
    return { runs: [], more: false, timeline: idle.timeline };
  }
  const { prefetchMs, startReportMs, leaseMs } = ctx.settings;
  const request = { ...from, session, claimId, free, warm, prefetchMs, startReportMs, leaseMs };
  const answer = await retried(() => claimRuns(sqlOfClient(ctx.db.reportSql), request));
  if (answer.refused === 'session') throw sessionOver(session, answer.session ?? 0);
  if (answer.refused) throw agentRevoked();
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
  return { runs: answer.runs.map((row) => toClaimedRun(ctx, from, row)), more: answer.more, timeline: answer.timeline };
}

export async function answerPermit(ctx: DispatchCtx, from: Sender, body: unknown): Promise<PermitReply> {
  const { session, requestId, run, epoch } = parseBody(permitSchema, body);
  faultPoint('permit-asked');
  const runId = toUuid('run', run);
  const request = { ...from, session, requestId, runId, epoch, startReportMs: ctx.settings.startReportMs };
  const answer = await retried(() => grantPermit(sqlOfClient(ctx.db.reportSql), request));
  faultPoint('permit-committed');
  permits.inc({ answer: answer.answer });
  if (answer.answer !== 'granted') return answer;
  if (answer.changed) {
    runTransitions.inc({ state: 'RUNNING' });
    void afterCommit(ctx, [{ kind: 'live', workspaceId: from.workspaceId, runId }]);
  }
  return { answer: 'granted', token: ctx.runTokens.sign({ workspaceId: from.workspaceId, runId, epoch }) };
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
