/**
 * The way to the control plane, as the loops see it. One adapter speaks NATS; another may speak HTTPS.
 *
 * Silence is normal: across NATS accounts an absent control plane shows as a timeout, never as "nobody there".
 */

import type { ErrorBody } from '@signalbox/proto';
import type { AgentVerb, CommandVerb } from '@signalbox/proto/subjects';

/** What a request that brought no `ok` is about. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly body: ErrorBody;

  constructor(body: ErrorBody) {
    super(`${body.code}: ${body.message}`);
    this.body = body;
  }
}

/** No answer in time, or no connection: the request may or may not have been done. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError';
}

export interface Command {
  readonly verb: CommandVerb | 'all';
  readonly body: unknown;
}

export interface Offer {
  /** Takes the offer off the queue. Lost acknowledgements cost one empty claim. */
  acknowledge(): void;
}

export interface ChannelStatus {
  readonly isConnected: boolean;
  readonly detail: string;
}

export interface Channel {
  /** The `ok` of the answer, unchecked. A Buffer is sent as it is. @throws RefusedError, SilenceError */
  request(verb: AgentVerb, body: object | Buffer, timeoutMs: number): Promise<unknown>;
  /** The next offer of this pool, null when none came in time, the connection moved, or on abort. */
  nextOffer(where: { stream: string; consumer: string }, timeoutMs: number, signal: AbortSignal): Promise<Offer | null>;
  /**
   * Sends a claim that stands, answered by a command or, by older control planes, as a request is. `onAnswer` is called with the `ok` of its
   * answer, once or never; the function returned forgets it. Null: there is no connection.
   */
  stand(body: object, answerBy: 'command' | 'reply', onAnswer: (ok: unknown) => void): (() => void) | null;
  onCommand(listener: (command: Command) => void): void;
  /** Called at each change; a reconnection is the time to look after everything at once. */
  onStatus(listener: (status: ChannelStatus) => void): void;
  readonly status: ChannelStatus;
  close(): Promise<void>;
}
