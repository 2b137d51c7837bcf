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

export class OutputTail {
  readonly #path: string;
  readonly #tell: (lines: OutputLine[], to: number) => void;
  readonly #cutter = new LineCutter();
  #offset: number;
  #file: number | null = null;
  #draining: Promise<void> | null = null;
  #isClosed = false;

  constructor(path: string, from: number, tell: (lines: OutputLine[], to: number) => void) {
    this.#path = path;
    this.#offset = from;
    this.#tell = tell;
  }

  /** Tells whatever was written since. */
  async drain(): Promise<void> {
    this.#draining ??= this.#turns().finally(() => {
      this.#draining = null;
    });
    await this.#draining;
  }

  async #turns(): Promise<void> {
    while (!this.#isClosed && this.#readTurn()) await new Promise(setImmediate);
  }

  /** True when there may be more. */
  #readTurn(): boolean {
    this.#file ??= openToRead(this.#path);
    if (this.#file === null) return false;
    for (let reads = 0; reads < READS_A_TURN; reads++) {
      const bytesRead = readSync(this.#file, buffer, 0, READ_BYTES, this.#offset);
      if (bytesRead === 0) return false;
      this.#offset += bytesRead;
      const lines = this.#cutter.push(buffer.subarray(0, bytesRead));
      if (lines.length > 0) this.#tell(lines, this.#offset - this.#cutter.pendingBytes);
    }
    return true;
  }

  /** Tells the rest, an unfinished last line included, and closes the file. Resolves with the bytes told in all. */
  async finish(): Promise<number> {
    await this.drain();
    // A drain that was under way may have read its last byte before the last one was written.
    await this.drain();
    const lines = this.#cutter.end();
    if (lines.length > 0) this.#tell(lines, this.#offset);
    await this.close();
    return this.#offset;
  }

  /** Nothing is told after it resolved. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#draining;
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
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
