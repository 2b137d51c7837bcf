/** Listens for the app, and stops in order: no new requests, live streams ended, those under way finished. */

import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { App } from './app.ts';
import { passUpgrades } from './platform/console-upgrade.ts';

/** How long requests under way may take once we stop. */
const DRAIN_MS = 10_000;
const IDLE_POLL_MS = 20;

export type Listening = {
  readonly port: number;
  /** Idempotent. Resolves when the last connection is closed. */
  close(): Promise<void>;
};

/** @throws when the port is busy. */
export async function serveApp(
  app: App,
  at: { readonly host: string; readonly port: number; readonly webUrl?: string | null },
): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  // Above the idle time of usual load balancers, so that we are never the one who closes under a request.
  server.keepAliveTimeout = 75_000;
  server.headersTimeout = 80_000;
  if (at.webUrl) passUpgrades(server, at.webUrl);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () => resolve());
  });
  let closing: Promise<void> | undefined;
  return {
    port: (server.address() as AddressInfo).port,
    close: () => (closing ??= close(server, sockets, app)),
  };
}

async function close(server: Server, sockets: ReadonlySet<Socket>, app: App): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  app.closeStreams();
  // A connection whose last request is under way now goes idle later, and would then be kept alive.
  const idle = setInterval(() => {
    server.closeIdleConnections();
    // Clients dial ahead; a connection that never asked anything does not count as idle.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  }, IDLE_POLL_MS);
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(timer);
}
