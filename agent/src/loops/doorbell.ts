/**
 * Why an agent looks for work: an offer came, or the answer to a report said that a run of its pool was woken. One pull for offers
 * stands open across claims: what it brings in the middle of one is not lost, and the server keeps no forgotten ones.
 */
import { Bell, monotonicMs, pause } from '../bell.ts';
import { Backoff } from '../channel/backoff.ts';
import type { Channel, Offer } from '../channel/channel.ts';

/** Where offers are pulled, and how long a pull stands at most. */
export type Offers = { readonly stream: string; readonly consumer: string; readonly pullMs: number };

export class Doorbell {
  readonly #channel: Pick<Channel, 'nextOffer'>;
  readonly #changed = new Bell();
  /** Short: where the server has just come back, its consumers serve a moment later. */
  readonly #empty = new Backoff(100, 1_000);
  #isWoken = false;
  #isPulling = false;
  #offer: Offer | null = null;
  #error: unknown = null;

  constructor(channel: Pick<Channel, 'nextOffer'>) {
    this.#channel = channel;
  }

  /** There is work: whoever waits claims at once, and who claims just now claims again. */
  wake(): void {
    this.#isWoken = true;
    this.#changed.ring();
  }

  /** Whoever waits looks whether it is over. */
  look(): void {
    this.#changed.ring();
  }

  /** An offer, or null for any other reason to look: woken, `isOver`, or time is up. @throws what pulling threw. */
  async wait(where: Offers, untilMs: number, isOver: () => boolean, signal: AbortSignal): Promise<Offer | null> {
    for (;;) {
      if (this.#error !== null) {
        const error = this.#error;
        this.#error = null;
        throw error;
      }
      // What came stays for the next wait: it may be about newer work than whatever ended this one.
      if (isOver()) return null;
      const offer = this.#offer;
      const leftMs = untilMs - monotonicMs();
      if (offer || this.#isWoken || leftMs <= 0 || signal.aborted) {
        this.#offer = null;
        this.#isWoken = false;
        return offer;
      }
      if (!this.#isPulling) void this.#pull(where, leftMs, signal);
      await this.#changed.wait(signal, leftMs);
    }
  }

  async #pull(where: Offers, leftMs: number, signal: AbortSignal): Promise<void> {
    this.#isPulling = true;
    const beganMs = monotonicMs();
    try {
      this.#offer = await this.#channel.nextOffer(where, Math.min(where.pullMs, leftMs), signal);
      // A consumer that answers "no" at once is gone or full; the claim by itself bounds what that costs.
      if (this.#offer === null && monotonicMs() - beganMs < 1_000) await pause(Math.min(this.#empty.next(), leftMs), signal);
      else this.#empty.reset();
    } catch (error) {
      this.#error = error;
    }
    this.#isPulling = false;
    this.#changed.ring();
  }
}
