/** One file of a segment log: `<sequence>-<first position>.seg`. */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogRecord, SpoolCorruptError, walkRecords } from './record.ts';

/**
 * On Linux a write returns when it is on disk: one trip through the thread pool instead of two, several times a run.
 * Elsewhere (macOS) the flag promises less than fdatasync does.
 */
const IS_SYNCED = process.platform === 'linux';
const SYNCED = IS_SYNCED ? constants.O_DSYNC : 0;

const NAME = /^(\d{8})-(\d{16})\.seg$/;

export class Segment {
  readonly path: string;
  readonly sequence: number;
  readonly first: number;
  /** Where each entry's record begins; index 0 is position `first`. */
  readonly offsets: number[] = [];
  /** Sound bytes; the next write goes here. */
  bytes = 0;
  lastWriteAt = Date.now();
  #handle: FileHandle | null;

  constructor(path: string, sequence: number, first: number, handle: FileHandle | null) {
    this.path = path;
    this.sequence = sequence;
    this.first = first;
    this.#handle = handle;
  }

  /** Writes at `bytes` and fsyncs. Repeating it after a failure overwrites whatever a half-done one left. */
  async write(chunks: readonly Buffer[]): Promise<void> {
    if (chunks.length === 0) return;
    const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    const handle = await this.#open();
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, this.bytes + done);
      done += bytesWritten;
    }
    if (!IS_SYNCED) await handle.datasync();
  }

  async read(start: number, end: number): Promise<Buffer> {
    const handle = await this.#open();
    const bytes = Buffer.allocUnsafe(end - start);
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  }

  async #open(): Promise<FileHandle> {
    this.#handle ??= await open(this.path, constants.O_RDWR | SYNCED);
    return this.#handle;
  }

  /** Closes the file; it opens again when read. */
  async seal(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async remove(): Promise<void> {
    await this.seal();
    await rm(this.path, { force: true });
  }
}

export async function listSegments(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return (await readdir(folder)).filter((name) => NAME.test(name)).sort();
}

export async function createSegment(folder: string, sequence: number, first: number): Promise<Segment> {
  const path = join(folder, `${String(sequence).padStart(8, '0')}-${String(first).padStart(16, '0')}.seg`);
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | SYNCED, 0o600);
  await syncFolder(folder);
  return new Segment(path, sequence, first, handle);
}

/** Reads a segment through; in the last one a torn tail is cut off, anywhere else it is corruption. */
export async function openSegment(folder: string, name: string, isLast: boolean, visit: (record: LogRecord) => void): Promise<Segment> {
  const [, sequence, first] = NAME.exec(name) ?? [];
  const segment = new Segment(join(folder, name), Number(sequence), Number(first), null);
  const bytes = await readFile(segment.path);
  segment.lastWriteAt = (await stat(segment.path)).mtimeMs;
  segment.bytes = walkRecords(bytes, (record, at) => {
    if (record.kind === 'e') {
      const expected = segment.first + segment.offsets.length;
      if (record.n !== expected) throw new SpoolCorruptError(`${name}: position ${record.n} where ${expected} belongs`);
      segment.offsets.push(at);
    }
    visit(record);
  });
  if (segment.bytes < bytes.length) {
    if (!isLast) throw new SpoolCorruptError(`${name}: unreadable from byte ${segment.bytes}`);
    await cutTail(segment);
  }
  return segment;
}

async function cutTail(segment: Segment): Promise<void> {
  const handle = await open(segment.path, 'r+');
  try {
    await handle.truncate(segment.bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A new or removed file is durable only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
