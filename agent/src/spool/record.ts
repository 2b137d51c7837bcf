/**
 * One record on disk: 4 bytes length, 4 bytes CRC-32 of the payload, payload. A kill or a power cut can tear the
 * last one at any byte; its length or its sum then does not fit, and reading stops there.
 *
 * Payload: three lines, `<kind><position>`, a small JSON for the agent itself, the JSON that goes on the wire.
 */
import { crc32 } from 'node:zlib';

export const HEADER_BYTES = 8;
/** Far above any entry; a longer length is torn or foreign bytes. */
const PAYLOAD_MAX_BYTES = 64 * 1024 * 1024;

export interface LogRecord {
  /** `e`: an entry with a position; `f`: a fact of the agent's own, without one. */
  readonly kind: 'e' | 'f';
  readonly n: number;
  readonly meta: string;
  readonly body: string;
  /** What its meta (`e`) or its body (`f`) says, while it is at hand; not on disk. */
  readonly told?: unknown;
}

export function encodeRecord(record: LogRecord): Buffer {
  const text = `${record.kind}${record.n}\n${record.meta}\n${record.body}`;
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + length);
  bytes.write(text, HEADER_BYTES);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(crc32(bytes.subarray(HEADER_BYTES)), 4);
  return bytes;
}

/** Walks whole records from the start of `bytes`. Returns how many bytes were sound. */
export function walkRecords(bytes: Buffer, visit: (record: LogRecord, at: number, size: number) => void): number {
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const end = at + HEADER_BYTES + length;
    if (length === 0 || length > PAYLOAD_MAX_BYTES || end > bytes.length) break;
    const payload = bytes.subarray(at + HEADER_BYTES, end);
    if (crc32(payload) !== bytes.readUInt32BE(at + 4)) break;
    visit(decodePayload(payload), at, end - at);
    at = end;
  }
  return at;
}

function decodePayload(payload: Buffer): LogRecord {
  const first = payload.indexOf(10);
  const second = payload.indexOf(10, first + 1);
  return {
    kind: payload[0] === 0x65 ? 'e' : 'f',
    n: Number(payload.toString('latin1', 1, first)),
    meta: payload.toString('utf8', first + 1, second),
    body: payload.toString('utf8', second + 1),
  };
}

/** The journal holds bytes that no torn write explains. */
export class SpoolCorruptError extends Error {
  override readonly name = 'SpoolCorruptError';
}
