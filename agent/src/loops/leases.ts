/**
 * Renews, every 10 s, the leases of all runs held, by count and hash; the full list when asked for, in as many messages as it
 * takes. The answer also says what to cancel and what is not ours any more. No answer changes nothing: runs go on.
 */
import {
  type AgentStatusReport,
  type HelloReply,
  type IdleRenewal,
  type RenewReply,
  RUNS_PER_MESSAGE,
  renewReplySchema,
  type Stretch,
} from '@signalbox/proto/messages';
import { type AgentParts, observeTimeline } from '../agent-parts.ts';
import { monotonicMs } from '../bell.ts';
import { SilenceError } from '../channel/channel.ts';
import type { HoldingPage } from '../run/holding-page.ts';
import { oomWatch } from '../run/oom-kills.ts';

const TIMEOUT_MS = 3_000;
const RETRY_MS = 1_500;
/** A claim that renews is said so much later than it should be, at most, before a renewal is asked for. */
const IDLE_LATE_MS = 2_000;

export async function leaseLoop(parts: AgentParts, signal: AbortSignal): Promise<void> {
  let sendFull = false;
  while (!signal.aborted) {
    const session = await parts.session.get(signal);
    if (!session) return;
    let waitMs = session.renewEveryMs;
    try {
      const reply = await renew(parts, sendFull);
      sendFull = reply.sendFull && !sendFull;
      if (sendFull) continue;
      parts.status.note('leases', `renewed ${parts.runs.holding().length} runs`);
    } catch (error) {
      parts.status.note('leases', String(error));
      if (!(error instanceof SilenceError)) parts.log.warn({ error: String(error) }, 'a renewal failed');
      waitMs = Math.min(RETRY_MS, waitMs);
    }
    await untilTurn(parts, session, waitMs, signal);
  }
}

async function untilTurn(parts: AgentParts, session: HelloReply, waitMs: number, signal: AbortSignal): Promise<void> {
  do {
    oomWatch.look();
    if (await parts.reconnected.wait(signal, waitMs)) return;
  } while (!signal.aborted && isRenewedByClaims(parts, session));
}

/** An agent that holds nothing renews with the claims that it lets stand. */
function isRenewedByClaims({ runs, claims }: AgentParts, { idleEveryMs }: HelloReply): boolean {
  return idleEveryMs !== undefined && runs.holding().length === 0 && monotonicMs() - claims.renewedAtMs < idleEveryMs.max + IDLE_LATE_MS;
}

/** Beside a claim that stands. */
export function idleRenewal(parts: AgentParts): IdleRenewal {
  return { clock: new Date().toISOString(), timeline: parts.status.timeline, status: statusOf(parts) };
}

function statusOf({ runs, spool, status }: AgentParts): AgentStatusReport {
  return {
    free: runs.free,
    warm: runs.warm.ready().length,
    spoolBytes: spool.bytes,
    draining: status.draining !== null,
    rssBytes: process.memoryUsage.rss(),
  };
}

/** One message, or as many as the lists need. Answers the last reply. */
export async function renew(parts: AgentParts, full: boolean): Promise<RenewReply> {
  const { runs, spool } = parts;
  const started = spool.startedUntold();
  for (let after: Stretch['after'] = null, isListed = !full; ; ) {
    // Each page is what is held as it is sent: a run that was taken since the one before is not left out.
    const page: HoldingPage | null = isListed ? null : runs.holdingPage(after);
    const reply = await send(parts, {
      ...(page ? { holding: page.holding, ...(after === null && page.stretch.upTo === null ? {} : { stretch: page.stretch }) } : {}),
      started: started.splice(0, RUNS_PER_MESSAGE),
    });
    after = page?.stretch.upTo ?? null;
    isListed = after === null;
    if (isListed && started.length === 0) return reply;
  }
}

async function send(parts: AgentParts, lists: object): Promise<RenewReply> {
  const { runs } = parts;
  const body = {
    count: runs.holding().length,
    hash: runs.holdingHash(),
    ...lists,
    clock: new Date().toISOString(),
    status: statusOf(parts),
  };
  const reply = renewReplySchema.parse(await parts.session.ask('renew', body, TIMEOUT_MS));
  await observeTimeline(parts, reply.timeline);
  for (const run of reply.notYours) runs.fence(run);
  for (const run of reply.cancel) runs.cancel(run);
  for (const request of reply.hold ?? []) runs.hold(request);
  parts.setDraining('the control plane asks for it', reply.drain);
  return reply;
}
