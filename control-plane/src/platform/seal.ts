/** Seals small secrets at rest with the control plane's own secret: JWE, direct AES-256-GCM. */
import { createHash } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';

export type Seal = {
  close(plain: string): Promise<string>;
  /** @throws when the text was sealed with another secret. */
  open(sealed: string): Promise<string>;
};

/** `secret`: any text of 32 characters or more; a key for this purpose alone is derived from it. */
export function sealOf(secret: string): Seal {
  const key = createHash('sha256').update(`signalbox seal v1:${secret}`).digest();
  return {
    close: (plain) => new CompactEncrypt(new TextEncoder().encode(plain)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key),
    async open(sealed) {
      const { plaintext } = await compactDecrypt(sealed, key);
      return new TextDecoder().decode(plaintext);
    },
  };
}
