/**
 * Processes of the stack. Each runs in a group of its own, so that Ctrl-C reaches the launcher alone, which then stops them in
 * order; each is noted on disk, so that a start after a killed launcher finds and ends what that one left.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastLine } from './log-file.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { StartError } from './start-error.ts';

export type ProcessSpec = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** Awaited before each start: what an earlier process of this kind may still hold. */
  readonly beforeStart?: () => Promise<void>;
  readonly stopSignal: NodeJS.Signals;
  /** From the stop signal to SIGKILL. */
  readonly stopGraceMs: number;
  /** Asked again and again from the start on. `said` gives what it has printed since this start. */
  readonly isReady: (said: () => string) => Promise<boolean>;
};

export type RunningProcess = {
  readonly spec: ProcessSpec;
  readonly identity: ProcessIdentity;
  /** Settles when it has ended, with a plain cause. */
  readonly ended: Promise<string>;
  /** What it has printed since it was started. */
  said(): string;
};

/** Variable in the environment of everything a stack starts, flows of users included. */
export const STACK_VARIABLE = 'SIGNALBOX_STACK';

const READY_MS = 60_000;
const READY_POLL_MS = 25;
/** An orphan that nobody has buried yet counts as there: not for ever. */
const GROUP_GONE_MS = 2_000;

/** Starts the process, its output going to `<logs>/<name>.log`. */
export async function startProcess(spec: ProcessSpec, logs: string, stack: string): Promise<RunningProcess> {
  await spec.beforeStart?.();
  const file = join(logs, `${spec.name}.log`);
  const log = openSync(file, 'a', 0o600);
  const { size } = fstatSync(log);
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: { ...(spec.env ?? process.env), [STACK_VARIABLE]: stack },
    uid: spec.uid,
    gid: spec.gid,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = endOf(child);
  const identity = child.pid === undefined ? null : identify(child.pid);
  if (identity === null) throw new StartError(`Could not start ${spec.name}: ${await ended}`);
  return { spec, identity, ended, said: () => readFileSync(file).subarray(size).toString('utf8') };
}

/** Waits until it serves. Throws a line that names the log when it ends or stays silent first. */
export async function untilReady(
  { spec, ended, said }: RunningProcess,
  logs: string,
  signal?: AbortSignal,
  patienceMs = READY_MS,
): Promise<void> {
  const log = join(logs, `${spec.name}.log`);
  let cause: string | undefined;
  void ended.then((text) => (cause = text));
  const deadline = performance.now() + patienceMs;
  while (!(await spec.isReady(said))) {
    signal?.throwIfAborted();
    if (cause !== undefined) throw new StartError(`${spec.name} ended while starting (${cause}). ${tailOf(log)}See ${log}`);
    if (performance.now() > deadline) throw new StartError(`${spec.name} did not become ready within ${patienceMs / 1000} s. See ${log}`);
    await delay(READY_POLL_MS);
  }
}

function tailOf(log: string): string {
  const line = lastLine(log);
  return line === null ? '' : `It said: ${line} `;
}

/** Asks it to stop, kills it after its grace, and then whatever is left of its group. Nothing when it has ended already. */
export async function stopProcess({ spec, identity, ended }: RunningProcess): Promise<void> {
  await stopIdentity(identity, spec.stopSignal, spec.stopGraceMs);
  await ended;
}

/** For a process that is not our child too, such as one that a killed launcher left. */
export async function stopIdentity(identity: ProcessIdentity, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  // The pid of one that ended may be another's by now, and so may its group.
  if (!isAlive(identity)) return;
  sendSignal(identity.pid, signal);
  const deadline = performance.now() + graceMs;
  while (isAlive(identity) && performance.now() < deadline) await delay(READY_POLL_MS);
  // Members of the group may outlive their leader.
  sendSignal(-identity.pid, 'SIGKILL');
  while (isAlive(identity)) await delay(READY_POLL_MS);
  // A kill is carried out a moment later: whoever is told that it stopped must find nothing of it.
  const goneBy = performance.now() + GROUP_GONE_MS;
  while (groupExists(identity.pid) && performance.now() < goneBy) await delay(READY_POLL_MS);
}

function groupExists(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, signal) => settle(signal ? `killed by ${signal}` : `exit code ${code}`));
  });
}
