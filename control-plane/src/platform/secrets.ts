/** Secrets we hand out: 256 bits in base62, stored as SHA-256, compared in constant time. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Base62 digits of 32 bytes. */
const DIGITS = 43;

/** `prefix` and 43 random characters: `sbk_...`. No slow hash is needed for what nobody can guess. */
export function newSecret(prefix: string): string {
  let value = BigInt(`0x${randomBytes(32).toString('hex')}`);
  let text = '';
  for (let i = 0; i < DIGITS; i++) {
    text = BASE62.charAt(Number(value % 62n)) + text;
    value /= 62n;
  }
  return prefix + text;
}

/** Base62 digits of 32 bits. */
const CHECK_DIGITS = 6;

/**
 * The same with six more characters: the CRC-32 of all before, in base62. A scanner tells it from chance, and a mistyped
 * one is refused without a look at the database. Documented as a regular expression in docs/concepts/access.md.
 */
export function newCheckedSecret(prefix: string): string {
  const secret = newSecret(prefix);
  return secret + checksumOf(secret);
}

/** Whether a secret of `newCheckedSecret` is whole. */
export function isWhole(secret: string): boolean {
  return checksumOf(secret.slice(0, -CHECK_DIGITS)) === secret.slice(-CHECK_DIGITS);
}

function checksumOf(text: string): string {
  let value = crc32(text);
  let digits = '';
  for (let i = 0; i < CHECK_DIGITS; i++) {
    digits = BASE62.charAt(value % 62) + digits;
    value = Math.floor(value / 62);
  }
  return digits;
}

export function hashSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hash('sha256', secret, 'buffer'));
}

/** Whether two hashes are the same, in a time that tells nothing. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
