/**
 * The embedded cluster of a root's stack lies outside its data folder (see `traversable`), so deleting the data folder, or the whole
 * checkout, leaves it behind. Its secrets are gone by then: nothing that it seals can be opened again, and a stack that begins
 * anew at the same path must not take it for its own. A link in the data folder says which cluster belongs to it.
 */
import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { StackPaths } from './paths.ts';

/** Idempotent; to be called under the lock of the data folder, before anything is written into it. Answers whether it removed a stranger. */
export function ownPostgresFolder({ data, postgres }: Pick<StackPaths, 'data' | 'postgres'>): boolean {
  const link = join(data, 'postgres');
  // Inside, it comes and goes with its data folder.
  const isOutside = postgres !== link;
  let hasLeft = false;
  if (isOutside && !exists(link)) {
    // A data folder with a secret is in use: it was made before there were links.
    hasLeft = exists(postgres) && !exists(join(data, 'secret'));
    if (hasLeft) rmSync(postgres, { recursive: true, force: true });
    symlinkSync(postgres, link);
  }
  mkdirSync(postgres, { recursive: true, mode: 0o700 });
  return hasLeft;
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
