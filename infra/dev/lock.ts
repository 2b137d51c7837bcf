/**
 * One launcher per data folder. The lock is a file with the identity of its holder; one whose holder is gone is stale and is
 * taken over, which `takeLock` tells so that the caller can end what a killed launcher left running.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { StartError } from './start-error.ts';

type Holder = ProcessIdentity & { readonly url: string };

export type Lock = Disposable & {
  /** Pid of a launcher that ended without giving its lock back; null after a clean end. */
  readonly tookOverFrom: number | null;
};

/** @throws StartError when a live launcher holds it. */
export function takeLock(file: string, url: string): Lock {
  const lock = tryLock(file, url);
  if (!('pid' in lock)) return lock;
  throw new StartError(
    `Signalbox runs here already: ${lock.url} (pid ${lock.pid}). Stop it with Ctrl-C in its terminal, or: kill ${lock.pid}`,
  );
}

/** The lock, or who is alive and holds it; `url` is what others are told of the holder. */
export function tryLock(file: string, url: string): Lock | Holder {
  const own = identify(process.pid);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ ...own, url }), { mode: 0o600 });
  let tookOverFrom: number | null = null;
  try {
    // A link appears with its content or not at all, so that no reader sees a half-written lock.
    while (!tryLink(draft, file)) {
      const holder = read(file);
      if (holder && isAlive(holder)) return holder;
      tookOverFrom = holder?.pid ?? 0;
      setAside(file);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return { tookOverFrom, [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Null when there is none any more, or when it says nothing (a full disk cut it short). */
function read(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** Renaming has one winner; deleting could take the lock that a faster launcher has just made. */
function setAside(file: string): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
    rmSync(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
