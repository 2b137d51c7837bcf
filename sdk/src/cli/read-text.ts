import { readFile } from 'node:fs/promises';
import { CliError } from './cli-error.ts';
import type { Context } from './context.ts';

/** Text of a file; `-` is standard input. @throws CliError that names the file. */
export async function readText(context: Context, file: string): Promise<string> {
  try {
    if (file !== '-') return await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(`${file}: ${(error as Error).message}`);
  }
  let text = '';
  for await (const chunk of context.host.stdin) text += String(chunk);
  return text;
}
