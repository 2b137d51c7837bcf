/** What work costs apart from time: processor microseconds of each part of a system, and bytes of WAL. Steadier than wall time on a shared machine. */
import { readdirSync, readFileSync } from 'node:fs';
import type { System } from '../test-support/system.ts';

/** Linux counts in hundredths of a second, whatever the kernel's own tick is. */
const TICK_US = 10_000;
const PARTS = ['postgres', 'nats', 'control-plane', 'agent'] as const;

type Costs = { readonly cpuUs: Readonly<Record<string, number>>; readonly totalUs: number; readonly walBytes: number };

/** Runs `work`; answers what it cost. Processor time is NaN where there is no /proc. */
export async function costsOf(system: System, work: () => Promise<unknown>): Promise<Costs> {
  const parts = system.parts.filter((part) => PARTS.some((known) => part.startsWith(known)));
  const spent = () => new Map(parts.map((part) => [part, cpuOfTree(system.pidOf(part))]));
  const [wal, before] = [await walPosition(system), spent()];
  await work();
  const [walAfter, after] = [await walPosition(system), spent()];
  const cpuUs = Object.fromEntries(parts.map((part) => [part, (after.get(part) ?? Number.NaN) - (before.get(part) ?? Number.NaN)]));
  return { cpuUs, totalUs: Object.values(cpuUs).reduce((sum, us) => sum + us, 0), walBytes: walAfter - wal };
}

async function walPosition(system: System): Promise<number> {
  const [line] = await system.sql<{ bytes: string }>("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS bytes");
  return Number(line?.bytes);
}

type Stat = { readonly parent: number; readonly ticks: number };

/** A process and all below it, with what those that ended below had used. */
export function cpuOfTree(root: number): number {
  const stats = new Map<number, Stat>();
  for (const name of listProc()) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : null;
    if (stat) stats.set(Number(name), stat);
  }
  if (!stats.has(root)) return Number.NaN;
  const isBelow = (pid: number): boolean => pid === root || (pid > 1 && stats.has(pid) && isBelow(stats.get(pid)?.parent ?? 0));
  return [...stats].reduce((sum, [pid, { ticks }]) => sum + (isBelow(pid) ? ticks * TICK_US : 0), 0);
}

/** Resident memory of one process, MiB; NaN where there is no /proc. */
export function residentMib(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1_024;
  } catch {
    return Number.NaN;
  }
}

function listProc(): string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

/** @see proc_pid_stat(5): fields 4, 14 to 17, counted behind the name, which may hold blanks. */
function readStat(pid: number): Stat | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) };
  } catch {
    return null; // it ended meanwhile
  }
}
