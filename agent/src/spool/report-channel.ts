/**
 * One report channel on disk: entries that wait for the control plane, and those it has, for a while.
 *
 * The watermark is the control plane's word ("stored for good up to here"). What lies behind it is kept `keepMs`, in case
 * the database's timeline changes and the newest of it was lost there.
 */
import { Bell } from '../bell.ts';
import type { EntryMeta } from './facts.ts';
import { SegmentLog, type SegmentLogOptions } from './segment-log.ts';

export interface ReportChannelOptions extends SegmentLogOptions {
  /** Milliseconds that entries behind the watermark are kept. Default 15 min. */
  readonly keepMs?: number;
  /** Bytes on disk above which entries behind the watermark go early, and above which `isFull`. */
  readonly maxBytes: number;
}

export class ReportChannel {
  readonly #log: SegmentLog;
  readonly #options: ReportChannelOptions;
  #watermark = 0;
  readonly #bell: Bell;

  private constructor(log: SegmentLog, options: ReportChannelOptions, bell: Bell) {
    this.#bell = bell;
    this.#log = log;
    this.#options = options;
    this.#watermark = log.oldest - 1;
  }

  static async open(options: ReportChannelOptions): Promise<ReportChannel> {
    const bell = new Bell();
    return new ReportChannel(await SegmentLog.open({ ...options, onEntries: () => bell.ring() }), options, bell);
  }

  /** Adds an entry; `n` is put into it. It is on disk when `durable()` resolves, and sent no sooner. */
  append(meta: EntryMeta, entry: object): number {
    return this.#log.appendEntry(JSON.stringify(meta), (position) => JSON.stringify({ ...entry, n: position }), meta);
  }

  appendFact(fact: object): void {
    this.#log.appendFact(JSON.stringify(fact), fact);
  }

  durable(): Promise<void> {
    return this.#log.durable();
  }

  get watermark(): number {
    return this.#watermark;
  }

  /** First position still kept: the control plane may ask for nothing before it. */
  get oldest(): number {
    return this.#log.oldest;
  }

  get bytes(): number {
    return this.#log.bytes;
  }

  /** Whether more must not be added: nothing can be removed until the control plane has taken some. */
  get isFull(): boolean {
    return this.#log.bytes > this.#options.maxBytes;
  }

  get unsent(): number {
    return this.#log.lastDurable - this.#watermark;
  }

  /** Takes the control plane's word, forward or back. */
  async setWatermark(watermark: number): Promise<void> {
    this.#watermark = Math.min(Math.max(watermark, this.#log.oldest - 1), this.#log.lastDurable);
    const keepMs = this.#options.keepMs ?? 15 * 60_000;
    await this.#log.trim((last, lastWriteAt) => {
      const isDone = last <= this.#watermark;
      return isDone && (Date.now() - lastWriteAt > keepMs || this.#log.bytes > this.#options.maxBytes);
    });
    this.#bell.ring();
  }

  /** Everything still kept is to be told again. */
  async rewind(): Promise<void> {
    await this.setWatermark(0);
  }

  /** The next entries after the watermark, as JSON texts. */
  next(maxBytes: number, maxEntries: number): Promise<string[]> {
    return this.#log.read(this.#watermark + 1, maxBytes, maxEntries);
  }

  /** Resolves when there is something to send, or on abort. */
  async waitForUnsent(signal: AbortSignal): Promise<void> {
    while (this.unsent <= 0 && !signal.aborted) await this.#bell.wait(signal);
  }

  /** Resolves when everything on disk was taken, or on abort. */
  async waitUntilSent(signal: AbortSignal): Promise<void> {
    while (this.unsent > 0 && !signal.aborted) await this.#bell.wait(signal);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}
