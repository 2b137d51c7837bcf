/**
 * Requests `state` and `bulk` of agents: parse, wait for a place in the next group, answer after the commit. Each
 * channel has its own line, so that logs never hold states up.
 */

import { toId } from '@signalbox/proto';
import type { LiveEvent } from '@signalbox/proto/api';
import { faultPoint } from '@signalbox/proto/faults';
import type { ClaimReply, ReportReply } from '@signalbox/proto/messages';
import type { Timings } from '../../domain/run-snapshot.ts';
import type { AgentHandler, Bus } from '../../platform/bus.ts';
import { classifyError } from '../../platform/classify-error.ts';
import type { Db } from '../../platform/db.ts';
import { reportEntries, reportGroupSize, reportSeconds } from '../../platform/metrics.ts';
import type { UsageMeter } from '../../platform/usage.ts';
import { type AfterCommitCtx, afterCommit, afterFreeing, type CarryOutClaim, type GiveFreed, isFreeing } from '../dispatch/index.ts';
import { type Batch, type Channel, parseBatch } from './batch.ts';
import { coalesce } from './coalesce.ts';
import { limitLogs } from './limit-logs.ts';
import type { Outcome, Touched } from './store-group.ts';
import { type Store, storeOrSplit } from './store-or-split.ts';

export type ReportDeps = {
  readonly db: Pick<Db, 'reportSql' | 'systemSql'>;
  readonly bus: AfterCommitCtx['bus'];
  readonly log: AfterCommitCtx['log'] & Store['log'];
  readonly settings: Timings;
  readonly usage: UsageMeter;
  /** Carries out the claim that comes beside reports; absent: agents claim by themselves. */
  readonly claim?: CarryOutClaim;
  /** Carries it out in the transaction of the reports, where that frees what it can be given. */
  readonly giveFreed?: GiveFreed;
};
/** `bytes`: length of the message, by which groups are bounded too. */
export type Reports = { readonly [C in Channel]: (from: Batch['from'], body: unknown, bytes: number) => Promise<ReportReply> };

/** An entry's own work weighs as much as so many bytes. */
const BYTES_AN_ENTRY = 800;
/** Bounds of a group: some 20 ms of Postgres' work, at most 8 MB of messages; and of what waits behind it, at most 64 MB. */
const GROUP = {
  maxItems: 64,
  maxWeight: 10_000,
  maxWaiting: 2_000,
  maxWaitingWeight: 80_000,
  weightOf: ({ entries, bytes }: Batch) => Math.max(entries.length, bytes / BYTES_AN_ENTRY),
};

export function openReports(deps: ReportDeps): Reports {
  return { state: openChannel('state', deps), bulk: openChannel('bulk', deps) };
}

/** Answers both verbs on the bus. */
export function serveReports(bus: Pick<Bus, 'serve'>, deps: ReportDeps): void {
  const reports = openReports(deps);
  bus.serve('state', reports.state satisfies AgentHandler);
  bus.serve('bulk', reports.bulk satisfies AgentHandler);
}

function openChannel(channel: Channel, deps: ReportDeps): Reports[Channel] {
  const store = coalesce((batches: readonly Batch[]) => storeAndTell(channel, batches, deps), GROUP);
  return async (from, body, bytes) => {
    const parsed = parseBatch(from, channel, body, bytes);
    const batch = channel === 'bulk' ? limitLogs(parsed, deps.usage) : parsed;
    const { reply, error, poolId, woken, given } = await store(batch).catch((failure: unknown) => {
      throw classifyError(failure) ?? failure;
    });
    if (error) throw error;
    count(batch, reply);
    if (given) return { ...reply, claim: given };
    if (poolId === undefined || !(await woken)?.has(poolId)) return reply;
    const claim = await claimBeside(deps, batch);
    return claim ? { ...reply, claim } : { ...reply, woken: true };
  };
}

/** Null: there was none, or it failed; the agent claims by itself. */
async function claimBeside(deps: ReportDeps, { from, session, claim, receivedAtMs }: Batch): Promise<ClaimReply | null> {
  if (!claim || !deps.claim) return null;
  try {
    return await deps.claim(from, { session, ...claim }, receivedAtMs);
  } catch (error) {
    deps.log.warn({ err: error, agentId: from.agentId }, 'a claim beside reports failed');
    return null;
  }
}

/** `woken`: pools of which runs may go on now; null when nothing was freed. `given`: to the claim beside it, with its commit. */
type Told = Outcome & { readonly woken: Promise<ReadonlySet<string>> | null; readonly given: ClaimReply | null };
/** An answer waits no longer for those it may tell of. */
const WOKEN_WITHIN_MS = 100;

async function storeAndTell(channel: Channel, batches: readonly Batch[], deps: ReportDeps): Promise<readonly Told[]> {
  reportGroupSize.observe({ channel }, batches.length);
  if (channel === 'state') faultPoint('state-reported');
  const stopTimer = reportSeconds.startTimer({ channel });
  const {
    outcomes,
    effects,
    touched,
    claim = null,
  } = await storeOrSplit({ reportSql: deps.db.reportSql, timings: deps.settings, log: deps.log, give: deps.giveFreed }, batches);
  stopTimer();
  if (channel === 'state') faultPoint('state-committed');
  const pools = new Set(outcomes.flatMap(({ poolId }) => poolId ?? []));
  const woken = effects.some(isFreeing) ? within(afterFreeing(deps, effects, pools)) : null;
  // Hints; replies do not wait for them, and they do not stand in the way of who waits for a slot.
  const hints = effects.filter((effect) => !isFreeing(effect));
  void (woken ?? Promise.resolve()).then(() => afterCommit(deps, hints));
  tellLive(deps.bus, touched);
  return outcomes.map((outcome) => ({ ...outcome, woken, given: claim }));
}

async function within(woken: Promise<ReadonlySet<string>>): Promise<ReadonlySet<string>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ReadonlySet<string>>((resolve) => {
    timer = setTimeout(() => resolve(new Set()), WOKEN_WITHIN_MS);
  });
  return Promise.race([woken.catch(() => new Set<string>()), late]).finally(() => clearTimeout(timer));
}

/** One event a run, however much was told of it. */
function tellLive(bus: ReportDeps['bus'], touched: readonly Touched[]): void {
  const byRun = new Map<string, { workspaceId: string; what: Set<Touched['what']> }>();
  for (const { workspaceId, runId, what } of touched) {
    const known = byRun.get(runId) ?? { workspaceId, what: new Set() };
    byRun.set(runId, known);
    known.what.add(what);
  }
  for (const [runId, { workspaceId, what }] of byRun) {
    bus.live(workspaceId, { kind: 'run', id: toId('run', runId), what: [...what] } satisfies LiveEvent);
  }
}

function count({ channel, entries }: Batch, { exceptions }: ReportReply): void {
  const refused = exceptions.filter(({ verdict }) => verdict === 'refused').length;
  reportEntries.inc({ channel, verdict: 'refused' }, refused);
  reportEntries.inc({ channel, verdict: 'duplicate' }, exceptions.length - refused);
  reportEntries.inc({ channel, verdict: 'applied' }, entries.length - exceptions.length);
}
