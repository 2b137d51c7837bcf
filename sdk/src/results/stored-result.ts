/**
 * How a result lies in a storage: one line of JSON that says what it is, a newline, and the bytes of the serializer. A
 * checksum finds what a power cut or another program did to it.
 */
import { hash } from 'node:crypto';

export interface StoredHead {
  readonly v: 1;
  /** Name of the serializer that wrote the bytes. */
  readonly serializer: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** From then on it is not used; null: never. */
  readonly expiresAt: number | null;
  /** Step of the run that made it, and what it was called with (`print`); null where that does not matter. */
  readonly step: string | null;
  readonly print: string | null;
  readonly epoch: number | null;
}

export interface StoredResult {
  readonly head: StoredHead;
  readonly body: Uint8Array;
}

const NEWLINE = 0x0a;

export function encodeStored(head: StoredHead, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ ...head, sum: checksum(body) })}\n`), body]);
}

/** Null for bytes that are no stored result, or not whole. */
export function decodeStored(bytes: Uint8Array): StoredResult | null {
  const end = bytes.indexOf(NEWLINE);
  if (end === -1) return null;
  const body = bytes.subarray(end + 1);
  const { sum, ...head } = (parseHead(bytes.subarray(0, end)) ?? {}) as StoredHead & { sum?: string };
  return head.v === 1 && sum === checksum(body) ? { head, body } : null;
}

export function parseHead(bytes: Uint8Array): object | null {
  try {
    const head: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof head === 'object' ? head : null;
  } catch {
    return null;
  }
}

/** 16 hexadecimal digits of SHA-256. */
export function checksum(body: Uint8Array): string {
  return hash('sha256', body).slice(0, 16);
}
