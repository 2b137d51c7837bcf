/**
 * A thread or process that runs isolated tasks, one at a time.
 *
 *   idle --take--> busy --give back--> idle --(10 s, or too many idle)--> gone
 *                  busy --kill, or its own end--> gone
 *
 * An idle one keeps no program alive.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { limiter } from '../limiter.ts';
import type { FromIsolated, ToIsolated } from './messages.ts';

export type IsolationKind = 'thread' | 'process';

/** Told what the host says, and once how it ended. */
export interface HostListener {
  readonly said: (message: FromIsolated) => void;
  /** `its thread ended with exit code 3`, or what escaped its code. */
  readonly gone: (why: Error) => void;
}

export interface Host {
  tell(message: ToIsolated): void;
  listen(listener: HostListener | null): void;
  /** Resolves when nothing of it runs any more, not even code that never comes back. */
  kill(): Promise<void>;
  giveBack(): void;
}

// The extension of this file: sources run as they are, a published package is JavaScript.
const PROGRAM = new URL(`./isolated${path.extname(fileURLToPath(import.meta.url))}`, import.meta.url);
const IDLE_MAX = 4;
const IDLE_MS = 10_000;
/** More at once would only share the same processors. */
const BUSY_MAX = Math.max(4, availableParallelism());

const idle: Record<IsolationKind, Host[]> = { thread: [], process: [] };
const turns = { thread: limiter(BUSY_MAX), process: limiter(BUSY_MAX) };
const processes = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of processes) child.kill('SIGKILL');
});

/** Waits its turn: a task that cannot begin yet is told as Pending, and its timeout does not run. */
export function inIsolationTurn(kind: IsolationKind): ReturnType<typeof limiter> {
  return turns[kind];
}

export function takeHost(kind: IsolationKind): Host {
  return idle[kind].pop() ?? (kind === 'thread' ? threadHost() : processHost());
}

function threadHost(): Host {
  const worker = new Worker(PROGRAM, { execArgv: inherited(process.execArgv), name: 'signalbox-task' });
  const host = makeHost('thread', {
    tell: (message) => worker.postMessage(message),
    kill: async () => void (await worker.terminate()),
    hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
  });
  worker.on('message', host.said);
  worker.once('error', host.gone);
  worker.once('exit', (code) => host.gone(new Error(`its thread ended with exit code ${code}`)));
  return host;
}

function processHost(): Host {
  const child = fork(PROGRAM, { execArgv: inherited(process.execArgv), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  processes.add(child);
  const host = makeHost('process', {
    // One that has just ended is heard of by its end.
    tell: (message) => void child.send(message, () => {}),
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    hold: (isHeld) => {
      if (isHeld) child.ref();
      else child.unref();
      if (isHeld) child.channel?.ref();
      else child.channel?.unref();
    },
  });
  child.on('message', (message) => host.said(message as FromIsolated));
  child.once('error', host.gone);
  child.once('exit', (code, signal) => {
    processes.delete(child);
    host.gone(new Error(`its process ended ${code === null ? `by ${signal}` : `with exit code ${code}`}`));
  });
  return host;
}

interface Vessel {
  readonly tell: (message: ToIsolated) => void;
  readonly kill: () => Promise<void>;
  readonly hold: (isHeld: boolean) => void;
}

function makeHost(kind: IsolationKind, vessel: Vessel): Host & HostListener {
  let listener: HostListener | null = null;
  let isGone = false;
  let idleTimer: NodeJS.Timeout | undefined;
  const leave = () => {
    idle[kind] = idle[kind].filter((other) => other !== host);
    clearTimeout(idleTimer);
  };
  const host: Host & HostListener = {
    tell: vessel.tell,
    kill: vessel.kill,
    listen: (next) => {
      clearTimeout(idleTimer);
      listener = next;
      if (next) vessel.hold(true);
    },
    giveBack: () => {
      listener = null;
      vessel.hold(false);
      if (isGone) return;
      if (idle[kind].length >= IDLE_MAX) {
        void vessel.kill();
        return;
      }
      idle[kind].push(host);
      idleTimer = setTimeout(() => {
        leave();
        void vessel.kill();
      }, IDLE_MS).unref();
    },
    said: (message) => listener?.said(message),
    gone: (why) => {
      isGone = true;
      leave();
      listener?.gone(why);
    },
  };
  return host;
}

/** Node's options of this process, without a program given as text and without a debugger's port. */
function inherited(options: readonly string[]): string[] {
  const at = options.findIndex((option) => /^(-e|-p|-pe|--eval|--print)$/.test(option));
  const kept = at === -1 ? options : [...options.slice(0, at), ...options.slice(at + 2)];
  return kept.filter((option) => !/^--(input-type|inspect|test|watch|cpu-prof|heap-prof)/.test(option));
}
