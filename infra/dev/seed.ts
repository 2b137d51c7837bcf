/** What a fresh installation needs to be used: an owner, the pool `local`, an API key for the launcher, a code for its agent. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, isSignalboxError } from '@signalbox/sdk/client';
import { runScript } from './run-script.ts';
import { OWNER_EMAIL } from './secrets.ts';
import { StartError } from './start-error.ts';

export const AGENT_POOL = 'local';

type Seeded = { readonly apiKey?: string; readonly joinCode?: string };

export type SeedSettings = {
  readonly databaseUrl: string;
  readonly secret: string;
  readonly ownerPassword: string;
  readonly logs: string;
  readonly signal: AbortSignal;
};

/** Idempotent, save that each call makes a new join code; an agent that has joined does not look at it. */
export async function seed(settings: SeedSettings): Promise<{ joinCode: string }> {
  const { joinCode } = await runSeed(settings, ['--join-code-pool', AGENT_POOL]);
  if (!joinCode) throw new StartError('seed failed: it answered no join code');
  return { joinCode };
}

/** The launcher's own API key: the one of last time while the control plane still knows it, else a new one. */
export async function launcherKey(settings: SeedSettings, data: string, url: string): Promise<string> {
  const file = join(data, 'api-key');
  const last = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (last !== '' && (await isAccepted(url, last))) return last;
  const { apiKey } = await runSeed(settings, ['--api-key-name', 'launcher']);
  if (!apiKey) throw new StartError('seed failed: it answered no API key');
  writeFileSync(file, apiKey, { mode: 0o600 });
  return apiKey;
}

async function isAccepted(url: string, apiKey: string): Promise<boolean> {
  try {
    await createClient({ url, apiKey }).me.get.query();
    return true;
  } catch (error) {
    if (isSignalboxError(error, 'UNAUTHENTICATED')) return false;
    throw error;
  }
}

async function runSeed({ databaseUrl, secret, ownerPassword, logs, signal }: SeedSettings, more: string[]): Promise<Seeded> {
  const args = ['--email', OWNER_EMAIL, '--password', ownerPassword, ...more];
  const env = { DATABASE_URL: databaseUrl, SIGNALBOX_SECRET: secret };
  return (await runScript({ name: 'seed', file: 'control-plane/src/seed.ts', args, env }, logs, signal)) as Seeded;
}
