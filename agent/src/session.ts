/**
 * The session a `hello` opened, and requests made within it. A newer hello of the same identity (a cloned disk, a restored
 * snapshot) fences this one: the control plane then refuses, and the session loop says hello again.
 */
import type { HelloReply } from '@signalbox/proto/messages';
import type { AgentVerb } from '@signalbox/proto/subjects';
import { Bell, monotonicMs } from './bell.ts';
import { type Channel, RefusedError, SilenceError } from './channel/channel.ts';
import type { ServerClock } from './server-clock.ts';

/** A request of the current session: `v` and `session` are added. Waits for a session first, within the time. */
export type Ask = (verb: AgentVerb, body: object, timeoutMs: number) => Promise<unknown>;

/** Codes by which a control plane says "not in this session": hello is said again, with patience. */
const SESSION_IS_OVER: ReadonlySet<string> = new Set(['PRECONDITION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN']);

/** The position a refused batch should have begun with; null when the refusal is about something else. */
export function expectedPosition(error: unknown): number | null {
  if (!(error instanceof RefusedError)) return null;
  const { reason, expected } = error.body.details ?? {};
  return reason === 'gap' && typeof expected === 'number' ? expected : null;
}

export class Session {
  readonly #channel: Channel;
  readonly #clock: ServerClock;
  readonly #changed = new Bell();
  #current: HelloReply | null = null;

  constructor(channel: Channel, clock: ServerClock) {
    this.#channel = channel;
    this.#clock = clock;
  }

  get current(): HelloReply | null {
    return this.#current;
  }

  open(hello: HelloReply): void {
    this.#current = hello;
    this.#changed.ring();
  }

  /** The session is refused or in doubt. */
  end(): void {
    this.#current = null;
    this.#changed.ring();
  }

  /** Resolves at the next change, or on abort. */
  async change(signal: AbortSignal): Promise<void> {
    await this.#changed.wait(signal);
  }

  /** The session, waited for. Null on abort only. */
  async get(signal: AbortSignal): Promise<HelloReply | null> {
    while (!this.#current && !signal.aborted) await this.#changed.wait(signal);
    return this.#current;
  }

  readonly ask: Ask = async (verb, body, timeoutMs) => {
    const session = this.#current ?? (await this.get(AbortSignal.timeout(timeoutMs)));
    // Asked without one, the request would be refused as malformed, which some take for the last word.
    if (!session) throw new SilenceError(`${verb}: no session was opened within ${timeoutMs} ms`);
    return await this.askRaw(verb, { v: 1, session: session.session, ...body }, timeoutMs);
  };

  /** For bodies that carry their session already. */
  async askRaw(verb: AgentVerb, body: object | Buffer, timeoutMs: number): Promise<unknown> {
    const sentAtMs = monotonicMs();
    try {
      const reply = await this.#channel.request(verb, body, timeoutMs);
      const { serverTime } = (reply ?? {}) as { serverTime?: unknown };
      if (typeof serverTime === 'string') this.#clock.observe(serverTime, sentAtMs);
      return reply;
    } catch (error) {
      const isOver = error instanceof RefusedError && SESSION_IS_OVER.has(error.body.code) && expectedPosition(error) === null;
      if (isOver) this.end();
      throw error;
    }
  }
}
