/** One child of the process launcher, just started or taken up again. */
import type { ChildProcess } from 'node:child_process';
import { type FSWatcher, readFileSync, rmSync, watch } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { ToChild } from '@signalbox/proto/messages';
import { Bell } from '../bell.ts';
import type { ChildGateway, ChildHello, ChildPort, SendToChild } from './child-gateway.ts';
import type { Child, ChildEvents, ChildExit, OutputOffsets } from './launcher.ts';
import { OutputFile, OutputTail, readTail } from './output-tail.ts';
import { identify, isAlive, type ProcessIdentity, processesOf, sessionOf } from './process-identity.ts';

export interface ChildRecord {
  readonly tokenHash: string;
  readonly keeper: ProcessIdentity | null;
  /** Of the process that runs user code, known from its first hello on. */
  pid: ProcessIdentity | null;
}

export interface ProcessChildOptions {
  readonly id: string;
  readonly folder: string;
  readonly record: ChildRecord;
  readonly keeperPid: number;
  /** Null for a child taken up again: it is not ours to wait for. */
  readonly keeper: ChildProcess | null;
  readonly gateway: ChildGateway;
  readonly writeRecord: (folder: string, record: ChildRecord) => void;
}

/** Files are watched; this is for file systems that do not tell, and for a taken-up keeper that was killed. */
const LOOK_EVERY_MS = 1_000;
const KILL_ROUNDS = 50;
const NEVER = new AbortController().signal;

export class ProcessChild implements Child, ChildPort {
  readonly id: string;
  readonly tokenHash: string;
  readonly gone: Promise<void>;
  readonly #options: ProcessChildOptions;
  #exit: ChildExit | null = null;
  #events: ChildEvents | null = null;
  #send: SendToChild | null = null;
  #lastHello: ChildHello | null = null;
  readonly #files: { readonly stdout: OutputFile; readonly stderr: OutputFile };
  #tails: { stdout: OutputTail; stderr: OutputTail } | null = null;
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isGone = false;
  /** Number of the last frame that came, and of the last of runs that this process has served: those are on disk. */
  #heardN = 0;
  #settledN = 0;
  readonly #unplugged = new Bell();

  constructor(options: ProcessChildOptions) {
    this.#options = options;
    this.id = options.id;
    this.tokenHash = options.record.tokenHash;
    this.#files = { stdout: new OutputFile(join(options.folder, 'stdout')), stderr: new OutputFile(join(options.folder, 'stderr')) };
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    const look = () => {
      void this.#drain();
      if (this.#readStatus() !== null || !this.#keeperLives()) resolve();
    };
    options.keeper?.once('exit', () => resolve());
    this.#timer = setInterval(look, LOOK_EVERY_MS);
    this.#watch(look);
    options.gateway.register(this);
    void promise.then(() => this.#conclude()).then((exit) => this.#tellExit(exit));
    setImmediate(look);
  }

  get pid(): number | null {
    return this.#options.record.pid?.pid ?? null;
  }

  get isConnected(): boolean {
    return this.#send !== null;
  }

  /** Who listened before has all that it was told on disk. */
  attach(events: ChildEvents, from: OutputOffsets | null): void {
    this.#events = events;
    this.#settledN = this.#heardN;
    void this.#tails?.stdout.close();
    void this.#tails?.stderr.close();
    this.#tails = from && {
      stdout: this.#tail('stdout', events, from),
      stderr: this.#tail('stderr', events, from),
    };
    // What a process wrote that served before was read to its end then: what it wrote since is told with the rest.
    if (from && (this.#files.stdout.endAt !== from.stdout || this.#files.stderr.endAt !== from.stderr)) void this.#drain();
    if (this.#lastHello && this.#send) events.connected(this.#lastHello.holding, this.#lastHello.paused);
    // Not by a promise: it would keep each run that the process has served until the process goes.
    const exit = this.#exit;
    if (exit) queueMicrotask(() => this.#events === events && events.exited(exit));
  }

  #tellExit(exit: ChildExit): void {
    this.#exit = exit;
    this.#events?.exited(exit);
  }

  #tail(stream: 'stdout' | 'stderr', events: ChildEvents, from: OutputOffsets): OutputTail {
    return new OutputTail(this.#files[stream], from[stream], (lines, to) => events.output(stream, lines, to));
  }

  send(frame: ToChild, mayWait = false): boolean {
    this.#send?.(frame, mayWait);
    return this.#send !== null;
  }

  connected(hello: ChildHello, send: SendToChild): void {
    this.#send = send;
    this.#lastHello = hello;
    if (this.pid !== hello.pid) {
      this.#options.record.pid = identify(hello.pid);
      if (!this.#isGone) this.#options.writeRecord(this.#options.folder, this.#options.record);
    }
    // It may have missed that its last run's end is on disk; until it knows, it takes no other.
    if (this.#settledN > 0) this.send({ type: 'ack', n: this.#settledN });
    this.#events?.connected(hello.holding, hello.paused);
  }

  frame(frame: Parameters<ChildEvents['frame']>[0]): void {
    if (!('n' in frame) || this.#isNew(frame.n)) this.#events?.frame(frame);
  }

  malformed(frame: unknown, problem: string): void {
    const n = (frame as { n?: unknown } | null)?.n;
    if (typeof n !== 'number' || this.#isNew(n)) this.#events?.malformed(frame, problem);
  }

  /** False: told again over another connection, of a run that was served before. It must not be taken for the next one's. */
  #isNew(n: number): boolean {
    if (n <= this.#settledN) return false;
    this.#heardN = Math.max(this.#heardN, n);
    return true;
  }

  disconnected(): void {
    this.#send = null;
    this.#unplugged.ring();
  }

  async settleOutput(): Promise<OutputOffsets> {
    const tails = this.#tails;
    this.#tails = null;
    if (!tails) return { stdout: 0, stderr: 0 };
    const [stdout, stderr] = await Promise.all([tails.stdout.finish(), tails.stderr.finish()]);
    return { stdout, stderr };
  }

  terminate(): void {
    this.#signalGroup('SIGTERM');
  }

  /** First the child alone, so that its keeper can still tell how it ended; then everything else. */
  async kill(run: string | null): Promise<void> {
    const { pid } = this.#options.record;
    if (pid && isAlive(pid)) {
      signalProcess(pid.pid, 'SIGKILL');
      await Promise.race([this.gone, new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))]);
    }
    this.#signalGroup('SIGKILL');
    for (let round = 0; round < KILL_ROUNDS; round++) {
      const left = processesOf(this.#session, run);
      if (left.length === 0) break;
      for (const process of left) signalProcess(process, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await this.gone;
  }

  /** Stops listening; the process goes on. Nothing is told after it resolved. */
  async release(): Promise<void> {
    this.#events = null;
    if (this.#timer) clearInterval(this.#timer);
    this.#watcher?.close();
    const tails = this.#tails;
    this.#tails = null;
    await Promise.all([tails?.stdout.close(), tails?.stderr.close()]);
    this.#closeFiles();
  }

  #closeFiles(): void {
    this.#files.stdout.close();
    this.#files.stderr.close();
  }

  async forget(): Promise<void> {
    rmSync(this.#options.folder, { recursive: true, force: true });
  }

  #killSession(): void {
    for (const pid of processesOf(this.#session, null)) signalProcess(pid, 'SIGKILL');
  }

  #signalGroup(signal: NodeJS.Signals): void {
    // A taken-up keeper that is gone may have left its pid to somebody else; while it is ours to wait for, it cannot.
    if (this.#options.keeper || this.#keeperLives()) signalProcess(-this.#options.keeperPid, signal);
  }

  /** Its keeper's session; null when that number may be somebody else's. */
  get #session(): number | null {
    const { keeper } = this.#options.record;
    return keeper && sessionOf(keeper);
  }

  #keeperLives(): boolean {
    const { keeper } = this.#options.record;
    return keeper !== null && isAlive(keeper);
  }

  /** All output first, then what is left in the group dies, then the exit is told. */
  async #conclude(): Promise<ChildExit> {
    this.#isGone = true;
    if (this.#timer) clearInterval(this.#timer);
    this.#watcher?.close();
    if (processExists(-this.#options.keeperPid)) this.#signalGroup('SIGKILL');
    // Its keeper was killed: what it kept is nobody's now, and must not go on beside a run that is told as over.
    if (this.#readStatus() === null) this.#killSession();
    // Its last frames may still lie in the socket, which closes behind them.
    if (this.#send) await this.#unplugged.wait(NEVER, LOOK_EVERY_MS);
    this.#options.gateway.unregister(this);
    await this.settleOutput();
    this.#closeFiles();
    const status = this.#readStatus();
    const stderrTail = await readTail(join(this.#options.folder, 'stderr'));
    if (status === null) return { code: null, signal: null, isWitnessed: false, stderrTail };
    if (status > 128) return { code: null, signal: signalName(status - 128) ?? `signal ${status - 128}`, isWitnessed: true, stderrTail };
    return { code: status, signal: null, isWitnessed: true, stderrTail };
  }

  async #drain(): Promise<void> {
    await Promise.all([this.#tails?.stdout.drain(), this.#tails?.stderr.drain()]);
  }

  #watch(look: () => void): void {
    try {
      this.#watcher = watch(this.#options.folder, look);
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      // No watches left on this machine: the timer looks.
    }
  }

  #readStatus(): number | null {
    try {
      const text = readFileSync(join(this.#options.folder, 'exit'), 'utf8');
      return text.endsWith('\n') ? Number(text) : null;
    } catch {
      return null;
    }
  }
}

function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
