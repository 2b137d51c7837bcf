/** The file of the program that was started: of `node flow.ts`, `flow.ts`. */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Undefined when there is none: `node -e`, a REPL. */
export function programFile(): string | undefined {
  const program = process.argv[1];
  if (program === undefined) return undefined;
  try {
    // As Node finds it: `node .` and `node flow` name no file yet.
    return realpathSync(createRequire(import.meta.url).resolve(path.resolve(program)));
  } catch {
    return undefined;
  }
}

/** Whether a file is the program. */
export function isProgram(file: URL): boolean {
  try {
    return programFile() === realpathSync(fileURLToPath(file));
  } catch {
    return false;
  }
}

/**
 * The program's own module, if it is the author's: of what lies in an installed package (a test runner, a process manager)
 * nothing is known, and it must not be started again by being imported.
 */
export function ownProgram(): { readonly url: string } | undefined {
  const file = programFile();
  if (file === undefined || file.split(path.sep).includes('node_modules')) return undefined;
  return { url: pathToFileURL(file).href };
}
