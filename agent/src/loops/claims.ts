/**
 * Takes work: by a claim that stands until there is some, on an offer, at the word that a run was woken, again at once while claims give all
 * they were asked for, and by itself every 20 to 40 s whatever happens to offers, so that no agent can be deaf. An offer is acknowledged
 * after its claim: the claim is what counts.
 */
import type { HelloReply } from '@signalbox/proto/messages';
import type { AgentParts } from '../agent-parts.ts';
import { monotonicMs, pause } from '../bell.ts';
import { Backoff, jittered } from '../channel/backoff.ts';
import { type Offer, RefusedError, SilenceError } from '../channel/channel.ts';
import { idleRenewal } from './leases.ts';
import type { OpenClaim, Said } from './open-claim.ts';

const CLAIM_TIMEOUT_MS = 2_000;
/** The first try over a connection that has just come back. */
const FIRST_TIMEOUT_MS = 300;
/** A claim id is repeated so long; then what it may have brought goes back by itself, since no renewal names it. */
const CLAIM_REPEAT_MS = 60_000;
const LOOK_AGAIN_MS = 1_000;
/** How long a pull for offers stands; longer where an idle agent that a server forgot without a word is not deaf. */
const PULL_MS = 20_000;
const IDLE_PULL_MS = 300_000;
/** How often it claims by itself beside a claim that is looked at. */
const CLAIM_SELDOM_MS = 600_000;
/** Made once: Node's own reason comes with a trace of the stack. */
const OVER = new Error('it is over');

/** When it claims next, if nothing else tells it to. */
type Next = 'now' | 'soon' | 'when-told';
/** A waiting run starts later by at most this. */
const GATHER_MS = 4;
/** A claim that stands is said again so soon after what it says has changed. */
const SAY_AGAIN_MS = 3;
/** It stands so much longer than until it is said again. */
const STAND_ON_MS = 1_000;

export async function claimLoop(parts: AgentParts, signal: AbortSignal): Promise<void> {
  const trouble = new Backoff(250, 10_000);
  let next: Next = 'now';
  let offer: Offer | null = null;
  while (!signal.aborted) {
    parts.status.note('claims', 'all slots are taken');
    // A run that wants its slot back gets none while they are kept for an open claim: that is brought to its end first.
    const isTimeToEnd = () => parts.runs.isSlotWanted && parts.claims.keepsSlots;
    if (!(await parts.runs.until((runs) => runs.free > 0 || isTimeToEnd(), signal))) return;
    const session = await parts.session.get(signal);
    if (!session) return;
    const claim = parts.claims.open(parts, session.session);
    try {
      if (next === 'now') await gatherRoom(parts, signal);
      else offer = await waitForReason(parts, next, session, claim, signal);
      const wasGiven = claim.isOver;
      if (signal.aborted || (!wasGiven && (parts.session.current !== session || (parts.runs.free === 0 && !isTimeToEnd())))) continue;
      next = await carryOut(parts, claim, session.standMs !== undefined, signal);
      offer?.acknowledge();
      offer = null;
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
  await runs.until(({ free, slots, returning }) => free >= slots / 2 && returning === 0, signal, GATHER_MS);
}

/**
 * Returns when an offer came, or null: when the claim, which stands meanwhile, was answered, when it is time to look without any word,
 * when a run wants its slot back, or when the connection or the session changed.
 */
async function waitForReason(
  parts: AgentParts,
  next: Next,
  session: HelloReply,
  claim: OpenClaim,
  signal: AbortSignal,
): Promise<Offer | null> {
  parts.status.note('claims', 'waiting for an offer');
  // What an idle agent lets stand is looked at as it is said, and one that nobody hears is seen to be offline.
  const isLookedAt = session.idleEveryMs !== undefined && parts.runs.holding().length === 0;
  const byItselfMs = isLookedAt ? CLAIM_SELDOM_MS : jittered(session.claimEveryMs);
  const untilMs = monotonicMs() + (next === 'soon' ? LOOK_AGAIN_MS : byItselfMs);
  const { status } = parts.channel;
  // Over another connection no answer comes to what stands: it is asked for, under its id.
  const isOver = () => parts.session.current !== session || claim.isOver || parts.runs.isSlotWanted || parts.channel.status !== status;
  const over = new AbortController();
  if (session.standMs !== undefined) void letStand(parts, claim, session, session.standMs, AbortSignal.any([signal, over.signal]));
  try {
    const pullMs = session.idleEveryMs === undefined ? PULL_MS : IDLE_PULL_MS;
    return await parts.doorbell.wait({ ...session.offers, pullMs }, untilMs, isOver, signal);
  } finally {
    over.abort(OVER);
  }
}

/**
 * Says the claim, and again when it has stood for its time or what it says has changed. What an agent says that holds nothing stands longer,
 * renews the lease, and is looked at by who hears it: nothing else is said then.
 */
async function letStand(parts: AgentParts, claim: OpenClaim, session: HelloReply, standMs: number, signal: AbortSignal): Promise<void> {
  let told = '';
  let untilMs = 0;
  while (!signal.aborted && !claim.isOver) {
    if (parts.runs.isSlotWanted) return parts.doorbell.look();
    const said = claim.say();
    const text = JSON.stringify(said);
    if (said && (text !== told || monotonicMs() >= untilMs)) {
      const waitMs = stand(parts, claim, said, session, standMs);
      told = text;
      untilMs = monotonicMs() + waitMs;
    }
    await parts.runs.change(signal, said ? untilMs - monotonicMs() : standMs);
    await pause(SAY_AGAIN_MS, signal);
  }
}

/** Answers for how long it stands. */
function stand(parts: AgentParts, claim: OpenClaim, said: Said, { pool, idleEveryMs, renewEveryMs }: HelloReply, standMs: number): number {
  const nowMs = monotonicMs();
  const isIdle = idleEveryMs !== undefined && parts.runs.holding().length === 0;
  const waitMs = isIdle ? jittered(idleEveryMs) : standMs;
  // A flood of short runs says its claim often.
  const renews = isIdle && nowMs - parts.claims.renewedAtMs >= renewEveryMs;
  const wasSaid = claim.stand(said, {
    pool: pool.id,
    waitMs: isIdle ? waitMs + STAND_ON_MS : waitMs,
    answerBy: idleEveryMs === undefined ? 'reply' : 'command',
    ...(renews ? { renewal: idleRenewal(parts) } : {}),
    onRenew: () => {
      parts.claims.renewedAtMs = Number.NEGATIVE_INFINITY;
      // What it was given may have missed us: it is asked for under its id.
      parts.doorbell.wake();
    },
  });
  if (renews && wasSaid) parts.claims.renewedAtMs = nowMs;
  return waitMs;
}

/**
 * One claim for all free slots. There is more when it gave all that was asked for, or was cut short; when it gave some, a run that
 * somebody held locked just then may be left behind.
 */
async function carryOut(parts: AgentParts, claim: OpenClaim, maySayTwice: boolean, signal: AbortSignal): Promise<Next> {
  const said = claim.isOver ? null : (claim.say() ?? claim.lastSaid);
  if (said) {
    parts.status.note('claims', `claiming for ${said.free} slots`);
    await askUntilAnswered(parts, claim, said, signal);
  } else if (!claim.isOver) return 'when-told';
  const { count, more, said: answered, isRepeat } = await claim.outcome;
  // Carried out for another message: maybe before there was the work for which it was asked now.
  if (said && maySayTwice && (answered !== said || isRepeat)) return 'now';
  if (more || count >= answered.free) return 'now';
  return count > 0 ? 'soon' : 'when-told';
}

/** The same claim id again and again: if it was done and only the answer was lost, the same answer comes. */
async function askUntilAnswered(parts: AgentParts, claim: OpenClaim, said: Said, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff(100, 5_000);
  const untilMs = monotonicMs() + CLAIM_REPEAT_MS;
  let timeoutMs = CLAIM_TIMEOUT_MS;
  while (!claim.isOver) {
    const sentAtMs = monotonicMs();
    try {
      const reply = await askOnce(parts, claim, said, timeoutMs);
      if (reply !== null) claim.answer(reply, said, sentAtMs);
      return;
    } catch (error) {
      const isSilence = error instanceof SilenceError;
      const isBusy = error instanceof RefusedError && error.body.code === 'UNAVAILABLE';
      if ((!isSilence && !isBusy) || signal.aborted || sentAtMs > untilMs) {
        claim.giveUp();
        throw error;
      }
      // After an outage of NATS the control plane may come back a moment later than this agent, and hears nothing until then.
      timeoutMs = parts.channel.status.isConnected ? Math.min(timeoutMs * 2, CLAIM_TIMEOUT_MS) : FIRST_TIMEOUT_MS;
      await parts.reconnected.wait(signal, backoff.next());
    }
  }
}

/** Null: answered another way. A connection that was lost meanwhile brings no answer any more. */
async function askOnce(parts: AgentParts, claim: OpenClaim, said: Said, timeoutMs: number): Promise<unknown> {
  const over = new AbortController();
  const answered = claim.outcome.then(
    () => null,
    () => null,
  );
  const moved = parts.reconnected.wait(over.signal).then(() => {
    throw new SilenceError('claim: the connection was lost');
  });
  try {
    return await Promise.race([parts.session.ask('claim', said, timeoutMs), answered, moved]);
  } finally {
    moved.catch(() => {});
    over.abort(OVER);
  }
}
