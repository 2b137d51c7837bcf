/**
 * Takes work: on an offer, at the word that a run was woken, again at once while claims give all they were asked for, and by itself
 * every 20 to 40 s whatever happens to offers, so that no agent can be deaf. An offer is acknowledged after its claim: the claim is what counts.
 */
import { randomUUID } from 'node:crypto';
import { type ClaimedRun, claimedRunSchema, claimReplySchema } from '@signalbox/proto/messages';
import { z } from 'zod';
import { type AgentParts, observeTimeline } from '../agent-parts.ts';
import { monotonicMs } from '../bell.ts';
import { Backoff, jittered } from '../channel/backoff.ts';
import { type Offer, RefusedError, SilenceError } from '../channel/channel.ts';

const CLAIM_TIMEOUT_MS = 2_000;
/** A claim id is repeated so long; then what it may have brought goes back by itself, since no renewal names it. */
const CLAIM_REPEAT_MS = 60_000;
const FREE_MOST = 1_000;
const LOOK_AGAIN_MS = 1_000;
/** When it claims next, if nothing else tells it to. */
type Next = 'now' | 'soon' | 'when-told';
/** A waiting run starts later by at most this. */
const GATHER_MS = 4;

/** A run this build cannot read must not cost the ones beside it. */
const looseReplySchema = claimReplySchema.extend({ runs: z.array(z.unknown()) });

export async function claimLoop(parts: AgentParts, signal: AbortSignal): Promise<void> {
  const trouble = new Backoff(250, 10_000);
  let next: Next = 'now';
  while (!signal.aborted) {
    parts.status.note('claims', 'all slots are taken');
    if (!(await parts.runs.until((runs) => runs.free > 0, signal))) return;
    const session = await parts.session.get(signal);
    if (!session) return;
    try {
      if (next === 'now') await gatherRoom(parts, signal);
      const offer = next === 'now' ? null : await waitForReason(parts, next, signal);
      if (signal.aborted || !parts.session.current || parts.runs.free === 0) continue;
      next = await claim(parts, signal);
      offer?.acknowledge();
      trouble.reset();
    } catch (error) {
      next = 'when-told';
      parts.status.note('claims', String(error));
      if (!(error instanceof SilenceError)) parts.log.warn({ error: String(error) }, 'a claim failed');
      const wait = error instanceof RefusedError ? error.body.retryAfterMs : undefined;
      await parts.reconnected.wait(signal, wait ?? trouble.next());
    }
  }
}

/**
 * In a flood of short runs a claim for each freed slot would cost more than the runs: waits a moment for half of them, and
 * for processes that are about to serve again, since a run that finds one warm is granted with the claim.
 */
async function gatherRoom({ runs }: AgentParts, signal: AbortSignal): Promise<void> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(GATHER_MS)]);
  await runs.until(({ free, slots, returning }) => free >= slots / 2 && returning === 0, patience);
}

/** Returns when an offer came, when it is time to look without one (null), or when the session changed (null). */
async function waitForReason(parts: AgentParts, next: Next, signal: AbortSignal): Promise<Offer | null> {
  const session = parts.session.current;
  if (!session) return null;
  parts.status.note('claims', 'waiting for an offer');
  const untilMs = monotonicMs() + (next === 'soon' ? LOOK_AGAIN_MS : jittered(session.claimEveryMs));
  return parts.doorbell.wait(session.offers, untilMs, () => parts.session.current !== session, signal);
}

/**
 * One claim for all free slots. There is more when it gave all that was asked for, or was cut short; when it gave some, a run that
 * somebody held locked just then may be left behind.
 */
async function claim(parts: AgentParts, signal: AbortSignal): Promise<Next> {
  const free = Math.min(parts.runs.free, FREE_MOST);
  if (free === 0) return 'when-told';
  parts.status.note('claims', `claiming for ${free} slots`);
  const body = { claimId: randomUUID(), free, warm: parts.runs.warm.ready() };
  const sentAtMs = monotonicMs();
  parts.runs.claiming = free;
  try {
    const { count, more } = await takeAnswer(parts, body, sentAtMs, signal);
    if (more || count >= free) return 'now';
    return count > 0 ? 'soon' : 'when-told';
  } finally {
    parts.runs.claiming = 0;
  }
}

async function takeAnswer(parts: AgentParts, body: object, sentAtMs: number, signal: AbortSignal) {
  const reply = looseReplySchema.parse(await askUntilAnswered(parts, body, sentAtMs, signal));
  await observeTimeline(parts, reply.timeline);
  const runs = reply.runs.map((raw) => readRun(parts, raw)).filter((run) => run !== null);
  if (runs.length > 0) await parts.runs.take(runs, sentAtMs);
  return { count: reply.runs.length, more: reply.more };
}

/** The same claim id again and again: if it was done and only the answer was lost, the same answer comes. */
async function askUntilAnswered(parts: AgentParts, body: object, sentAtMs: number, signal: AbortSignal): Promise<unknown> {
  const backoff = new Backoff(250, 5_000);
  for (;;) {
    try {
      return await parts.session.ask('claim', body, CLAIM_TIMEOUT_MS);
    } catch (error) {
      const isSilence = error instanceof SilenceError;
      const isBusy = error instanceof RefusedError && error.body.code === 'UNAVAILABLE';
      if ((!isSilence && !isBusy) || signal.aborted || monotonicMs() - sentAtMs > CLAIM_REPEAT_MS) throw error;
      await parts.reconnected.wait(signal, backoff.next());
    }
  }
}

function readRun(parts: AgentParts, raw: unknown): ClaimedRun | null {
  const parsed = claimedRunSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const { run, epoch } = (raw ?? {}) as { run?: unknown; epoch?: unknown };
  // Not named in any renewal, it goes back to be claimed by an agent that understands it.
  parts.log.error({ run, epoch, problem: parsed.error.message }, 'a claimed run that this agent cannot read was left');
  return null;
}
