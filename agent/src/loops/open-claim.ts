/**
 * The one claim of this agent that is open. It is said in several messages (asked for, standing, beside reports), all under one id: the
 * database gives runs to an id once, and what is asked again reads the same answer. The first answer that comes here counts.
 */
import { randomUUID } from 'node:crypto';
import { type ClaimedRun, claimedRunSchema, claimReplySchema, type IdleRenewal, renewFirstSchema } from '@signalbox/proto/messages';
import { z } from 'zod';
import { type AgentParts, observeTimeline } from '../agent-parts.ts';
import { monotonicMs } from '../bell.ts';

const FREE_MOST = 1_000;
/** An answer that was sent as its time ended may come so much later. */
const ANSWER_MS = 5_000;

/** A run this build cannot read must not cost the ones beside it. */
const looseReplySchema = claimReplySchema.extend({ runs: z.array(z.unknown()) });

export interface Outcome {
  readonly count: number;
  /** There is more than was given. */
  readonly more: boolean;
  /** What the message said that was answered. */
  readonly said: Said;
  /** It was carried out before, for another message. */
  readonly isRepeat: boolean;
}

/** What a message says of a claim. */
export interface Said {
  readonly claimId: string;
  readonly free: number;
  readonly warm: ReadonlyArray<{ digest: string; count: number }>;
}

/** How a claim stands. */
export interface Stance {
  /** Id of the pool. */
  readonly pool: string;
  readonly waitMs: number;
  readonly answerBy: 'command' | 'reply';
  readonly renewal?: IdleRenewal | undefined;
  /** The control plane has something to tell: a renewal is to be asked for. */
  readonly onRenew: () => void;
}

export class OpenClaim {
  readonly id = randomUUID();
  readonly session: number;
  readonly #parts: AgentParts;
  readonly #outcome = Promise.withResolvers<Outcome>();
  #standing: { readonly untilMs: number; readonly forget: () => void }[] = [];
  #firstSentAtMs: number | null = null;
  #lastSaid: Said | null = null;
  #isOver = false;

  constructor(parts: AgentParts, session: number) {
    this.#parts = parts;
    this.session = session;
    // Who does not wait for it is told by the runs themselves.
    this.#outcome.promise.catch(() => {});
  }

  /** Answered, or given up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get outcome(): Promise<Outcome> {
    return this.#outcome.promise;
  }

  /** What the latest message said of it; slots are kept for it until it is over. Null: none was sent. */
  get lastSaid(): Said | null {
    return this.#lastSaid;
  }

  /** What a message says of it now, null when nothing may be claimed. The slots it asks for are kept for it from here on. */
  say(): Said | null {
    const { runs } = this.#parts;
    const free = Math.min(runs.free, FREE_MOST);
    if (free === 0 || this.#isOver) return null;
    this.#firstSentAtMs ??= monotonicMs();
    runs.claiming = free;
    this.#lastSaid = { claimId: this.id, free, warm: runs.warmSoon() };
    return this.#lastSaid;
  }

  /** Says it as one that stands; `said` is what `say` gave. False: there is no connection. */
  stand(said: Said, { pool, waitMs, answerBy, renewal, onRenew }: Stance): boolean {
    const sentAtMs = monotonicMs();
    const body = { v: 1, session: this.session, ...said, pool, waitMs: Math.ceil(waitMs), renewal };
    const forget = this.#parts.channel.stand(body, answerBy, (reply) => {
      if (renewFirstSchema.safeParse(reply).success) onRenew();
      else this.answer(reply, said, sentAtMs);
    });
    if (!forget) return false;
    for (const one of this.#standing) if (one.untilMs < sentAtMs) one.forget();
    this.#standing = this.#standing.filter(({ untilMs }) => untilMs >= sentAtMs);
    this.#standing.push({ untilMs: sentAtMs + waitMs + ANSWER_MS, forget });
    return true;
  }

  /** An answer to the message that was sent at `sentAtMs`. */
  answer(raw: unknown, said: Said, sentAtMs: number): void {
    if (this.#isOver) return;
    this.#close();
    this.#outcome.resolve(this.#take(raw, said, sentAtMs));
  }

  /** Nothing is heard of it any more. What it may have brought goes back by itself, since no renewal names it. */
  giveUp(): void {
    if (this.#isOver) return;
    this.#close();
    this.#parts.runs.claiming = 0;
  }

  #close(): void {
    this.#isOver = true;
    for (const { forget } of this.#standing) forget();
    this.#parts.doorbell.look();
  }

  async #take(raw: unknown, said: Said, sentAtMs: number): Promise<Outcome> {
    const parts = this.#parts;
    try {
      const reply = looseReplySchema.parse(raw);
      await observeTimeline(parts, reply.timeline);
      const runs = reply.runs.map((one) => readRun(parts, one)).filter((run) => run !== null);
      const grantedFromMs = reply.heldMs === undefined ? (this.#firstSentAtMs ?? sentAtMs) : sentAtMs + reply.heldMs;
      if (runs.length > 0) await parts.runs.take(runs, grantedFromMs);
      return { count: reply.runs.length, more: reply.more, said, isRepeat: reply.heldMs === undefined };
    } finally {
      parts.runs.claiming = 0;
    }
  }
}

/** The claim that is open in this session: the same one until it is over. */
export class ClaimDesk {
  #claim: OpenClaim | null = null;
  /** When the lease was last renewed beside a claim. */
  renewedAtMs = Number.NEGATIVE_INFINITY;

  /** Whether slots are kept for a claim that is open. */
  get keepsSlots(): boolean {
    return this.#claim !== null && !this.#claim.isOver && this.#claim.lastSaid !== null;
  }

  open(parts: AgentParts, session: number): OpenClaim {
    if (this.#claim?.session !== session) this.#claim?.giveUp();
    if (!this.#claim || this.#claim.isOver) this.#claim = new OpenClaim(parts, session);
    return this.#claim;
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
