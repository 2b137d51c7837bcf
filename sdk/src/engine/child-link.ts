/**
 * The child's end of the local socket. Numbered frames are kept until the supervisor says that they are on disk, and
 * told again on every new connection; so a supervisor that restarts misses nothing. It dials the same path forever,
 * with a growing pause.
 */
import { connect, type Socket } from 'node:net';
import type { FromChild, ToChild } from '@signalbox/proto/messages';
import { encodeFrame, frameDecoder } from './frames.ts';

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** What is told: a frame that gets a number. */
export type Told = DistributiveOmit<Extract<FromChild, { n: number }>, 'n'>;
type Hello = Extract<FromChild, { type: 'hello' }>;
type Untold = Exclude<FromChild, { n: number } | { type: 'hello' }>;

const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 2_000;
/** Above this, log lines are dropped (and counted) while no supervisor takes them; states never are. */
const KEPT_LOGS_MAX_BYTES = 64 * 1024 * 1024;

export class ChildLink {
  readonly #path: string;
  readonly #hello: () => Hello;
  readonly #onMessage: (message: ToChild) => void;
  readonly #onConnect: () => void;
  readonly #kept: { n: number; bytes: Buffer }[] = [];
  #keptBytes = 0;
  #numbered = 0;
  #acknowledged = 0;
  #droppedLines = 0;
  #socket: Socket | null = null;
  #pauseMs = FIRST_PAUSE_MS;
  #waiters: { n: number; call: () => void }[] = [];
  /** Since when nobody is there, by the monotonic clock; null while connected. */
  disconnectedAt: number | null = performance.now();

  constructor(path: string, hello: () => Hello, onMessage: (message: ToChild) => void, onConnect: () => void) {
    this.#path = path;
    this.#hello = hello;
    this.#onMessage = onMessage;
    this.#onConnect = onConnect;
  }

  open(): void {
    const socket = connect(this.#path);
    const decode = frameDecoder((frame) => this.#receive(frame as ToChild));
    socket.setNoDelay?.(true);
    socket.on('connect', () => {
      this.#socket = socket;
      this.#pauseMs = FIRST_PAUSE_MS;
      this.disconnectedAt = null;
      socket.write(Buffer.concat([encodeFrame(this.#hello()), ...this.#kept.map((frame) => frame.bytes)]));
      this.#onConnect();
    });
    socket.on('data', (chunk) => {
      try {
        decode(chunk);
      } catch (error) {
        // What came is no frame: a fresh connection begins at a frame's start.
        socket.destroy(error as Error);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket === socket || this.#socket === null) this.#reopen();
    });
  }

  /** Sends frames and keeps them until acknowledged; the number of the last. */
  tell(frames: readonly Told[]): number {
    const batch: Buffer[] = [];
    for (const frame of frames) {
      if (frame.type === 'logs' && this.#keptBytes > KEPT_LOGS_MAX_BYTES) {
        this.#droppedLines += frame.lines.length;
        continue;
      }
      const n = ++this.#numbered;
      const bytes = encodeFrame({ ...frame, n });
      this.#kept.push({ n, bytes });
      this.#keptBytes += bytes.length;
      batch.push(bytes);
    }
    if (batch.length > 0) this.#socket?.write(batch.length === 1 ? (batch[0] as Buffer) : Buffer.concat(batch));
    return this.#numbered;
  }

  /** Log lines dropped since the last call. */
  takeDroppedLines(): number {
    const dropped = this.#droppedLines;
    this.#droppedLines = 0;
    return dropped;
  }

  /** Sends a frame that is not kept; lost when nobody is there. */
  say(frame: Untold): void {
    this.#socket?.write(encodeFrame(frame));
  }

  /** Calls back when every frame up to `n` is on the supervisor's disk; before any later message is looked at. */
  onAcknowledged(n: number, call: () => void): void {
    if (n <= this.#acknowledged) call();
    else this.#waiters.push({ n, call });
  }

  #receive(message: ToChild): void {
    if (message.type !== 'ack') {
      this.#onMessage(message);
      return;
    }
    // Never beyond what was told: what comes later has not been seen by anybody.
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(message.n, this.#numbered));
    let covered = 0;
    while (covered < this.#kept.length && (this.#kept[covered]?.n ?? 0) <= this.#acknowledged) {
      this.#keptBytes -= this.#kept[covered]?.bytes.length ?? 0;
      covered++;
    }
    this.#kept.splice(0, covered);
    const done = this.#waiters.filter((waiter) => waiter.n <= this.#acknowledged);
    this.#waiters = this.#waiters.filter((waiter) => waiter.n > this.#acknowledged);
    for (const waiter of done) waiter.call();
  }

  #reopen(): void {
    this.#socket = null;
    this.disconnectedAt ??= performance.now();
    const jittered = this.#pauseMs * (0.5 + Math.random());
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    setTimeout(() => this.open(), jittered);
  }
}
