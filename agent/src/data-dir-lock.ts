/** One agent a data folder: two would share a journal and a socket. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config.ts';
import { identify, isAlive, type ProcessIdentity } from './launchers/process-identity.ts';

/** @throws ConfigError when a live process has it. */
export function lockDataDir(dataDir: string): { release(): void } {
  const path = join(dataDir, 'agent.lock');
  const holder = readHolder(path);
  if (holder && holder.pid !== process.pid && isAlive(holder)) {
    throw new ConfigError(`another agent (process ${holder.pid}) uses ${dataDir}: stop it, or choose another --data-dir`);
  }
  rmSync(path, { force: true });
  try {
    writeFileSync(path, JSON.stringify(identify(process.pid)), { flag: 'wx', mode: 0o600 });
  } catch {
    throw new ConfigError(`another agent just took ${dataDir}`);
  }
  return { release: () => rmSync(path, { force: true }) };
}

export function readHolder(path: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return null;
  }
}
