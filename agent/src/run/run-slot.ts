/**
 * The slot of one run on this agent, as its flow's calls tell of it.
 *
 *   held --(children.await is answered: waiting)--> given --(children.resume is asked)--> returning
 *     ^                                               ^                                      |
 *     |                                               '---(the answer: not yet)--------------+
 *     '----------------------------------------------------(the answer: resumed)-------------'
 *
 * A run that waits for a child uses no slot here, but a process. On its way back it is asked for only once there is a
 * free slot, which no claim is made for meanwhile. What is journalled survives the agent: a waiting parent that was
 * counted as running would keep its child from ever being claimed.
 */
import type { Ask } from '../session.ts';

export type SlotState = 'held' | 'given' | 'returning';

export interface RunSlotOptions {
  readonly ask: Ask;
  /** Resolves when a slot of the agent is free for a run that returns; the run is `returning` meanwhile. */
  readonly untilFree: (signal: AbortSignal) => Promise<void>;
  /** It changed; `isGiven` goes to the journal. */
  readonly onChange: (isGiven: boolean) => void;
  /** After the agent's restart: how the journal left it. */
  readonly isGiven: boolean;
}

interface CallBody {
  readonly op?: { readonly name?: unknown };
}

/** Made once: Node's own reason comes with a trace of the stack, for each run. */
const OVER = new Error('the run is over');

export class RunSlot {
  readonly #options: RunSlotOptions;
  /** Made by who waits. */
  #over: AbortController | null = null;
  #isOver = false;
  #state: SlotState;

  constructor(options: RunSlotOptions) {
    this.#options = options;
    this.#state = options.isGiven ? 'given' : 'held';
  }

  get state(): SlotState {
    return this.#state;
  }

  /** The run is over: it waits for no slot any more. */
  close(): void {
    this.#isOver = true;
    this.#over?.abort(OVER);
  }

  /** Asks the control plane for the flow, and heeds what the answer says of the slot. */
  readonly ask: Ask = async (verb, body, timeoutMs) => {
    const { name } = (body as CallBody).op ?? {};
    if (name === 'children.await') {
      const reply = await this.#options.ask(verb, body, timeoutMs);
      if ((reply as { waiting?: unknown } | null)?.waiting === true) this.#become('given');
      return reply;
    }
    if (name === 'children.resume') return this.#return(() => this.#options.ask(verb, body, timeoutMs));
    return this.#options.ask(verb, body, timeoutMs);
  };

  async #return(ask: () => Promise<unknown>): Promise<unknown> {
    if (this.#state === 'given') {
      this.#become('returning');
      this.#over ??= new AbortController();
      if (this.#isOver) this.#over.abort(OVER);
      await this.#options.untilFree(this.#over.signal);
    }
    try {
      const reply = await ask();
      if ((reply as { resumed?: unknown } | null)?.resumed === true) this.#become('held');
      return reply;
    } finally {
      // Not yet, or nobody answered: the slot is somebody else's until the flow asks again.
      if (this.#state === 'returning') this.#become('given');
    }
  }

  #become(state: SlotState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onChange(state !== 'held');
  }
}
