import { readConfig, writeConfig } from '../../config/config-file.ts';
import type { Context, GlobalOptions } from '../../context.ts';

/** Forgets a profile's key here. The key itself lives on until it expires or is revoked. */
export async function logout(context: Context, options: GlobalOptions): Promise<void> {
  const { host } = context;
  const config = await readConfig(host.env);
  const name = options.profile ?? host.env.SIGNALBOX_PROFILE ?? config.current;
  const profile = config.profiles[name];
  if (!profile?.apiKey) return context.print(`Profile "${name}" is not signed in.`);
  const { apiKey, ...rest } = profile;
  await writeConfig(host.env, { ...config, profiles: { ...config.profiles, [name]: rest } });
  context.print(`Signed out of ${profile.url} (profile "${name}").`);
  context.note(`The key ${apiKey.slice(0, 8)}... stays valid elsewhere until it expires; \`signalbox api-keys revoke\` ends it.`);
}
