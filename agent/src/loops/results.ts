/**
 * Removes results that nobody has written to for long from the folder that this agent's runs share. What lies in a bucket is
 * the bucket's own rules' to expire.
 */
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { pause } from '../bell.ts';

const EVERY_MS = 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

export async function resultLoop(folder: string, keepDays: number, log: Logger, signal: AbortSignal): Promise<void> {
  while (keepDays > 0 && !signal.aborted) {
    try {
      const removed = await removeOldResults(folder, Date.now() - keepDays * DAY_MS, signal);
      if (removed > 0) log.info({ removed, keepDays }, 'old results were removed');
    } catch (error) {
      log.warn({ error: String(error) }, 'old results could not be removed');
    }
    await pause(EVERY_MS, signal);
  }
}

/**
 * Removes files last written before `before`, and folders that are empty then; how many files. All files of a run (`runs/<id>`)
 * stay as long as one of them does: its later attempts read the earlier ones.
 */
export async function removeOldResults(folder: string, before: number, signal: AbortSignal): Promise<number> {
  let removed = 0;
  for (const group of await entriesOf(folder)) {
    for (const entry of await entriesOf(join(folder, group.name))) {
      if (signal.aborted) return removed;
      const path = join(folder, group.name, entry.name);
      const files = entry.isDirectory() ? await filesUnder(path) : [path];
      const writtenAt = await Promise.all(files.map(lastWritten));
      if (writtenAt.some((at) => at >= before)) continue;
      await rm(path, { recursive: true, force: true });
      removed += files.length;
    }
    if (group.isDirectory()) await rmdir(join(folder, group.name)).catch(() => {});
  }
  return removed;
}

async function entriesOf(folder: string) {
  return readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function lastWritten(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
