/**
 * Where a run can stand still. A task that is about to begin passes a gate; it is closed while the run is paused by a
 * person, and for good once the process is to leave. What runs goes on to its end: a process leaves when nothing runs.
 * Tasks called by a task pass freely, since the one that called them could not end without them.
 */
import { randomUUID } from 'node:crypto';
import type { PausedTime, PauseKind, PauseReply } from '@signalbox/proto/messages';
import type { Calls } from './calls.ts';

export interface HoldEvents {
  /** The clock of the flow's timeout stands still, or goes on. */
  paused(time: PausedTime): void;
  /** Nothing runs any more: the process may go. */
  leave(): void;
}

export class Holds {
  readonly #events: HoldEvents;
  readonly #counts = { pause: 0, suspend: 0, approve: 0 };
  #running = 0;
  #waits = 0;
  #totalMs = 0;
  #pausedAtMs = 0;
  /** A person's pause that is to begin at the next task. */
  #asked: string | null = null;
  #handled = new Set<string>();
  #gate: Promise<void> | null = null;
  #isLeaving = false;
  #hasLeft = false;
  /** Whether the code stands at a place from which it can leave: at the gate, or in a pause. */
  #standing = 0;

  constructor(events: HoldEvents) {
    this.#events = events;
  }

  get time(): PausedTime {
    return { totalMs: Math.round(this.#totalMs), isPaused: this.#waits > 0 };
  }

  /** `pause-1`, `suspend-1`: the same on every replay that pauses in the same order. */
  nextKey(how: PauseKind | 'approve'): string {
    this.#counts[how]++;
    return `${how}-${this.#counts[how]}`;
  }

  /** A person asks; told again after a reconnection. */
  ask(how: PauseKind, key: string): void {
    if (how === 'suspend') this.#isLeaving = true;
    else if (!this.#handled.has(key)) this.#asked = key;
    this.#tryToLeave();
  }

  /** Before a task begins. Null: at once. */
  gate(calls: Calls, signal: AbortSignal): Promise<void> | null {
    if (this.#isLeaving) return this.#stand(new Promise(() => {}), signal);
    if (this.#asked !== null && this.#gate === null) {
      const key = this.#asked;
      this.#asked = null;
      this.#handled.add(key);
      this.#gate = this.#pauseByHand(key, calls, signal).finally(() => {
        this.#gate = null;
      });
      this.#gate.catch(() => {});
    }
    return this.#gate;
  }

  begun(): void {
    this.#running++;
  }

  ended(): void {
    this.#running--;
    this.#tryToLeave();
  }

  /** Waits for a person; the timeout of the flow does not run meanwhile. */
  async paused<T>(wait: Promise<T>, signal: AbortSignal): Promise<T> {
    this.#waits++;
    if (this.#waits === 1) {
      this.#pausedAtMs = performance.now();
      this.#events.paused(this.time);
    }
    try {
      return await this.#stand(wait, signal);
    } finally {
      this.#waits--;
      if (this.#waits === 0) {
        this.#totalMs += performance.now() - this.#pausedAtMs;
        this.#events.paused(this.time);
      }
    }
  }

  /** The process leaves once nothing runs. Never resolves: what comes after is another process's. @throws the signal's reason */
  async leave(signal: AbortSignal): Promise<never> {
    this.#isLeaving = true;
    return this.#stand(new Promise<never>(() => {}), signal);
  }

  async #stand<T>(wait: Promise<T>, signal: AbortSignal): Promise<T> {
    this.#standing++;
    this.#tryToLeave();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([wait, aborted]);
    } finally {
      this.#standing--;
      signal.removeEventListener('abort', onAbort);
    }
  }

  #tryToLeave(): void {
    if (!this.#isLeaving || this.#hasLeft || this.#running > 0 || this.#standing === 0) return;
    this.#hasLeft = true;
    this.#events.leave();
  }

  /** What is refused here stops no task: the wish is repeated by the agent, or was taken back. */
  async #pauseByHand(key: string, calls: Calls, signal: AbortSignal): Promise<void> {
    const op = { name: 'pause', requestId: randomUUID(), how: 'pause', key, message: null, timeoutMs: null, inputSchema: null } as const;
    try {
      const reply = (await calls.call(op, signal)) as PauseReply;
      if (reply.status === 'waiting') await this.paused(waitForAnswer(key, calls, signal), signal);
    } catch (error) {
      if (signal.aborted) throw error;
    }
  }
}

/** What became of the question of this key. */
export async function waitForEnd(key: string, calls: Calls, signal: AbortSignal): Promise<Exclude<PauseReply, { status: 'waiting' }>> {
  const reply = await calls.waitFor<PauseReply>({ name: 'pauseAnswer', key }, ({ status }) => status !== 'waiting', signal);
  if (reply.status === 'waiting') throw new Error(`no answer to "${key}"`);
  return reply;
}

/** What a person answered to the question of this key. */
export async function waitForAnswer(key: string, calls: Calls, signal: AbortSignal): Promise<Extract<PauseReply, { status: 'answered' }>> {
  const reply = await waitForEnd(key, calls, signal);
  if (reply.status !== 'answered') throw new Error(`no answer to "${key}"`);
  return reply;
}
