/** Frames of the local socket: a 4-byte big-endian length and that many bytes of UTF-8 JSON. */
import type { FRAME_MAX_BYTES as Bound } from '@signalbox/proto/messages';

/** The contract's bound. Typed by it, not imported: the contract loads a schema library, which a cold start cannot pay. */
export const FRAME_MAX_BYTES: typeof Bound = 8388608;

const HEADER_BYTES = 4;

export function encodeFrame(frame: object): Buffer {
  const json = JSON.stringify(frame);
  const length = Buffer.byteLength(json);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + length);
  bytes.writeUInt32BE(length, 0);
  bytes.write(json, HEADER_BYTES);
  return bytes;
}

/** A function that is given bytes as they come and calls `onFrame` for each whole frame. @throws RangeError on one too long. */
export function frameDecoder(onFrame: (frame: unknown) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER_BYTES) {
      const length = rest.readUInt32BE(0);
      if (length > FRAME_MAX_BYTES) throw new RangeError(`a frame of ${length} bytes: expected at most ${FRAME_MAX_BYTES}`);
      if (rest.length < HEADER_BYTES + length) return;
      const frame: unknown = JSON.parse(rest.toString('utf8', HEADER_BYTES, HEADER_BYTES + length));
      rest = rest.subarray(HEADER_BYTES + length);
      onFrame(frame);
    }
  };
}
