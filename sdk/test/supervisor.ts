/** Starts the real child process against a real local socket, and lets a test wait for what it tells. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FromChild, ToChild } from '@signalbox/proto/messages';
import { CHILD_ENV, fromChildSchema } from '@signalbox/proto/messages';
import { encodeFrame, frameDecoder } from '../src/engine/frames.ts';

const CHILD = path.join(import.meta.dirname, '../src/engine/child.ts');
const TOKEN = 'token-of-a-test';

type Of<T extends FromChild['type']> = Extract<FromChild, { type: T }>;

export class Supervisor implements AsyncDisposable {
  /** Every frame of every connection, in order of arrival; each has passed the contract's schema. */
  readonly frames: FromChild[] = [];
  readonly child: ChildProcess;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly #folder: string;
  #server: Server;
  #socket: Socket | null = null;
  #waiters: (() => void)[] = [];
  #acknowledges = true;

  private constructor(folder: string, server: Server, child: ChildProcess) {
    this.#folder = folder;
    this.#server = server;
    this.child = child;
    this.exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  }

  static async start(extra: Record<string, string> = {}): Promise<Supervisor> {
    const folder = await mkdtemp(path.join(tmpdir(), 'sb-child-'));
    const socketPath = path.join(folder, 's');
    const server = createServer();
    await listen(server, socketPath);
    const env = { ...process.env, ...extra, [CHILD_ENV.socket]: socketPath, [CHILD_ENV.token]: TOKEN };
    const child = spawn(process.execPath, [CHILD], { env, stdio: ['ignore', 'inherit', 'inherit'] });
    const supervisor = new Supervisor(folder, server, child);
    server.on('connection', (socket) => supervisor.#accept(socket));
    return supervisor;
  }

  send(message: ToChild): void {
    this.#socket?.write(encodeFrame(message));
  }

  /** From here on nothing is acknowledged, as by a supervisor whose disk hangs. */
  stopAcknowledging(): void {
    this.#acknowledges = false;
  }

  /** Goes away and comes back at the same path, as after a crash. Nothing heard before counts. */
  async restart(): Promise<void> {
    const socketPath = path.join(this.#folder, 's');
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#socket?.destroy();
    await closed;
    this.frames.length = 0;
    this.#acknowledges = true;
    this.#server = createServer((socket) => this.#accept(socket));
    await listen(this.#server, socketPath);
  }

  /** The first frame of a type that fits. */
  async frame<T extends FromChild['type']>(type: T, fits: (frame: Of<T>) => boolean = () => true): Promise<Of<T>> {
    for (;;) {
      const found = this.frames.find((frame): frame is Of<T> => frame.type === type && fits(frame as Of<T>));
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Waits until a fact holds of the frames; false when the run ended first. */
  async until(fact: () => boolean): Promise<boolean> {
    for (;;) {
      if (fact()) return true;
      if (this.of('ended').length > 0) return false;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  of<T extends FromChild['type']>(type: T): Of<T>[] {
    return this.frames.filter((frame): frame is Of<T> => frame.type === type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
    this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #accept(socket: Socket): void {
    this.#socket = socket;
    const decode = frameDecoder((raw) => {
      const frame = fromChildSchema.parse(raw);
      this.frames.push(frame);
      if ('n' in frame && this.#acknowledges) this.send({ type: 'ack', n: frame.n });
      for (const wake of this.#waiters.splice(0)) wake();
    });
    socket.on('data', decode);
    socket.on('error', () => {});
  }
}

async function listen(server: Server, socketPath: string): Promise<void> {
  await rm(socketPath, { force: true });
  server.listen(socketPath);
  await once(server, 'listening');
}

/** A `start` for a run of a flow. */
export function startMessage(
  parameters: Record<string, unknown> = {},
  changed: Partial<Extract<ToChild, { type: 'start' }>['run']> = {},
): ToChild {
  return {
    type: 'start',
    parameters: { encoding: 'json', body: parameters },
    workspace: { id: 'ws_01h455vb4pex5vsknk084sn02q', slug: 'default' },
    run: {
      run: 'run_01h455vb4pex5vsknk084sn02q',
      epoch: 4_294_967_299,
      name: 'brisk-otter',
      attempt: 2,
      flow: { id: 'flow_01h455vb4pex5vsknk084sn02q', name: 'fixture' },
      deployment: { id: 'dep_01h455vb4pex5vsknk084sn02q', name: 'daily' },
      digest: 'sha256:0',
      launcher: 'process',
      isolation: 'fresh',
      tags: ['a'],
      dueAt: new Date(0).toISOString(),
      dueInMs: 0,
      timeoutMs: 5_000,
      graceMs: 30_000,
      startTimeoutMs: 60_000,
      retry: { retries: 0, delaysMs: [0] },
      granted: false,
      ...changed,
    },
  };
}

/** A `load` of one of the flows in fixture-flows.ts. */
export function loadMessage(exportName: string, entrypoint = 'fixture-flows.ts', root = '.'): ToChild {
  return { type: 'load', source: { kind: 'path', root: path.resolve(import.meta.dirname, root), entrypoint, exportName } };
}
