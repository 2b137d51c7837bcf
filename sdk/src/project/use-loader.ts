/** Teaches this process to read what the project's loader reads. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Project } from './find-config.ts';

/** Address of the project's loader; null when it has none. @throws Error when it is not installed there. */
export function locateLoader({ root, config: { loader } }: Project): string | null {
  if (loader === undefined) return null;
  const require = createRequire(path.join(root, 'package.json'));
  try {
    return pathToFileURL(require.resolve(loader)).href;
  } catch {
    const file = findImport(require.resolve.paths(loader) ?? [], loader);
    if (file) return pathToFileURL(file).href;
    throw new Error(`loader: expected a module that ${root} can import, got "${loader}": npm install --save-dev ${packageOf(loader)}`);
  }
}

/** From here on, imports go through the project's loader. */
export async function useLoader(project: Project): Promise<void> {
  const loader = locateLoader(project);
  if (loader !== null) await import(loader);
}

/** What `import` alone may enter: Node resolves for another folder than our own only as `require` does. */
function findImport(folders: readonly string[], loader: string): string | null {
  const name = packageOf(loader);
  const home = folders.map((folder) => path.join(folder, name)).find((each) => existsSync(path.join(each, 'package.json')));
  if (!home) return null;
  const manifest = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8')) as { exports?: Record<string, unknown> };
  const entry = manifest.exports?.[`.${loader.slice(name.length)}`] as Record<string, unknown> | undefined;
  const target = entry?.['import'] ?? entry?.['default'];
  return typeof target === 'string' ? path.join(home, target) : null;
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
