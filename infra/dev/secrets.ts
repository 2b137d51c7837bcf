/** Random words of a stack, made once and kept in files of this user alone. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Secrets = {
  /** Seals values and signs sessions. */
  readonly controlPlane: string;
  /** Of the seeded owner; shown to the person who started the stack. */
  readonly ownerPassword: string;
  /** Of the login that the examples load data with. */
  readonly examplesPassword: string;
};

export const OWNER_EMAIL = 'owner@signalbox.local';

export function stackSecrets(data: string): Secrets {
  return {
    controlPlane: kept(join(data, 'secret'), 48),
    ownerPassword: kept(join(data, 'owner-password'), 12),
    examplesPassword: kept(join(data, 'examples-password'), 24),
  };
}

function kept(file: string, bytes: number): string {
  // An empty file is what a full disk leaves.
  const present = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (present !== '') return present;
  const made = randomBytes(bytes).toString('base64url');
  writeFileSync(file, made, { mode: 0o600 });
  return made;
}
