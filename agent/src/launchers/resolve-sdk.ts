/** Finds the program a child runs: the user's own copy of `@signalbox/sdk/child`, else the agent's. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @throws when neither the code's folder nor the agent has the SDK. */
export function resolveSdkChild(codeRoot: string): string {
  const found = findIn(codeRoot) ?? findIn(dirname(fileURLToPath(import.meta.url)));
  if (found) return found;
  throw new Error(`cannot find @signalbox/sdk from ${codeRoot}: install it there (npm install @signalbox/sdk)`);
}

function findIn(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const home = join(folder, 'node_modules/@signalbox/sdk');
    const entry = childEntry(home);
    // The real path: Node strips types only outside node_modules, where a workspace's link points.
    if (entry) return realpathSync(join(home, entry));
    if (folder === dirname(folder)) return null;
  }
}

function childEntry(home: string): string | null {
  if (!statSync(join(home, 'package.json'), { throwIfNoEntry: false })?.isFile()) return null;
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { exports?: Record<string, unknown> };
  const target = manifest.exports?.['./child'];
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return null;
  const conditions = target as Record<string, unknown>;
  const chosen = conditions.import ?? conditions.default;
  return typeof chosen === 'string' ? chosen : null;
}
