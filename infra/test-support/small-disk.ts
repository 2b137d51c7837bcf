/** A small file system of its own for a folder, so that it can be filled without harm. Needs root on Linux. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** False where this machine does not let us. */
export function mountSmallDisk(folder: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=0700', 'tmpfs', folder]).status === 0;
}

export function isSmallDisk(folder: string): boolean {
  return process.platform === 'linux' && readFileSync('/proc/mounts', 'utf8').includes(` ${folder} tmpfs `);
}

/** Nothing when there is none. */
export function unmountDisk(folder: string): void {
  if (isSmallDisk(folder)) spawnSync('umount', ['-l', folder]);
}
