/** Key pairs of NATS whose signatures are made by OpenSSL: identical bytes, and a hundred times faster. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { fromSeed, type KeyPair } from '@nats-io/nkeys';

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The key pair of a seed (`SO...`, `SA...`, `SU...`). */
export function keyPairOf(seed: string): KeyPair {
  const pair = fromSeed(new TextEncoder().encode(seed));
  const key = privateKeyOf(pair);
  const publicKey = pair.getPublicKey();
  pair.sign = (input) => new Uint8Array(sign(null, input, key));
  pair.getPublicKey = () => publicKey;
  return pair;
}

export function seedOf(pair: KeyPair): string {
  return new TextDecoder().decode(pair.getSeed());
}

function privateKeyOf(pair: KeyPair): KeyObject {
  // `getRawSeed` is there on every pair made of a seed, and is not in the published type.
  const raw = (pair as KeyPair & { getRawSeed(): Uint8Array }).getRawSeed();
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, raw]), format: 'der', type: 'pkcs8' });
}
