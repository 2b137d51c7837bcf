/**
 * Runs a shell command and streams what it prints as logs: `node examples/shell/flow.ts --param command="ls -l"`.
 * Cancelling ends the command and everything it started: TERM to its process group, KILL five seconds later.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { defineDeployments, flow, NonRetryableError, runContext, task } from '@signalbox/sdk';
import { z } from 'zod';

const KILL_AFTER_MS = 5_000;
/** Exit codes of POSIX shells for a command that cannot be run: trying again will not help. */
const NOT_RUNNABLE = [126, 127];

const runCommand = task('run-command', async (command: string) => {
  const { logger, signal } = runContext();
  // In a group of its own, so that what it starts can be ended with it.
  const child = spawn(command, { shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'close');
  const kill = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // It has ended meanwhile.
    }
  };
  const stop = () => {
    kill('SIGTERM');
    setTimeout(kill, KILL_AFTER_MS, 'SIGKILL').unref();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();

  let lines = 0;
  const stream = async (output: Readable, say: (line: string) => void) => {
    for await (const line of createInterface({ input: output })) {
      lines++;
      say(line);
    }
  };
  await Promise.all([stream(child.stdout, logger.info), stream(child.stderr, logger.warn)]);
  const [code, killedBy] = (await exited) as [number | null, NodeJS.Signals | null];
  signal.throwIfAborted();
  if (code !== null && NOT_RUNNABLE.includes(code))
    throw new NonRetryableError(`the shell could not run it (exit code ${code}): ${command}`);
  if (code !== 0) throw new Error(`ended with ${code === null ? killedBy : `exit code ${code}`}: ${command}`);
  return { lines };
});

const parameters = z.object({
  command: z
    .string()
    .min(1)
    .max(10_000)
    .default('uname -a; for n in 1 2 3; do echo "line $n of 3"; sleep 1; done')
    .describe('A command for sh'),
});

export const shell = flow({ name: 'shell', description: 'Runs a shell command', parameters }, ({ command }) => runCommand(command));

export const deployments = defineDeployments([shell.deployment({ name: 'default', pool: 'local', tags: ['example'] })]);

await shell.cli(import.meta);
