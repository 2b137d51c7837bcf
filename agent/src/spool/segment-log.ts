/**
 * An append-only log in segment files. Entries get positions from 1 without gaps; facts lie between them.
 *
 * - Appending is immediate in memory; `durable()` resolves when all appended so far is fsynced. Everything appended
 *   while one group is being written shares the next fsync.
 * - Each segment opens with a snapshot of what its owner must still know (`memory.snapshot()`), so that an old
 *   segment is needed only for its entries and may be removed when those are dealt with.
 * - A write that fails (full disk) is tried again at the same place for ever: nobody is told "durable" meanwhile.
 */
import { encodeRecord, type LogRecord, SpoolCorruptError, walkRecords } from './record.ts';
import { createSegment, listSegments, openSegment, type Segment, syncFolder } from './segment.ts';

/** What the owner of a log remembers of it; fed in order with records that are on disk. */
export interface LogMemory {
  apply(record: LogRecord): void;
  snapshot(): LogRecord[];
}

export interface SegmentLogOptions {
  readonly folder: string;
  readonly segmentBytes: number;
  readonly memory: LogMemory;
  /** Called when entries have become durable. */
  readonly onEntries?: () => void;
  /** Called with the error while writing fails, and with null when it works again. */
  readonly onTrouble?: (error: Error | null) => void;
  readonly retryMs?: number;
}

/** Records that share one write and one fsync. */
class Group {
  readonly records: LogRecord[] = [];
  readonly done: Promise<void>;
  readonly finish: () => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.finish = resolve;
  }
}

/** Characters of entries kept in memory beside the file, and up to twice that. */
const NEWEST_BYTES = 512 * 1024;

const DONE = new Group();
DONE.finish();

export class SegmentLog {
  readonly #options: SegmentLogOptions;
  readonly #segments: Segment[] = [];
  #pending = new Group();
  #writing: Group | null = null;
  #next = 1;
  #durable = 0;
  #closed = false;
  /** The last entries on disk, without gaps. */
  readonly #newest: { readonly n: number; readonly body: string }[] = [];
  #newestBytes = 0;

  private constructor(options: SegmentLogOptions) {
    this.#options = options;
  }

  /** Opens the folder, cuts a torn tail, and replays every record into `memory`. @throws SpoolCorruptError */
  static async open(options: SegmentLogOptions): Promise<SegmentLog> {
    const log = new SegmentLog(options);
    const names = await listSegments(options.folder);
    for (const [index, name] of names.entries()) {
      const isLast = index === names.length - 1;
      const segment = await openSegment(options.folder, name, isLast, (record) => options.memory.apply(record));
      const expected = log.#segments.length === 0 ? segment.first : log.#next;
      if (segment.first !== expected) throw new SpoolCorruptError(`${name}: begins at ${segment.first}, expected ${expected}`);
      log.#segments.push(segment);
      log.#next = segment.first + segment.offsets.length;
    }
    log.#durable = log.#next - 1;
    const last = log.#segments.at(-1);
    // A kill between making a segment and writing its snapshot leaves one without; a new one at boot mends that.
    if (!last) log.#segments.push(await createSegment(options.folder, 1, 1));
    else await log.#rotate(last);
    return log;
  }

  /** Adds an entry whose text is made with the position it gets. */
  appendEntry(meta: string, body: (n: number) => string, told?: unknown): number {
    const n = this.#next++;
    this.#push({ kind: 'e', n, meta, body: body(n), told });
    return n;
  }

  /** `told`: what the text says, for the memory, which need not read it again. */
  appendFact(body: string, told?: unknown): void {
    this.#push({ kind: 'f', n: 0, meta: '', body, told });
  }

  #push(record: LogRecord): void {
    if (this.#closed) throw new Error('the spool is closed');
    this.#pending.records.push(record);
    if (this.#writing === null) {
      this.#writing = DONE;
      // Not at once: what one turn of the event loop appends shares one fsync.
      setImmediate(() => void this.#flush());
    }
  }

  /** Resolves when everything appended before this call is on disk. */
  durable(): Promise<void> {
    if (this.#pending.records.length > 0) return this.#pending.done;
    return this.#writing?.done ?? DONE.done;
  }

  async #flush(): Promise<void> {
    while (this.#pending.records.length > 0) {
      const group = this.#pending;
      this.#pending = new Group();
      this.#writing = group;
      let segment = this.#active();
      if (segment.bytes >= this.#options.segmentBytes) segment = await this.#rotate(segment);
      await this.#write(segment, group.records);
      group.finish();
      if (group.records.some(({ kind }) => kind === 'e')) this.#options.onEntries?.();
    }
    this.#writing = null;
  }

  async #write(segment: Segment, group: readonly LogRecord[]): Promise<void> {
    const chunks = group.map(encodeRecord);
    await this.#persist(async () => {
      await segment.write(chunks);
    });
    for (const [index, record] of group.entries()) {
      if (record.kind === 'e') {
        segment.offsets.push(segment.bytes);
        this.#durable = record.n;
        this.#remember(record);
      }
      segment.bytes += chunks[index]?.length ?? 0;
      this.#options.memory.apply(record);
    }
    segment.lastWriteAt = Date.now();
  }

  async #rotate(full: Segment): Promise<Segment> {
    let fresh: Segment | undefined;
    await this.#persist(async () => {
      fresh ??= await createSegment(this.#options.folder, full.sequence + 1, this.#durable + 1);
    });
    if (!fresh) throw new Error('unreachable: a segment was made or persist() did not return');
    await full.seal();
    await this.#write(fresh, this.#options.memory.snapshot());
    this.#segments.push(fresh);
    return fresh;
  }

  async #persist(work: () => Promise<void>): Promise<void> {
    for (let failed = false; ; failed = true) {
      try {
        await work();
        if (failed) this.#options.onTrouble?.(null);
        return;
      } catch (error) {
        this.#options.onTrouble?.(error instanceof Error ? error : new Error(String(error)));
        await new Promise((resolve) => setTimeout(resolve, this.#options.retryMs ?? 1_000));
      }
    }
  }

  #active(): Segment {
    const segment = this.#segments.at(-1);
    if (!segment) throw new Error('unreachable: a log has at least one segment');
    return segment;
  }

  /** Last position on disk, 0 when none. Only such entries may leave the machine: a torn one's position is used again. */
  get lastDurable(): number {
    return this.#durable;
  }

  /** First position still kept. */
  get oldest(): number {
    return this.#segments[0]?.first ?? 1;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Most entries are read right after they were written: without a trip to the file. */
  #remember({ n, body }: LogRecord): void {
    const last = this.#newest.at(-1);
    if (last && last.n !== n - 1) this.#forget();
    this.#newest.push({ n, body });
    this.#newestBytes += body.length;
    if (this.#newestBytes < 2 * NEWEST_BYTES) return;
    // Half of it at once: to move the rest up for each entry took longer than to write it.
    let most = 0;
    while (this.#newestBytes > NEWEST_BYTES && most < this.#newest.length) this.#newestBytes -= this.#newest[most++]?.body.length ?? 0;
    this.#newest.splice(0, most);
  }

  #forget(): void {
    this.#newest.length = 0;
    this.#newestBytes = 0;
  }

  /** Bodies of entries from position `from`, as many as fit. Empty when there are none. */
  async read(from: number, maxBytes: number, maxEntries: number): Promise<string[]> {
    const remembered = from - (this.#newest[0]?.n ?? Number.POSITIVE_INFINITY);
    if (remembered >= 0) return this.#fitting(remembered, maxBytes, maxEntries);
    const segment = this.#segments.findLast((candidate) => candidate.first <= from);
    if (!segment || from > this.#durable) return [];
    const index = from - segment.first;
    const start = segment.offsets[index];
    if (start === undefined) return [];
    let end = segment.offsets[index + 1] ?? segment.bytes;
    for (let i = index + 1; i < segment.offsets.length && i - index < maxEntries; i++) {
      const next = segment.offsets[i + 1] ?? segment.bytes;
      if (next - start > maxBytes) break;
      end = next;
    }
    const bodies: string[] = [];
    walkRecords(await segment.read(start, end), (record) => {
      if (record.kind === 'e') bodies.push(record.body);
    });
    return bodies;
  }

  #fitting(from: number, maxBytes: number, maxEntries: number): string[] {
    const bodies: string[] = [];
    let bytes = 0;
    for (const { body } of this.#newest.slice(from, from + maxEntries)) {
      bytes += Buffer.byteLength(body) + 1;
      if (bodies.length > 0 && bytes > maxBytes) break;
      bodies.push(body);
    }
    return bodies;
  }

  /** Removes oldest segments for which `mayGo(last position, last write)` holds; never the one being written. */
  async trim(mayGo: (last: number, lastWriteAt: number) => boolean): Promise<void> {
    while (this.#segments.length > 1) {
      const segment = this.#segments[0];
      if (!segment || !mayGo(segment.first + segment.offsets.length - 1, segment.lastWriteAt)) return;
      this.#segments.shift();
      await segment.remove();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.durable();
    for (const segment of this.#segments) await segment.seal();
    await syncFolder(this.#options.folder);
  }
}
