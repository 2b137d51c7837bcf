import type { Me } from '@signalbox/proto/api';
import { createClient } from '../../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import type { ConfigFile } from '../../config/config-file.ts';
import { configPath, readConfig, writeConfig } from '../../config/config-file.ts';
import { DEFAULT_URL, sameOrigin } from '../../config/settings.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { loginInBrowser } from './login-in-browser.ts';
import { readSecret } from './read-secret.ts';

interface LoginOptions extends GlobalOptions {
  apiKey?: string | true;
  browser: boolean;
}

/** Gets an API key, proves it, and keeps it in a profile, which becomes the current one. */
export async function login(context: Context, options: LoginOptions): Promise<void> {
  const { host, style } = context;
  const config = await readConfig(host.env);
  const asked = options.profile ?? host.env.SIGNALBOX_PROFILE;
  const url = options.url ?? host.env.SIGNALBOX_URL ?? config.profiles[asked ?? config.current]?.url ?? DEFAULT_URL;
  const name = asked ?? profileFor(url, config);

  const apiKey =
    options.apiKey === undefined
      ? await loginInBrowser(context, url, options.browser)
      : options.apiKey === true
        ? await readSecret(context, 'API key: ')
        : options.apiKey;
  if (apiKey === '')
    throw new CliError('no API key was given', { hint: 'pass it on standard input: `signalbox login --api-key < key.txt`' });

  const me = await createClient({ url, apiKey }).me.get.query();
  const profile = { url, apiKey, workspace: me.workspace?.slug };
  await writeConfig(host.env, { current: name, profiles: { ...config.profiles, [name]: profile } });

  if (context.json) return context.printJson(me);
  context.print(`${style.green('✓')} Signed in to ${style.bold(url)} as ${nameOf(me)}, workspace ${style.bold(me.workspace?.slug ?? '-')}`);
  context.note(style.dim(`  profile "${name}" in ${configPath(host.env)}`));
}

/** Who it is, for people. */
export function nameOf(me: Me): string {
  return me.actor.kind === 'user' ? me.actor.email : `API key "${me.actor.name}"`;
}

/** The current profile, unless that would overwrite another control plane's key. */
function profileFor(url: string, config: ConfigFile): string {
  const current = config.profiles[config.current];
  if (!current || sameOrigin(current.url, url)) return config.current;
  const known = Object.entries(config.profiles).find(([, profile]) => sameOrigin(profile.url, url));
  return known?.[0] ?? new URL(url).host;
}
