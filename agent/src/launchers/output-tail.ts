/** Follows a file that a child writes its output to, from a given byte, and tells its lines. */
import { type FileHandle, open } from 'node:fs/promises';
import type { OutputLine } from './launcher.ts';
import { LineCutter } from './line-cutter.ts';

const READ_BYTES = 64 * 1024;
const TAIL_BYTES = 16 * 1024;

export class OutputTail {
  readonly #path: string;
  readonly #tell: (lines: OutputLine[], to: number) => void;
  readonly #cutter = new LineCutter();
  #offset: number;
  #handle: FileHandle | null = null;
  #draining: Promise<void> | null = null;
  #again = false;
  #isClosed = false;

  constructor(path: string, from: number, tell: (lines: OutputLine[], to: number) => void) {
    this.#path = path;
    this.#offset = from;
    this.#tell = tell;
  }

  /** Tells whatever was written since; calls made meanwhile are served by one more round. */
  async drain(): Promise<void> {
    if (this.#isClosed) return;
    this.#again = true;
    this.#draining ??= this.#rounds().finally(() => {
      this.#draining = null;
    });
    await this.#draining;
  }

  async #rounds(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      this.#handle ??= await open(this.#path, 'r').catch(() => null);
      if (!this.#handle) return;
      for (;;) {
        const { bytesRead, buffer } = await this.#handle.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, this.#offset);
        if (bytesRead === 0 || this.#isClosed) break;
        this.#offset += bytesRead;
        const lines = this.#cutter.push(buffer.subarray(0, bytesRead));
        if (lines.length > 0) this.#tell(lines, this.#offset - this.#cutter.pendingBytes);
      }
    }
  }

  /** Tells the rest, an unfinished last line included, and closes the file. Resolves with the bytes told in all. */
  async finish(): Promise<number> {
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
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }
}

/** The end of a file as text, empty when it cannot be read. */
export async function readTail(path: string): Promise<string> {
  const handle = await open(path, 'r').catch(() => null);
  if (!handle) return '';
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8');
  } finally {
    await handle.close();
  }
}
