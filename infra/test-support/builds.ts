/** Other builds of the control plane beside this one, to run as processes: the previous commit's, and one that knows more migrations. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../dev/paths.ts';

const PARTS = ['control-plane', 'proto'] as const;
/** What the parts' own settings extend. */
const SHARED = ['tsconfig.base.json'] as const;
const GENERATED = 'control-plane/src/generated';
const MIGRATIONS = 'control-plane/prisma/migrations';

/** Takes the commit before this one from git; where there is none (an archive, a shallow clone), this tree stands for it. */
export function previousBuild(folder: string): { root: string; commit: string | null } {
  const commit = git('rev-parse', '--short', 'HEAD~1')?.trim() ?? null;
  mkdirSync(folder, { recursive: true });
  if (commit === null) copyTree(folder);
  else {
    const archive = join(folder, 'commit.tar');
    execFileSync('git', ['archive', '-o', archive, commit, ...PARTS, ...SHARED], { cwd: ROOT });
    execFileSync('tar', ['-xf', archive, '-C', folder]);
    cpSync(join(ROOT, GENERATED), join(folder, GENERATED), { recursive: true });
  }
  linkModules(folder);
  generateClient(folder);
  return { root: folder, commit };
}

/** This tree with `change` carried out on the text of a source file, so that the build needs what `migrations` bring. */
export function nextBuild(
  folder: string,
  migrations: Readonly<Record<string, string>>,
  change: { file: string; from: string; to: string },
) {
  mkdirSync(folder, { recursive: true });
  copyTree(folder);
  linkModules(folder);
  for (const [name, sql] of Object.entries(migrations)) addMigration(folder, name, sql);
  const file = join(folder, change.file);
  const text = readFileSync(file, 'utf8');
  if (!text.includes(change.from)) throw new Error(`${change.file} does not say ${change.from} any more`);
  writeFileSync(file, text.replaceAll(change.from, change.to));
}

export function addMigration(root: string, name: string, sql: string): void {
  mkdirSync(join(root, MIGRATIONS, name));
  writeFileSync(join(root, MIGRATIONS, name, 'migration.sql'), sql);
}

/** Brings the database to the build's schema, as an operator does. */
export function migrateWith(root: string, databaseUrl: string): void {
  execFileSync(process.execPath, ['control-plane/src/migrate.ts'], { cwd: root, env: { ...process.env, DATABASE_URL: databaseUrl } });
}

function copyTree(folder: string): void {
  for (const file of SHARED) cpSync(join(ROOT, file), join(folder, file));
  for (const part of PARTS)
    cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter: (path) => !path.includes(`/${part}/node_modules`) });
}

/** Nothing to do where the models are those of this tree. */
function generateClient(root: string): void {
  const file = pathToFileURL(join(ROOT, 'infra/entry/generate.mjs')).href;
  const script = `const { generateDatabaseClient } = await import(${JSON.stringify(file)}); await generateDatabaseClient(process.argv[1], process.execPath);`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script, root]);
}

/** Everything as installed here, but this build's own packages. */
function linkModules(folder: string): void {
  const [from, to] = [join(ROOT, 'node_modules'), join(folder, 'node_modules')];
  mkdirSync(join(to, '@signalbox'), { recursive: true });
  for (const name of readdirSync(from)) if (name !== '@signalbox') symlinkSync(join(from, name), join(to, name));
  for (const part of PARTS) {
    symlinkSync(join(folder, part), join(to, '@signalbox', part));
    const own = join(ROOT, part, 'node_modules');
    if (existsSync(own)) symlinkSync(own, join(folder, part, 'node_modules'));
  }
}

function git(...args: string[]): string | null {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}
