/**
 * After `kill -9` of the postmaster its backends live on for a moment and hold the cluster's shared memory; a new one that starts
 * meanwhile refuses to. Who starts a cluster waits for them here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 10_000;
const POLL_MS = 20;

/** Returns at once when there is no killed predecessor, and where the system does not tell who is attached (not Linux). */
export async function untilBackendsAreGone(dataFolder: string): Promise<void> {
  const segment = sharedMemoryOf(dataFolder);
  const deadline = performance.now() + PATIENCE_MS;
  while (segment !== null && attachedTo(segment) > 0 && performance.now() < deadline) await delay(POLL_MS);
}

/** Id of the segment that the last postmaster made, from line 7 of its pid file ("key id"); a clean end removes the file. */
function sharedMemoryOf(dataFolder: string): string | null {
  const line = read(join(dataFolder, 'postmaster.pid'))?.split('\n')[6];
  return line?.trim().split(/\s+/)[1] ?? null;
}

/** @see https://man7.org/linux/man-pages/man5/proc_sysvipc_shm.5.html: key, shmid, perms, size, cpid, lpid, nattch, ... */
function attachedTo(segment: string): number {
  const rows = (read('/proc/sysvipc/shm') ?? '').split('\n').map((row) => row.trim().split(/\s+/));
  return Number(rows.find((columns) => columns[1] === segment)?.[6] ?? 0);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
