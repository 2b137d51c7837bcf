/** Where the embedded stack keeps its things. */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StartError } from './start-error.ts';

/** The checkout. */
export const ROOT = resolve(import.meta.dirname, '../..');

export const isRoot = (): boolean => process.getuid?.() === 0;

export type StackPaths = {
  /** Everything of one stack; default `.signalbox/` in the checkout. */
  readonly data: string;
  readonly lock: string;
  readonly processes: string;
  readonly logs: string;
  readonly nats: string;
  readonly agent: string;
  /** Cluster, password and port of the embedded Postgres. */
  readonly postgres: string;
};

/** Makes the folders. */
export function stackPaths(data = join(ROOT, '.signalbox')): StackPaths {
  const paths = {
    data,
    lock: join(data, 'launcher.lock'),
    processes: join(data, 'processes.json'),
    logs: join(data, 'logs'),
    nats: join(data, 'nats'),
    agent: join(data, 'agent'),
    postgres: isRoot() ? join(traversable(data), 'postgres') : join(data, 'postgres'),
  };
  for (const folder of [paths.data, paths.logs, paths.nats, paths.agent]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return paths;
}

/** Programs that were fetched or copied; survives `--reset`. */
export function cachePath(): string {
  const folder = join(ROOT, '.signalbox', 'cache');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * A folder below /var/tmp that any user may walk through: Postgres runs as an unprivileged user when we are root, and that user
 * cannot enter a private home. Anyone may create names in /var/tmp, so one that is not ours is refused.
 */
export function traversable(key: string): string {
  const folder = join('/var/tmp', `signalbox-${createHash('sha256').update(resolve(key)).digest('hex').slice(0, 12)}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const { uid } = lstatSync(folder);
  if (uid !== process.getuid?.()) throw new StartError(`${folder} belongs to another user (uid ${uid}). Remove it, then start again.`);
  return folder;
}
