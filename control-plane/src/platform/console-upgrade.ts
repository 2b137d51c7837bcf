/**
 * The one WebSocket there is: `next dev` tells its pages what changed (`/_next/...`), and they do not become alive without it.
 * A console that was built offers none and closes the connection; every other path is refused here.
 */
import { type IncomingMessage, request, type Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Passes upgrades of the console's development server on, byte by byte. */
export function passUpgrades(server: Server, webUrl: string): void {
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (!incoming.url?.startsWith('/_next/')) return refuse(socket);
    const { hostname, port } = new URL(webUrl);
    const outgoing = request({ hostname, port, path: incoming.url, method: 'GET', headers: incoming.headers });
    socket.once('close', () => outgoing.destroy());
    outgoing.once('error', () => refuse(socket));
    outgoing.once('response', () => refuse(socket));
    outgoing.once('upgrade', (answer, upstream, first) => {
      upstream.on('error', () => socket.destroy());
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headerLines(answer.rawHeaders)}\r\n`);
      if (first.length > 0) socket.write(first);
      if (head.length > 0) upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    outgoing.end();
  });
}

function refuse(socket: Duplex): void {
  socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
}

/** Node gives names and values in turns. */
function headerLines(raw: readonly string[]): string {
  return raw.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
}
