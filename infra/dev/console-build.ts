/** Builds the console once for each state of its sources. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { tryLock } from './lock.ts';
import { lastLine } from './log-file.ts';
import { ROOT } from './paths.ts';
import { startProcess, stopProcess } from './processes.ts';
import { StartError } from './start-error.ts';

export const CONSOLE_SERVER = join(ROOT, 'web/.next/standalone/web/server.js');
const MARKER = join(ROOT, 'web/.next/standalone/.signalbox-inputs');
/** What the built console is made of. */
const INPUTS = ['web', 'proto/src', 'sdk/src/client', 'package-lock.json'];
const NOT_INPUTS = /(^|\/)(node_modules|\.next|\.turbo|\.console-build\.lock.*)(\/|$)|\.test\.tsx?$|next-env\.d\.ts$|\.tsbuildinfo$/;

/** One builds at a time, whoever asks: others wait for it and use what it made. */
export async function ensureConsole(logs: string, stack: string, signal: AbortSignal): Promise<void> {
  while (!isConsoleBuilt()) {
    const lock = tryLock(join(ROOT, 'web/.console-build.lock'), stack);
    if ('pid' in lock) await setTimeout(500, undefined, { signal });
    else {
      using _ = lock;
      if (!isConsoleBuilt()) await buildConsole(logs, stack, signal);
    }
  }
}

export function isConsoleBuilt(): boolean {
  return existsSync(CONSOLE_SERVER) && existsSync(MARKER) && readFileSync(MARKER, 'utf8') === inputsHash();
}

/** Takes a minute on a small machine. Aborting ends the build and everything it started. */
async function buildConsole(logs: string, stack: string, signal: AbortSignal): Promise<void> {
  const hash = inputsHash();
  const build = await startProcess(
    {
      name: 'console-build',
      command: 'npm',
      args: ['run', 'build', '--workspace', '@signalbox/web'],
      cwd: ROOT,
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
      stopSignal: 'SIGTERM',
      stopGraceMs: 2_000,
      isReady: async () => false,
    },
    logs,
    stack,
  );
  const stop = () => void stopProcess(build);
  signal.addEventListener('abort', stop);
  const cause = await build.ended;
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  const log = join(logs, 'console-build.log');
  if (cause !== 'exit code 0') throw new StartError(`Building the console failed (${cause}): ${lastLine(log)} See ${log}`);
  writeFileSync(MARKER, hash);
}

function inputsHash(): string {
  const hash = createHash('sha256');
  for (const file of INPUTS.flatMap(filesOf).sort()) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function filesOf(path: string): string[] {
  if (NOT_INPUTS.test(path)) return [];
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path)).flatMap((name) => filesOf(`${path}/${name}`));
}
