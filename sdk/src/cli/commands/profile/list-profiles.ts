import { readConfig } from '../../config/config-file.ts';
import type { Context } from '../../context.ts';

/** Never shows a key, not even with `--json`. */
export async function listProfiles(context: Context): Promise<void> {
  const config = await readConfig(context.host.env);
  const profiles = Object.entries(config.profiles).map(([name, { url, workspace, apiKey }]) => ({
    name,
    current: name === config.current,
    url,
    workspace: workspace ?? null,
    signedIn: apiKey !== undefined,
  }));
  if (context.json) return context.printJson(profiles);
  context.printTable(
    profiles,
    [
      { header: '', value: (each) => (each.current ? '*' : '') },
      { header: 'NAME', value: (each) => each.name },
      { header: 'CONTROL PLANE', value: (each) => each.url, min: 16 },
      { header: 'WORKSPACE', value: (each) => each.workspace ?? '-', drop: 2 },
      { header: 'SIGNED IN', value: (each) => (each.signedIn ? 'yes' : 'no'), drop: 1 },
    ],
    'No profiles yet. Make one with `signalbox login`.',
  );
}
