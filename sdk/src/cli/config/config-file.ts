/**
 * `$XDG_CONFIG_HOME/signalbox/config.json`: the profiles a person signed in with. It holds API keys, so its folder is
 * 0700 and it is 0600, from the first byte on; it is replaced in one step, so that a killed write leaves the old one.
 */
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { CliError } from '../cli-error.ts';
import type { Host } from '../host.ts';

/** Where to, and as whom. */
export interface Profile {
  readonly url: string;
  readonly apiKey?: string;
  /** Slug of the workspace that the key belongs to. */
  readonly workspace?: string;
}

export interface ConfigFile {
  readonly current: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

const EMPTY: ConfigFile = { current: 'default', profiles: {} };

export function configPath(env: Host['env']): string {
  // XDG says that a relative path there is to be ignored.
  const base =
    env.XDG_CONFIG_HOME && path.isAbsolute(env.XDG_CONFIG_HOME) ? env.XDG_CONFIG_HOME : path.join(env.HOME ?? homedir(), '.config');
  return path.join(base, 'signalbox', 'config.json');
}

/** The file, or an empty one where there is none. @throws CliError when it cannot be understood. */
export async function readConfig(env: Host['env']): Promise<ConfigFile> {
  const file = configPath(env);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY;
    throw new CliError(`cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (isConfig(parsed)) return parsed;
  } catch {
    // Told below, in one way for all that is wrong with it.
  }
  throw new CliError(`${file} is not a Signalbox configuration`, { hint: 'mend or remove it, then run `signalbox login`' });
}

export async function writeConfig(env: Host['env'], config: ConfigFile): Promise<void> {
  const file = configPath(env);
  const folder = path.dirname(file);
  const draft = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    await rm(draft, { force: true });
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(config, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw new CliError(`cannot write ${file}: ${(error as Error).message}`, { cause: error });
  }
}

function isConfig(value: unknown): value is ConfigFile {
  if (typeof value !== 'object' || value === null) return false;
  const { current, profiles } = value as Partial<ConfigFile>;
  if (typeof current !== 'string' || typeof profiles !== 'object' || profiles === null) return false;
  return Object.values(profiles).every((profile) => typeof profile?.url === 'string');
}
