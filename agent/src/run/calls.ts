/**
 * Carries what a flow asks to the control plane, and the answer back. A call is repeated through silence and through
 * `UNAVAILABLE` for as long as the run lives: an outage of ours costs the flow time, not an error. What it asks for is
 * not looked at here.
 */
import type { ErrorBody } from '@signalbox/proto';
import type { FromChild, RunEpoch, ToChild } from '@signalbox/proto/messages';
import { MESSAGE_MAX_BYTES } from '@signalbox/proto/messages';
import { pause } from '../bell.ts';
import { Backoff } from '../channel/backoff.ts';
import { RefusedError } from '../channel/channel.ts';
import type { Ask } from '../session.ts';

type CallFrame = Extract<FromChild, { type: 'call' }>;
type Answer = Extract<ToChild, { type: 'answer' }>;

const TIMEOUT_MS = 5_000;
/** Room for what the supervisor adds to an operation. */
const OP_MAX_BYTES = MESSAGE_MAX_BYTES - 2_048;
/** Refusals that say nothing of the operation: this agent's session is in doubt, or the control plane is. */
const PASSING: ReadonlySet<string> = new Set(['UNAVAILABLE', 'INTERNAL', 'PRECONDITION_FAILED', 'UNAUTHENTICATED']);
/** A failure of ours that comes so often in a row will not pass. */
const INTERNAL_TRIES = 5;
/** A rate of the workspace that is used up fills again within its minute: the flow waits. Over the quota of a day it is told. */
const LONGEST_WAIT_MS = 60_000;
/** Made once: an abort without a reason makes an error with a stack, at the end of every run. */
const OVER = new Error('the run is over');

export interface RunCallsOptions {
  readonly ask: Ask;
  readonly run: RunEpoch;
  readonly answer: (frame: Answer) => void;
}

export class RunCalls {
  readonly #options: RunCallsOptions;
  /** Made by the first call: most runs make none. */
  #over: AbortController | null = null;
  #isOver = false;
  /** Calls on their way; a child that reconnects tells them again. */
  readonly #open = new Set<number>();

  constructor(options: RunCallsOptions) {
    this.#options = options;
  }

  ask({ id, op }: CallFrame): void {
    if (this.#isOver || this.#open.has(id)) return;
    this.#open.add(id);
    void this.#carry(id, op).finally(() => this.#open.delete(id));
  }

  /** The run is over: nothing is asked or answered any more. */
  close(): void {
    this.#isOver = true;
    this.#over?.abort(OVER);
  }

  async #carry(id: number, op: CallFrame['op']): Promise<void> {
    const bytes = Buffer.byteLength(JSON.stringify(op));
    if (bytes > OP_MAX_BYTES) {
      const message = `${op.name}: expected at most ${OP_MAX_BYTES} bytes of JSON, got ${bytes}`;
      return this.#options.answer({ type: 'answer', id, error: { code: 'INVALID_INPUT', message } });
    }
    this.#over ??= new AbortController();
    const { signal } = this.#over;
    const backoff = new Backoff(100, 5_000);
    let failures = 0;
    while (!signal.aborted) {
      try {
        const ok = await this.#options.ask('call', { ...this.#options.run, op }, TIMEOUT_MS);
        if (!signal.aborted) this.#options.answer({ type: 'answer', id, ok });
        return;
      } catch (error) {
        const isRefusal = error instanceof RefusedError;
        if (isRefusal && error.body.code === 'INTERNAL') failures++;
        const waitMs = isRefusal ? shortWaitOf(error.body) : null;
        if (isRefusal && waitMs === null && (!PASSING.has(error.body.code) || failures >= INTERNAL_TRIES)) {
          if (!signal.aborted) this.#options.answer({ type: 'answer', id, error: error.body });
          return;
        }
        await pause(Math.max(backoff.next(), waitMs ?? 0), signal);
      }
    }
  }
}

/** How long to wait for a limit that comes back by itself soon; null: it does not. */
function shortWaitOf({ code, retryAfterMs }: ErrorBody): number | null {
  return code === 'LIMIT_EXCEEDED' && retryAfterMs !== undefined && retryAfterMs <= LONGEST_WAIT_MS ? retryAfterMs : null;
}
