/**
 * Cuts a process's output into lines. Nothing is dropped: a longer line comes in pieces marked `continues`.
 * Bytes that are no UTF-8 become U+FFFD; NUL, which Postgres cannot store, becomes its visible sign.
 */
import type { OutputLine } from './launcher.ts';

/** Bytes of one piece; as many bytes of UTF-8 are never more than as many characters, the bound of a log line. */
const PIECE_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);

export class LineCutter {
  #rest: Buffer = NOTHING;

  /** Bytes taken in that no line has told yet. */
  get pendingBytes(): number {
    return this.#rest.length;
  }

  push(chunk: Buffer): OutputLine[] {
    const lines: OutputLine[] = [];
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (;;) {
      const end = bytes.indexOf(10);
      if (end >= 0 && end <= PIECE_BYTES) {
        lines.push({ text: toText(trimReturn(bytes.subarray(0, end))), continues: false });
        bytes = bytes.subarray(end + 1);
      } else if (bytes.length > PIECE_BYTES) {
        const cut = characterBoundary(bytes, PIECE_BYTES);
        lines.push({ text: toText(bytes.subarray(0, cut)), continues: true });
        bytes = bytes.subarray(cut);
      } else break;
    }
    this.#rest = Buffer.from(bytes);
    return lines;
  }

  /** The last line, when the output did not end with a newline. */
  end(): OutputLine[] {
    const rest = this.#rest;
    this.#rest = NOTHING;
    return rest.length > 0 ? [{ text: toText(trimReturn(rest)), continues: false }] : [];
  }
}

function toText(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\u0000', '\u2400');
}

function trimReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
}

/** The last position up to `at` that does not lie inside a character of UTF-8. */
function characterBoundary(bytes: Buffer, at: number): number {
  for (let cut = at; cut > at - 4; cut--) if (((bytes[cut] ?? 0) & 0xc0) !== 0x80) return cut;
  return at;
}
