/** Frames on the local socket: a 4-byte big-endian length and that many bytes of UTF-8 JSON. */
import { FRAME_MAX_BYTES } from '@signalbox/proto/messages';

export function encodeFrame(frame: object): Buffer {
  const text = JSON.stringify(frame);
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(4 + length);
  bytes.writeUInt32BE(length, 0);
  bytes.write(text, 4);
  return bytes;
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #size = 0;

  /** Frames completed by these bytes. @throws RangeError on a length above the bound, SyntaxError on bad JSON. */
  push(chunk: Buffer): unknown[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const frames: unknown[] = [];
    if (this.#size < 4) return frames;
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    while (bytes.length >= 4) {
      const length = bytes.readUInt32BE(0);
      if (length > FRAME_MAX_BYTES) throw new RangeError(`a frame of ${length} bytes, at most ${FRAME_MAX_BYTES} fit`);
      if (bytes.length < 4 + length) break;
      frames.push(JSON.parse(bytes.toString('utf8', 4, 4 + length)));
      bytes = bytes.subarray(4 + length);
    }
    this.#chunks = bytes.length > 0 ? [bytes] : [];
    this.#size = bytes.length;
    return frames;
  }
}
