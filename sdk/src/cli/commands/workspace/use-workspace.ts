import { CliError } from '../../cli-error.ts';
import { readConfig, writeConfig } from '../../config/config-file.ts';
import { sameOrigin } from '../../config/settings.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { EXIT } from '../../exit-code.ts';

/**
 * An API key belongs to one workspace, so another workspace is another key: a stored profile of this control plane that
 * has one is switched to, else the person is told how to get one.
 */
export async function useWorkspace(context: Context, _options: GlobalOptions, slug: string): Promise<void> {
  const { env } = context.host;
  const [settings, config] = [await context.settings(), await readConfig(env)];
  const fitting = Object.entries(config.profiles).find(
    ([, profile]) => sameOrigin(profile.url, settings.url) && profile.workspace === slug && profile.apiKey !== undefined,
  );
  if (fitting) {
    await writeConfig(env, { ...config, current: fitting[0] });
    return context.print(`Using workspace ${slug} (profile "${fitting[0]}").`);
  }
  const workspaces = await (await context.client()).workspaces.list.query();
  const known = workspaces.some((each) => each.slug === slug);
  if (!known) {
    throw new CliError(`you belong to no workspace "${slug}"`, {
      exitCode: EXIT.notFound,
      hint: `workspaces: ${workspaces.map((each) => each.slug).join(', ') || 'none'}`,
    });
  }
  throw new CliError(`you have no API key for workspace "${slug}" yet`, {
    exitCode: EXIT.notAllowed,
    hint: `choose it in the console, then run \`signalbox login --profile ${slug}\``,
  });
}
