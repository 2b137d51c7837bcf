/** Finds and reads `signalbox.config.*`. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SignalboxConfig } from '../config.ts';
import { CONFIG } from '../config.ts';
import { loadModule } from '../loading.ts';

const NAMES = ['ts', 'mts', 'js', 'mjs', 'cjs', 'cts'].map((extension) => `signalbox.config.${extension}`);
const FIELDS = ['flows', 'loader', 'deployments'];

/** A project: its folder, and the configuration that lies there. Without one, the defaults hold. */
export interface Project {
  readonly root: string;
  readonly configFile: string | null;
  readonly config: SignalboxConfig;
}

/** The configuration in `from` or the nearest folder above; null when there is none. */
export function findConfig(from: string): string | null {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    const name = NAMES.find((each) => existsSync(path.join(folder, each)));
    if (name) return path.join(folder, name);
    if (path.dirname(folder) === folder) return null;
  }
}

export function isConfigFile(file: string): boolean {
  return NAMES.includes(path.basename(file));
}

/** The project of a configuration, or of a folder that has none. @throws Error naming the file and what is wrong with it. */
export async function loadProject(folder: string, configFile: string | null = findConfig(folder)): Promise<Project> {
  if (configFile === null) return { root: path.resolve(folder), configFile: null, config: {} };
  if (!existsSync(configFile)) throw new Error(`no such file: ${path.resolve(configFile)}`);
  const absolute = path.resolve(configFile);
  const exports = await loadModule(pathToFileURL(absolute).href);
  const config = [exports['default'], (exports['default'] as { default?: unknown } | undefined)?.default, exports['config']].find(isConfig);
  if (!config)
    throw new Error(
      `${absolute}: expected \`export default defineConfig({ ... })\`, got exports: ${Object.keys(exports).join(', ') || 'none'}`,
    );
  const unknown = Object.keys(config).find((key) => !FIELDS.includes(key));
  if (unknown) throw new Error(`${absolute}: expected the fields ${FIELDS.join(', ')}, got ${unknown}`);
  return { root: path.dirname(absolute), configFile: absolute, config };
}

function isConfig(value: unknown): value is SignalboxConfig {
  return typeof value === 'object' && value !== null && CONFIG in value;
}
