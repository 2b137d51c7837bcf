/** The text forms of NATS user keys: base32 of a prefix, 32 bytes and a CRC-16. @see https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const PREFIX_SEED = 18 << 3;
const PREFIX_USER = 20 << 3;

export function encodePublicKey(raw: Uint8Array): string {
  return seal(Buffer.concat([Buffer.from([PREFIX_USER]), raw]));
}

/** A seed's first two bytes hold both prefixes, five bits of the second in each. */
export function encodeSeed(raw: Uint8Array): string {
  return seal(Buffer.concat([Buffer.from([PREFIX_SEED | (PREFIX_USER >> 5), (PREFIX_USER & 31) << 3]), raw]));
}

/** @throws when the text is no seed of a user key. */
export function decodeSeed(text: string): Buffer {
  const bytes = decode32(text);
  const body = bytes.subarray(0, -2);
  if (bytes.length !== 36 || !encodeSeed(body.subarray(2)).startsWith(text)) throw new Error('not the seed of a NATS user key');
  return Buffer.from(body.subarray(2));
}

function seal(body: Buffer): string {
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc16(body));
  return encode32(Buffer.concat([body, sum]));
}

/** CRC-16/XMODEM. */
function crc16(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

function encode32(bytes: Buffer): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
}

function decode32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const char of text) {
    value = (value << 5) | ALPHABET.indexOf(char);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >>> bits) & 255);
      value &= (1 << bits) - 1;
    }
  }
  return Buffer.from(bytes);
}
