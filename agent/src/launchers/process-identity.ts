/** Which process a pid meant: with its start time and the machine's boot, a pid that was given away again is not mistaken. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
}

const isLinux = process.platform === 'linux';

export function identify(pid: number): ProcessIdentity | null {
  const startTime = startTimeOf(pid);
  return startTime === null ? null : { pid, startTime, bootId: bootId() };
}

/** Whether that very process still lives (a zombie does not). */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && startTimeOf(identity.pid) === identity.startTime;
}

/**
 * The session that process began, null when its number may mean another by now: the machine was booted since, or
 * somebody else got the pid. (While anybody of a session lives, its number is given to no new process.)
 */
export function sessionOf(leader: ProcessIdentity): number | null {
  if (leader.bootId !== bootId()) return null;
  const startTime = startTimeOf(leader.pid);
  return startTime === null || startTime === leader.startTime ? leader.pid : null;
}

function startTimeOf(pid: number): string | null {
  if (isLinux) {
    const fields = statFields(pid);
    if (!fields || fields[0] === 'Z' || fields[0] === 'X') return null;
    return fields[19] ?? null;
  }
  try {
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null
    );
  } catch {
    return null;
  }
}

let knownBootId: string | undefined;
function bootId(): string {
  knownBootId ??= isLinux
    ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    : execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' }).trim();
  return knownBootId;
}

/** Fields of /proc/<pid>/stat after the command's name, which may hold spaces: 0 state, 3 session, 19 start time. */
function statFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** Live processes of a session, or that carry `SIGNALBOX_RUN_ID=<run>` in their first environment. Linux only; else none. */
export function processesOf(session: number | null, run: string | null): number[] {
  if (!isLinux || (session === null && run === null)) return [];
  const mark = run === null ? null : Buffer.from(`SIGNALBOX_RUN_ID=${run}\0`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      if (pid === process.pid) return false;
      const fields = statFields(pid);
      if (!fields || fields[0] === 'Z' || fields[0] === 'X') return false;
      return Number(fields[3]) === session || (mark !== null && environmentHas(pid, mark));
    });
}

function environmentHas(pid: number, mark: Buffer): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`).includes(mark);
  } catch {
    return false;
  }
}

/** What a process holds in memory; null where the system does not tell (Linux does), or the process is gone. */
export function residentBytes(pid: number): number | null {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return kibibytes === undefined ? null : Number(kibibytes) * 1_024;
  } catch {
    return null;
  }
}
