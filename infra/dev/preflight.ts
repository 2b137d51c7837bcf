/** What would make a start fail later and less clearly, asked first. */
import { statfsSync } from 'node:fs';
import { connect } from 'node:net';
import { isPortFree } from './ports.ts';
import { connectionProblem } from './postgres.ts';
import { StartError } from './start-error.ts';

/** A fresh cluster takes 40 MB, its first WAL segments and the demo some 100 more, a built console 60. */
export const NEEDED_BYTES = 400 * 1024 * 1024;
const DIAL_MS = 5_000;

export function requireSpace(folder: string, neededBytes = NEEDED_BYTES): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= neededBytes) return;
  throw new StartError(
    `The disk is full: ${megabytes(free)} MB are free in ${folder}, ${megabytes(neededBytes)} MB are needed. Free some space, or give another folder with --data-dir.`,
  );
}

const megabytes = (bytes: number): number => Math.floor(bytes / 1024 / 1024);

export async function requirePort(port: number): Promise<void> {
  if (await isPortFree(port)) return;
  throw new StartError(`Port ${port} is in use by another program. Stop it, or choose another port: SIGNALBOX_PORT=${port + 1} npm start`);
}

/** Never prints the password. */
export async function requireDatabase(url: string): Promise<void> {
  if (!URL.canParse(url)) throw new StartError('DATABASE_URL is not an address: expected postgres://user:password@host:port/database');
  const problem = await connectionProblem(url);
  const { hostname, port, pathname } = new URL(url);
  if (problem !== null) throw new StartError(`DATABASE_URL cannot be reached at ${hostname}:${port || 5432}${pathname}: ${problem}`);
}

export async function requireNats(url: string): Promise<void> {
  if (!URL.canParse(url)) throw new StartError('NATS_URL is not an address: expected nats://host:port');
  const { hostname, port } = new URL(url);
  const problem = await dialProblem(hostname, Number(port || 4222));
  if (problem !== null) throw new StartError(`NATS_URL cannot be reached at ${hostname}:${port || 4222}: ${problem}`);
}

function dialProblem(host: string, port: number): Promise<string | null> {
  return new Promise((settle) => {
    const socket = connect({ host, port, timeout: DIAL_MS });
    const finish = (problem: string | null) => {
      socket.destroy();
      settle(problem);
    };
    socket.once('connect', () => finish(null));
    socket.once('timeout', () => finish(`no answer within ${DIAL_MS / 1000} s`));
    socket.once('error', (error) => finish(error.message || 'no answer'));
  });
}
