import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { CliError } from '../../cli-error.ts';
import type { Context, GlobalOptions } from '../../context.ts';
import { projectFiles } from './project-files.ts';

interface InitOptions extends GlobalOptions {
  readonly name?: string;
  readonly pool: string;
  readonly loader?: string;
  readonly yes?: boolean;
}

/** Writes what is missing and leaves what is there. @throws CliError for a name that npm would refuse. */
export async function initProject(context: Context, options: InitOptions, folder?: string): Promise<void> {
  const target = path.resolve(folder ?? (await askForFolder(context, options)));
  const name =
    options.name ??
    (path
      .basename(target)
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') ||
      'flows');
  if (!/^(@[a-z0-9-]+\/)?[a-z0-9][a-z0-9._-]{0,99}$/.test(name))
    throw new CliError(`--name: expected a package name of lower-case letters, digits, "-", got "${name}"`);
  const written: string[] = [];
  const kept: string[] = [];
  for (const [file, text] of Object.entries(projectFiles({ name, pool: options.pool, loader: options.loader ?? null }))) {
    const absolute = path.join(target, file);
    if (existsSync(absolute)) {
      kept.push(file);
      continue;
    }
    mkdirSync(path.dirname(absolute), { recursive: true });
    // Not even in the moment between.
    writeFileSync(absolute, text, { flag: 'wx' });
    written.push(file);
  }
  if (context.json) return context.printJson({ folder: target, written, kept });
  for (const file of written) context.print(`${context.style.green('+')} ${file}`);
  for (const file of kept) context.print(`${context.style.dim(`= ${file} (left as it is)`)}`);
  const steps = [
    ...(path.relative(process.cwd(), target) ? [`cd ${path.relative(process.cwd(), target)}`] : []),
    'npm install',
    'npm test',
    'npm start',
  ];
  context.note('', 'Next:', ...steps.map((step) => `  ${context.style.cyan(step)}`));
}

/** Whoever gave a flag, or is no person, is asked nothing. */
async function askForFolder(context: Context, options: InitOptions): Promise<string> {
  const { stdin, stdout } = context.host;
  if (options.yes || options.name !== undefined || !stdin.isTTY || !stdout.isTTY) return '.';
  const reader = createInterface({ input: stdin, output: stdout });
  try {
    return (await reader.question('Folder of the project (.): ', { signal: context.host.signal })).trim() || '.';
  } finally {
    reader.close();
  }
}
