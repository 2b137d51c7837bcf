/** Teaches this process to read what the project's loader reads. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Project } from './find-config.ts';

/** Address of the project's loader; null when it has none. @throws Error when it is not installed there. */
export function locateLoader({ root, config }: Project): string | null {
  if (config.loader === undefined) return null;
  try {
    return pathToFileURL(createRequire(path.join(root, 'package.json')).resolve(config.loader)).href;
  } catch {
    throw new Error(
      `loader: expected a module that ${root} can import, got "${config.loader}": npm install --save-dev ${packageOf(config.loader)}`,
    );
  }
}

/** From here on, imports go through the project's loader. */
export async function useLoader(project: Project): Promise<void> {
  const loader = locateLoader(project);
  if (loader !== null) await import(loader);
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
