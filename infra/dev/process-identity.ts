/** Tells a process from a later one with the same pid, and finds those that belong to a stack. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export type ProcessIdentity = { readonly pid: number; readonly startedAt: string };

/** When the process began, as an opaque string that a reused pid will not repeat; null when there is none (a zombie counts as none). */
export function startOf(pid: number): string | null {
  if (process.platform !== 'linux') return startFromPs(pid);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in parentheses and may hold spaces: count fields after it. State is the 3rd, start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    return `${fields[19]}@${bootId()}`;
  } catch {
    return null;
  }
}

export function identify(pid: number): ProcessIdentity | null {
  const startedAt = startOf(pid);
  return startedAt === null ? null : { pid, startedAt };
}

export const isAlive = ({ pid, startedAt }: ProcessIdentity): boolean => startOf(pid) === startedAt;

/**
 * Processes that carry this variable in their environment: whatever a stack started, at any depth. Linux only; elsewhere the
 * answer is empty and process groups alone are stopped.
 */
export function carrying(variable: string, isWanted: (value: string) => boolean): ProcessIdentity[] {
  if (process.platform !== 'linux') return [];
  const prefix = `${variable}=`;
  const carries = (pid: number) => environmentOf(pid).some((entry) => entry.startsWith(prefix) && isWanted(entry.slice(prefix.length)));
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && carries(pid))
    .map(identify)
    .filter((found) => found !== null);
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

let boot: string | undefined;
function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}

function startFromPs(pid: number): string | null {
  try {
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null
    );
  } catch {
    return null;
  }
}
