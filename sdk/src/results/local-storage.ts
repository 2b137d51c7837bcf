/** Results as files of a folder. Readable by their owner alone. */
import { access, link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ResultStorage } from './storage.ts';
import { checkKey } from './storage.ts';

export interface LocalStorageOptions {
  /**
   * Wait until the disk itself has each write (fsync). Default false: a killed process loses nothing, a power cut may
   * lose the last seconds, which a checksum finds, and those tasks run again.
   */
  readonly sync?: boolean;
}

const TMP = '.tmp-';

/** Keeps results under `dir`, which is made when it is missing. Processes of one machine may share it. */
export function localStorage(dir: string, options: LocalStorageOptions = {}): ResultStorage {
  const root = path.resolve(dir);
  const fileOf = (key: string) => path.join(root, ...checkKey(key).split('/'));

  /** A whole file under a name that nobody reads. */
  const writeAside = async (file: string, bytes: Uint8Array): Promise<string> => {
    const aside = path.join(path.dirname(file), `${TMP}${process.pid}-${Math.random().toString(36).slice(2)}`);
    const handle = await openMade(aside, 'wx');
    try {
      await handle.writeFile(bytes);
      if (options.sync) await handle.sync();
    } catch (error) {
      await rm(aside, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    return aside;
  };

  return {
    name: 'local',
    get: (key) => readFile(fileOf(key)).catch(nullWhenMissing),
    put: async (key, bytes) => {
      const file = fileOf(key);
      await rename(await writeAside(file, bytes), file);
      if (options.sync) await syncFolder(path.dirname(file));
    },
    has: (key) =>
      access(fileOf(key)).then(
        () => true,
        () => false,
      ),
    delete: (key) => rm(fileOf(key), { force: true }),
    list: async (prefix) => {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const found = await readdir(path.join(root, folder), { recursive: true, withFileTypes: true }).catch(nullWhenMissing);
      return (found ?? [])
        .filter((entry) => entry.isFile() && !entry.name.startsWith(TMP))
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
        .filter((key) => key.startsWith(prefix));
    },
    openLog: async (key) => {
      const handle = await openMade(fileOf(key), 'a');
      return {
        append: async (lines) => {
          await handle.appendFile(lines);
          if (options.sync) await handle.datasync();
        },
        close: () => handle.close(),
      };
    },
    create: async (key, bytes) => {
      const file = fileOf(key);
      const aside = await writeAside(file, bytes);
      // Unlike a rename, a link refuses a name that is taken, and shows the file whole.
      try {
        await link(aside, file);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      } finally {
        await rm(aside, { force: true });
      }
    },
  };
}

/** Opens a file, and makes its folder only when it turns out to be missing. */
async function openMade(file: string, flags: string) {
  try {
    return await open(file, flags, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    return open(file, flags, 0o600);
  }
}

function nullWhenMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
