/** Loopback ports. */
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** Whether this process could listen there now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => server.close(() => settle(true)));
  });
}

/** Below the ports that systems give to outgoing connections: none of those can take it before it is listened on. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const given = new Set<number>();

/** A port that is free now and that this process was not given before. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 1_000; tries++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (given.has(port) || !(await isPortFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port found between ${LOWEST} and ${HIGHEST}`);
}

/** The port this stack used last time while it is free, so that addresses people have noted stay true; else a new one. */
export async function rememberedPort(file: string): Promise<number> {
  const last = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const port = last > 0 && (await isPortFree(last)) ? last : await freePort();
  writeFileSync(file, String(port));
  return port;
}
