/** How often the kernel killed a process of this agent's control group for want of memory: the proof that an exit code lacks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs } from '../bell.ts';

/** A count that only rises; null where the system does not tell (no Linux, no cgroups). Small files of the kernel: read at once. */
export function readOomKills(read: (path: string) => string = (path) => readFileSync(path, 'utf8')): number | null {
  const group = /^0::(.*)$/m.exec(tryRead(read, '/proc/self/cgroup') ?? '')?.[1] ?? '/';
  for (const file of [
    join('/sys/fs/cgroup', group, 'memory.events'),
    '/sys/fs/cgroup/memory.events',
    '/sys/fs/cgroup/memory/memory.oom_control',
  ]) {
    const count = /^oom_kill (\d+)$/m.exec(tryRead(read, file) ?? '')?.[1];
    if (count !== undefined) return Number(count);
  }
  return null;
}

function tryRead(read: (path: string) => string, path: string): string | null {
  try {
    return read(path);
  } catch {
    return null;
  }
}

/** A rise of the count that is seen so soon after an exit is what ended it. */
const RECENT_MS = 15_000;

/** Looks now and then, and when a process was killed: no run pays for it. */
export class OomWatch {
  readonly #read: () => number | null;
  #known: number | null;
  #roseAtMs = Number.NEGATIVE_INFINITY;

  constructor(read: () => number | null = readOomKills) {
    this.#read = read;
    this.#known = read();
  }

  look(): void {
    const now = this.#read();
    if (now !== null && this.#known !== null && now > this.#known) this.#roseAtMs = monotonicMs();
    this.#known = now;
  }

  /** Whether the kernel has just killed for want of memory. */
  justKilled(): boolean {
    this.look();
    return monotonicMs() - this.#roseAtMs < RECENT_MS;
  }
}

/** Of this process's own group. */
export const oomWatch = new OomWatch();
