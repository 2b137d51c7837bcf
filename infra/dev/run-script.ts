/** Runs one of the product's scripts to its end; its log goes to a file, its last JSON line is the answer. */
import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './paths.ts';
import { StartError } from './start-error.ts';

const execute = promisify(execFile);

export type Script = { readonly name: string; readonly file: string; readonly args?: readonly string[]; readonly env: NodeJS.ProcessEnv };

/** @throws StartError with the last line that the script printed. */
export async function runScript({ name, file, args = [], env }: Script, logs: string, signal: AbortSignal): Promise<unknown> {
  const log = join(logs, `${name}.log`);
  try {
    const { stdout, stderr } = await execute(process.execPath, [file, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      signal,
      maxBuffer: 16 * 1024 * 1024,
    });
    // Answers may hold secrets (a new key, a join code): only what went to stderr is kept.
    appendFileSync(log, stderr, { mode: 0o600 });
    return JSON.parse(stdout.trim().split('\n').at(-1) || 'null');
  } catch (error) {
    signal.throwIfAborted();
    const { stderr = '', stdout = '', message } = error as { stderr?: string; stdout?: string; message: string };
    appendFileSync(log, stderr, { mode: 0o600 });
    const said = `${stderr}\n${stdout}`
      .split('\n')
      .find((line) => /error/i.test(line))
      ?.trim();
    throw new StartError(`${name} failed: ${said ?? message.split('\n')[0]} See ${log}`);
  }
}
