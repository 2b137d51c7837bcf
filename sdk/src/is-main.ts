import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isLoading } from './loading.ts';

/** Whether a module is the program that was started. Node 24 says so itself; before, it is told by the path. */
export function isMain(meta: ImportMeta): boolean {
  const known: boolean | undefined = meta.main;
  if (known !== undefined) return known;
  if (isLoading()) return false;
  const program = process.argv[1];
  if (program === undefined || !meta.url.startsWith('file:')) return false;
  try {
    return realpathSync(program) === fileURLToPath(meta.url);
  } catch {
    return false;
  }
}
