/**
 * The local socket that children dial, and dial again after the agent's own restart: same path, same token.
 * The folder is 0700; a child proves itself by the token it was started with, compared in constant time.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { type FromChild, fromChildSchema, type ToChild } from '@signalbox/proto/messages';
import type { Logger } from 'pino';
import { encodeFrame, FrameReader } from './frames.ts';

/** macOS takes 103 bytes in a socket's address, Linux 107. */
const SOCKET_PATH_MAX_BYTES = 100;
const HELLO_WITHIN_MS = 10_000;
/** How long a frame that may wait does. */
const WAIT_MS = 20;

export type ChildHello = Extract<FromChild, { type: 'hello' }>;
type ChildFrame = Exclude<FromChild, { type: 'hello' }>;

/** With `mayWait` a frame goes with the next one, or a moment later: each write wakes the child. */
export type SendToChild = (frame: ToChild, mayWait?: boolean) => void;

/** One child's end of the wire; the newest connection replaces an older one. */
export interface ChildPort {
  readonly tokenHash: string;
  connected(hello: ChildHello, send: SendToChild): void;
  frame(frame: ChildFrame): void;
  /** A frame that fits no schema; to close the connection for it would have it sent again for ever. */
  malformed(frame: unknown, problem: string): void;
  disconnected(): void;
}

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Short by force: beside the data when that fits, else in a folder of the system's, named by a hash. */
export function socketPathFor(dataDir: string): string {
  const near = join(dataDir, 'run', 's');
  if (Buffer.byteLength(near) <= SOCKET_PATH_MAX_BYTES) return near;
  return join(tmpdir(), `signalbox-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`, 's');
}

export class ChildGateway {
  readonly path: string;
  readonly #log: Logger;
  readonly #ports = new Set<ChildPort>();
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(path: string, log: Logger) {
    this.path = path;
    this.#log = log;
  }

  async open(): Promise<void> {
    makePrivate(dirname(this.path));
    rmSync(this.path, { force: true });
    const server = createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.path, resolve);
    });
    chmodSync(this.path, 0o600);
    this.#server = server;
  }

  register(port: ChildPort): void {
    this.#ports.add(port);
  }

  unregister(port: ChildPort): void {
    this.#ports.delete(port);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
  }

  #accept(socket: Socket): void {
    const reader = new FrameReader();
    let port: ChildPort | null = null;
    this.#sockets.add(socket);
    const silence = setTimeout(() => socket.destroy(), HELLO_WITHIN_MS);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(silence);
      this.#sockets.delete(socket);
      if (port && connectionOf.get(port) === socket) port.disconnected();
    });
    socket.on('data', (chunk) => {
      try {
        for (const raw of reader.push(chunk)) {
          const parsed = fromChildSchema.safeParse(raw);
          if (!parsed.success) {
            if (!port) throw new Error('the first frame is no hello');
            port.malformed(raw, parsed.error.message);
            continue;
          }
          const frame = parsed.data;
          if (frame.type !== 'hello') {
            if (!port) throw new Error('a frame before hello');
            port.frame(frame);
            continue;
          }
          port = this.#portOf(frame.token);
          if (!port) throw new Error('unknown token');
          clearTimeout(silence);
          connectionOf.get(port)?.destroy();
          connectionOf.set(port, socket);
          port.connected(frame, senderOf(socket));
        }
      } catch (error) {
        this.#log.warn({ error: String(error) }, 'a connection on the child socket was closed');
        socket.destroy();
      }
    });
  }

  #portOf(token: string): ChildPort | null {
    const given = Buffer.from(hashToken(token));
    let match: ChildPort | null = null;
    for (const port of this.#ports) if (timingSafeEqual(given, Buffer.from(port.tokenHash))) match = port;
    return match;
  }
}

function senderOf(socket: Socket): SendToChild {
  let waiting: Buffer[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (!socket.destroyed) socket.write(Buffer.concat(waiting));
    waiting = [];
  };
  return (frame, mayWait = false) => {
    waiting.push(encodeFrame(frame));
    if (mayWait) timer ??= setTimeout(flush, WAIT_MS);
    else flush();
  };
}

const connectionOf = new WeakMap<ChildPort, Socket>();

/** Makes the folder ours alone. @throws when somebody else's folder or link stands in its place. */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  const isOurs = stat.isDirectory() && stat.uid === userInfo().uid;
  if (!isOurs) throw new Error(`${folder} is not a folder of this user; remove it, or choose another --data-dir`);
  chmodSync(folder, 0o700);
}
