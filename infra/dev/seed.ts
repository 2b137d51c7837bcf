/** What a fresh installation needs to be used: an owner, the pool `local`, an API key for the launcher, a code for its agent. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, isSignalboxError } from '@signalbox/sdk/client';
import { runScript } from './run-script.ts';
import { OWNER_EMAIL } from './secrets.ts';
import { StartError } from './start-error.ts';

export const AGENT_POOL = 'local';

/** The join code enrols one agent, once. */
export type Seeded = { readonly apiKey: string; readonly joinCode: string };

export type SeedSettings = {
  readonly data: string;
  readonly databaseUrl: string;
  readonly secret: string;
  readonly ownerPassword: string;
  readonly logs: string;
  readonly signal: AbortSignal;
};

/** Idempotent, save that each call mints a key and a code. The key is kept for the next start. */
export async function seed({ data, databaseUrl, secret, ownerPassword, logs, signal }: SeedSettings): Promise<Seeded> {
  const args = ['--email', OWNER_EMAIL, '--api-key-name', 'launcher', '--join-code-pool', AGENT_POOL];
  const env = { DATABASE_URL: databaseUrl, SIGNALBOX_SECRET: secret, SIGNALBOX_OWNER_PASSWORD: ownerPassword };
  const seeded = (await runScript({ name: 'seed', file: 'control-plane/src/seed.ts', args, env }, logs, signal)) as Partial<Seeded>;
  const { apiKey, joinCode } = seeded;
  if (!apiKey || !joinCode) throw new StartError('seed failed: it answered no API key or no join code');
  writeFileSync(join(data, 'api-key'), apiKey, { mode: 0o600 });
  return { apiKey, joinCode };
}

/** The launcher's API key of the last start, which also says that this installation was seeded; null at the first. */
export function keptKey(data: string): string | null {
  const file = join(data, 'api-key');
  return existsSync(file) ? readFileSync(file, 'utf8') || null : null;
}

/** Whether the control plane still knows the key: it may have been revoked, or the database be another one. */
export async function isAccepted(url: string, apiKey: string): Promise<boolean> {
  try {
    await createClient({ url, apiKey }).me.get.query();
    return true;
  } catch (error) {
    if (isSignalboxError(error, 'UNAUTHENTICATED')) return false;
    throw error;
  }
}
