import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-code.ts';
import type { Host } from '../host.ts';
import type { ConfigFile, Profile } from './config-file.ts';

export const DEFAULT_URL = 'http://localhost:4200';

/** Where this call goes, and who it is. */
export interface Settings {
  readonly url: string;
  readonly apiKey: string | null;
  readonly workspace: string | null;
  /** Name of the profile in use; null when it gave nothing. */
  readonly profile: string | null;
  /** Where the key came from, for messages. */
  readonly keyFrom: 'SIGNALBOX_API_KEY' | 'profile' | null;
}

export interface SettingFlags {
  readonly url?: string;
  readonly workspace?: string;
  readonly profile?: string;
}

/**
 * Flags over environment over profile over default. A profile's key goes to the profile's own control plane and nowhere
 * else: with another URL, a profile of that URL is looked for.
 */
export function resolveSettings(flags: SettingFlags, env: Host['env'], config: ConfigFile): Settings {
  const asked = flags.profile ?? env.SIGNALBOX_PROFILE;
  if (asked !== undefined && !Object.hasOwn(config.profiles, asked)) {
    const names = Object.keys(config.profiles);
    throw new CliError(`there is no profile "${asked}"`, {
      exitCode: EXIT.notFound,
      hint: names.length > 0 ? `profiles: ${names.join(', ')}` : 'make one with `signalbox login --profile NAME`',
    });
  }
  const named = asked ?? config.current;
  const urlGiven = flags.url ?? env.SIGNALBOX_URL;
  const [profile, stored] = pick(named, urlGiven, asked !== undefined, config);
  const envKey = env.SIGNALBOX_API_KEY || null;
  const apiKey = envKey ?? stored?.apiKey ?? null;
  return {
    url: urlGiven ?? stored?.url ?? DEFAULT_URL,
    apiKey,
    // A key of the environment belongs to a workspace of its own.
    workspace: flags.workspace ?? env.SIGNALBOX_WORKSPACE ?? (envKey ? null : (stored?.workspace ?? null)),
    profile: stored ? profile : null,
    keyFrom: envKey ? 'SIGNALBOX_API_KEY' : stored?.apiKey ? 'profile' : null,
  };
}

function pick(named: string, url: string | undefined, isAsked: boolean, config: ConfigFile): [string, Profile | undefined] {
  const own = config.profiles[named];
  if (url === undefined || (own && sameOrigin(own.url, url))) return [named, own];
  const other = isAsked ? undefined : Object.entries(config.profiles).find(([, profile]) => sameOrigin(profile.url, url));
  return other ?? [named, undefined];
}

export function sameOrigin(a: string, b: string): boolean {
  return URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin;
}
