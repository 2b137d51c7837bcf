/** Identity of a folder of code. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** Bounds: a folder beyond them is no folder of source code, and reading it would stall the deploy. */
const MAX_FILES = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;
const SKIPPED = new Set(['node_modules', 'dist', 'coverage']);

/**
 * `sha256:` and the hash over names and contents of all files of a folder, in order of their names. Left out: folders
 * `node_modules`, `dist` and `coverage`, and everything whose name begins with a dot. Links are not followed.
 * @throws Error over 10,000 files or 64 MiB.
 */
export async function digestFolder(folder: string): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const file of await listFiles(folder)) {
    const absolute = path.join(folder, file);
    bytes += (await stat(absolute)).size;
    if (bytes > MAX_BYTES) throw tooLarge(folder, '64 MiB');
    const content = await readFile(absolute);
    // The length keeps a name and its content apart from the next: no two folders give the same bytes.
    hash.update(`${file.split(path.sep).join('/')}\0${content.length}\0`).update(content);
  }
  return `sha256:${hash.digest('hex')}`;
}

async function listFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(path.join(root, folder), { withFileTypes: true })) {
      if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) continue;
      const relative = path.join(folder, entry.name);
      if (entry.isDirectory()) folders.push(relative);
      else if (entry.isFile()) files.push(relative);
      if (files.length > MAX_FILES) throw tooLarge(root, `${MAX_FILES} files`);
    }
  }
  return files.sort();
}

function tooLarge(folder: string, bound: string): Error {
  return new Error(`${folder} is too large to be code (more than ${bound}): give the folder of the sources as root`);
}
