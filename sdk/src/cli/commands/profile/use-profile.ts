import { CliError } from '../../cli-error.ts';
import { readConfig, writeConfig } from '../../config/config-file.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';

export async function useProfile(context: Context, _options: GlobalOptions, name: string): Promise<void> {
  const config = await readConfig(context.host.env);
  const profile = Object.hasOwn(config.profiles, name) ? config.profiles[name] : undefined;
  if (!profile) {
    const names = Object.keys(config.profiles).join(', ');
    throw new CliError(`there is no profile "${name}"`, {
      exitCode: EXIT.notFound,
      hint: names ? `profiles: ${names}` : 'make one with `signalbox login`',
    });
  }
  await writeConfig(context.host.env, { ...config, current: name });
  context.print(`Using profile "${name}": ${profile.url}, workspace ${profile.workspace ?? '-'}`);
}
