import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromPublic, fromSeed } from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { ensureKey } from './identity.ts';

test('the key is one NATS knows, stays the same, and lies in a file for the owner alone', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sb-key-'));
  const key = ensureKey(dataDir);
  expect(ensureKey(dataDir).publicKey).toBe(key.publicKey);
  expect(statSync(join(dataDir, 'agent.nk')).mode & 0o777).toBe(0o600);
  const theirs = fromSeed(readFileSync(join(dataDir, 'agent.nk')));
  expect(theirs.getPublicKey()).toBe(key.publicKey);
  const bytes = new TextEncoder().encode('nonce');
  expect(Buffer.from(theirs.sign(bytes)).equals(key.sign(bytes))).toBe(true);
  expect(fromPublic(key.publicKey).verify(bytes, key.sign(bytes))).toBe(true);
  rmSync(dataDir, { recursive: true });
});
