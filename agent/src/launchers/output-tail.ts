/**
 * Follows a file that a child writes its output to, from a given byte, and tells its lines. Reads are synchronous: what was
 * just written lies in the page cache, and a trip through the thread pool costs more than the read, several times a run.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { OutputLine } from './launcher.ts';
import { LineCutter } from './line-cutter.ts';

const READ_BYTES = 64 * 1024;
const TAIL_BYTES = 16 * 1024;
/** Then others get their turn. */
const READS_A_TURN = 8;
const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
const NOTHING = buffer.subarray(0, 0);
const DONE = Promise.resolve();

/** Open from its first reading on: a child that serves many runs has a tail for each. */
export class OutputFile {
  readonly #path: string;
  #file: number | null = null;
  #endAt = -1;

  constructor(path: string) {
    this.#path = path;
  }

  /** What lies there from byte `at` on, as far as one reading goes; valid until the next. Empty at its end, or when there is no file. */
  read(at: number): Buffer {
    this.#file ??= openToRead(this.#path);
    const bytes = this.#file === null ? 0 : readSync(this.#file, buffer, 0, READ_BYTES, at);
    if (bytes === 0) {
      this.#endAt = at;
      return NOTHING;
    }
    return buffer.subarray(0, bytes);
  }

  /** Where its last reading found its end; -1: nowhere yet. */
  get endAt(): number {
    return this.#endAt;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

export class OutputTail {
  readonly #file: OutputFile;
  readonly #tell: (lines: OutputLine[], to: number) => void;
  readonly #cutter = new LineCutter();
  #offset: number;
  #draining: Promise<void> | null = null;
  #isClosed = false;

  constructor(file: OutputFile, from: number, tell: (lines: OutputLine[], to: number) => void) {
    this.#file = file;
    this.#offset = from;
    this.#tell = tell;
  }

  /** Tells whatever was written since: most of it before it returns. */
  drain(): Promise<void> {
    if (this.#draining) return this.#draining;
    if (this.#isClosed || !this.#readTurn()) return DONE;
    this.#draining = this.#turns().finally(() => {
      this.#draining = null;
    });
    return this.#draining;
  }

  async #turns(): Promise<void> {
    do await new Promise(setImmediate);
    while (!this.#isClosed && this.#readTurn());
  }

  /** True when there may be more. */
  #readTurn(): boolean {
    for (let reads = 0; reads < READS_A_TURN; reads++) {
      const bytes = this.#file.read(this.#offset);
      if (bytes.length === 0) return false;
      this.#offset += bytes.length;
      const lines = this.#cutter.push(bytes);
      if (lines.length > 0) this.#tell(lines, this.#offset - this.#cutter.pendingBytes);
    }
    return true;
  }

  /** Tells the rest, an unfinished last line included, and nothing after. Resolves with the bytes told in all. */
  async finish(): Promise<number> {
    // A drain that is under way may have read its last byte before the last one was written.
    if (this.#draining) await this.#draining;
    const rest = this.drain();
    if (rest !== DONE) await rest;
    const lines = this.#cutter.end();
    if (lines.length > 0) this.#tell(lines, this.#offset);
    this.#isClosed = true;
    return this.#offset;
  }

  /** Nothing is told after it resolved. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#draining;
  }
}

function openToRead(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch {
    return null;
  }
}

/** The end of a file as text, empty when it cannot be read. */
export async function readTail(path: string): Promise<string> {
  const handle = await open(path, 'r').catch(() => null);
  if (!handle) return '';
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, TAIL_BYTES);
    const end = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return end.buffer.toString('utf8');
  } finally {
    await handle.close();
  }
}
