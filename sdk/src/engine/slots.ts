/**
 * Slots of named limits, taken for a run: asked for through its calls, given back in the background. A request goes
 * in line here -> asked -> waits -> granted -> given back; whoever gives up, for whatever reason, gives back.
 */
import type { AcquireSlotsReply, ReleaseSlotsReply } from '@signalbox/proto/messages';
import { LimitTimeoutError, UnknownLimitError } from '../errors.ts';
import type { Clock } from './clock.ts';
import type { EngineContext } from './context.ts';
import type { RunSession } from './session.ts';
import { Turnstile } from './turnstile.ts';

/** Who takes. */
export type Taker = Pick<EngineContext, 'session' | 'task' | 'signal'>;

export interface SlotRequest {
  readonly limits: readonly string[];
  readonly slots: number;
  readonly strict: boolean;
  readonly rateOnly: boolean;
  /** Null: as long as it takes. 0: asks once. */
  readonly timeoutMs: number | null;
  /** Names that nobody made a limit of are worth a warning. */
  readonly warns: boolean;
  /** There is no room: once, with the limits that are full. */
  readonly onWait?: (full: readonly string[]) => void;
}

/** Slots that are held. Releasing twice is once. */
export interface HeldSlots {
  release(): void;
}

/** Requests of one run for the same limits that stand in the line of all; more wait here. Each wake asks for so many. */
const ASKED_AT_ONCE = 4;
/** With a timeout of 0 the answer may still take so long. */
const ANSWER_WITHIN_MS = 10_000;
/** A request waits so long for the run's own giving back of the same limits, which may make room for it. */
const GIVEN_BACK_WITHIN_MS = 2_000;
/** How long a name is taken for unlimited, where nobody asked for it by name (task tags). */
const UNKNOWN_FOR_MS = 5_000;

const NOTHING: HeldSlots = { release: () => {} };

const desks = new WeakMap<RunSession, SlotDesk>();
let hasSaidLocal = false;

/** @throws LimitTimeoutError, UnknownLimitError, SignalboxError when it is refused, or the reason of the context's signal. */
export function takeSlots(ctx: Taker, request: SlotRequest): Promise<HeldSlots> {
  return deskOf(ctx.session).take(ctx, request);
}

/** Gives back whatever the run still holds. */
export function closeSlots(session: RunSession): void {
  desks.get(session)?.close();
}

function deskOf(session: RunSession): SlotDesk {
  const known = desks.get(session) ?? new SlotDesk(session);
  desks.set(session, known);
  return known;
}

/** Those of a run that want the same limits. */
interface Line {
  readonly turnstile: Turnstile;
  /** What the last answer found full; null: it granted. */
  full: readonly string[] | null;
  /** Those that do not ask yet: told when somebody who asks has to wait. */
  readonly queued: Set<(full: readonly string[]) => void>;
}

class SlotDesk {
  readonly #session: RunSession;
  readonly #lines = new Map<string, Line>();
  readonly #open = new Map<string, readonly string[]>();
  readonly #givingBack = new Map<Promise<unknown>, readonly string[]>();
  readonly #unknownUntilMs = new Map<string, number>();
  readonly #warned = new Set<string>();

  constructor(session: RunSession) {
    this.#session = session;
  }

  async take(ctx: Taker, request: SlotRequest): Promise<HeldSlots> {
    if (this.#wanted(request).length === 0) return NOTHING;
    const key = JSON.stringify([...request.limits].sort());
    const line = this.#lines.get(key) ?? { turnstile: new Turnstile(ASKED_AT_ONCE), full: null, queued: new Set() };
    this.#lines.set(key, line);
    const time = timeLimit(request, ctx.signal, this.#session.clock);
    try {
      const onWait = once(request.onWait);
      await this.#enter(line, time.signal, onWait);
      try {
        // What the first of the line learnt, the next need not ask.
        const limits = this.#wanted(request);
        if (limits.length === 0) return NOTHING;
        await this.#untilGivenBack(limits, time.signal);
        return await this.#ask(ctx, { ...request, limits }, line, time.signal, onWait);
      } finally {
        line.turnstile.leave();
        if (line.turnstile.isIdle) this.#lines.delete(key);
      }
    } finally {
      time.clear();
    }
  }

  /** Limits that nobody asked for by name are left out while they are known not to be there. */
  #wanted({ limits, warns }: SlotRequest): readonly string[] {
    return warns ? limits : limits.filter((name) => !this.#isUnknown(name));
  }

  async #enter(line: Line, signal: AbortSignal, onWait: (full: readonly string[]) => void): Promise<void> {
    if (!line.turnstile.isOpen && line.full) onWait(line.full);
    line.queued.add(onWait);
    try {
      await line.turnstile.enter(signal);
    } finally {
      line.queued.delete(onWait);
    }
  }

  close(): void {
    for (const id of this.#open.keys()) this.#giveBack(id);
  }

  async #ask(
    { task }: Taker,
    request: SlotRequest,
    line: Line,
    signal: AbortSignal,
    onWait: (full: readonly string[]) => void,
  ): Promise<HeldSlots> {
    const requestId = crypto.randomUUID();
    const wait = request.timeoutMs !== 0;
    const { slots, strict, rateOnly } = request;
    const op = {
      name: 'slots.acquire' as const,
      requestId,
      limits: [...request.limits],
      slots,
      strict,
      rateOnly,
      wait,
      task: task && { ordinal: task.ordinal, name: task.name },
    };
    const isDone = (answer: AcquireSlotsReply) => {
      line.full = answer.granted ? null : answer.full;
      if (!answer.granted && wait) for (const tell of [onWait, ...line.queued]) tell(answer.full);
      return answer.granted || !wait;
    };
    this.#open.set(requestId, request.limits);
    try {
      const answer = await this.#session.calls.waitFor<AcquireSlotsReply>(op, isDone, signal, (waiting) => waiting.retryInMs);
      if (!answer.granted) throw timedOut(answer.full, 0);
      this.#heed(answer, request);
      signal.throwIfAborted();
    } catch (error) {
      this.#giveBack(requestId);
      throw toLimitError(error);
    }
    // A rate has nothing to give back.
    if (rateOnly) this.#open.delete(requestId);
    return { release: () => this.#giveBack(requestId) };
  }

  /** In the background: it is repeated through outages while the run lives, and the run's end frees everything. */
  #giveBack(requestId: string): void {
    const limits = this.#open.get(requestId);
    if (!limits) return;
    this.#open.delete(requestId);
    const { calls } = this.#session;
    const done = calls.call({ name: 'slots.release', requestId }, new AbortController().signal).then(
      (reply) => (reply as ReleaseSlotsReply).yours && calls.wake(),
      () => {},
    );
    this.#givingBack.set(done, limits);
    void done.then(() => this.#givingBack.delete(done));
  }

  async #untilGivenBack(limits: readonly string[], signal: AbortSignal): Promise<void> {
    const same = [...this.#givingBack].filter(([, names]) => names.some((name) => limits.includes(name))).map(([done]) => done);
    if (same.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, GIVEN_BACK_WITHIN_MS);
    const onAbort = () => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    await Promise.race([Promise.all(same), promise]);
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }

  #heed({ unknown, ...answer }: AcquireSlotsReply, { warns }: SlotRequest): void {
    if ('local' in answer && !hasSaidLocal) {
      hasSaidLocal = true;
      this.#session.log('info', 'no agent: limits hold within this process alone', { task: null, system: true });
    }
    for (const name of unknown) {
      this.#unknownUntilMs.set(name, performance.now() + UNKNOWN_FOR_MS);
      if (!warns || this.#warned.has(name)) continue;
      this.#warned.add(name);
      const how = `signalbox limits create ${name} --slots 1, or in code limit({ name: '${name}', slots: 1 })`;
      this.#session.log('warn', `there is no limit "${name}", so nothing is limited by it; make it with ${how}`, {
        task: null,
        system: true,
      });
    }
  }

  #isUnknown(name: string): boolean {
    return (this.#unknownUntilMs.get(name) ?? 0) > performance.now();
  }
}

/** A signal that aborts with the context's, and with a LimitTimeoutError when the time is over. */
function timeLimit({ timeoutMs, limits }: SlotRequest, outer: AbortSignal, clock: Clock): { signal: AbortSignal; clear: () => void } {
  if (timeoutMs === null) return { signal: outer, clear: () => {} };
  const controller = new AbortController();
  const cancel = clock.after(timeoutMs === 0 ? ANSWER_WITHIN_MS : timeoutMs, () => controller.abort(timedOut(limits, timeoutMs)));
  return { signal: AbortSignal.any([outer, controller.signal]), clear: cancel };
}

function once(tell: SlotRequest['onWait']): (full: readonly string[]) => void {
  let isTold = false;
  return (full) => {
    if (!isTold) tell?.(full);
    isTold = true;
  };
}

function timedOut(limits: readonly string[], timeoutMs: number): LimitTimeoutError {
  return new LimitTimeoutError(limits, timeoutMs);
}

function toLimitError(error: unknown): unknown {
  const unknown = (error as { details?: { unknown?: string[] } } | null)?.details?.unknown;
  return Array.isArray(unknown) ? new UnknownLimitError((error as Error).message, { limits: unknown, cause: error }) : error;
}
