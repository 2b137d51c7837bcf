/** `npm start` as a person runs it, in a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, traversable } from '../dev/paths.ts';
import { freePort } from '../dev/ports.ts';
import { carrying, type ProcessIdentity } from '../dev/process-identity.ts';
import { STACK_VARIABLE, sendSignal } from '../dev/processes.ts';

export type Started = {
  readonly pid: number;
  /** All it has printed so far. */
  output(): string;
  /** Only what went to stdout. */
  stdout(): string;
  /** Exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  interrupt(): void;
  /** What closing a terminal does: nobody reads any more, then SIGHUP. */
  hangUp(): void;
};

export type Home = AsyncDisposable & {
  readonly data: string;
  readonly port: number;
  readonly url: string;
  start(args?: string[], env?: NodeJS.ProcessEnv): Started;
  /** Whatever the stack of this folder has running, flows included. */
  processes(): ProcessIdentity[];
  /** What the launcher has noted of its processes: `{ name, pid }`. */
  noted(): { name: string; pid: number }[];
};

export async function launcherHome(): Promise<Home> {
  const data = mkdtempSync(join(tmpdir(), 'signalbox-start-'));
  const stack = createHash('sha256').update(data).digest('hex').slice(0, 16);
  const port = await freePort();
  const running = new Set<ChildProcess>();
  const killAll = () => {
    for (const child of running) child.kill('SIGKILL');
    for (const { pid } of processes()) sendSignal(pid, 'SIGKILL');
  };
  // A test that times out never comes to its end; its processes must.
  process.once('exit', killAll);
  const processes = () => carrying(STACK_VARIABLE, (value) => value === stack);
  return {
    data,
    port,
    url: `http://127.0.0.1:${port}`,
    processes,
    noted: () => JSON.parse(readFileSync(join(data, 'processes.json'), 'utf8')) as { name: string; pid: number }[],
    start(args = [], env = {}) {
      const { DATABASE_URL: _, NATS_URL: __, ...outside } = process.env;
      // Straight to the launcher: the entry script only prepares, and a signal must reach this very process.
      const child = spawn(process.execPath, [join(ROOT, 'infra/dev/up.ts'), '--data-dir', data, ...args], {
        env: { ...outside, SIGNALBOX_PORT: String(port), ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running.add(child);
      let [output, stdout] = ['', ''];
      child.stdout.on('data', (text: Buffer) => {
        output += text;
        stdout += text;
      });
      child.stderr.on('data', (text: Buffer) => (output += text));
      const ended = new Promise<number | null>((settle) => child.once('close', (code) => settle(code)));
      const hangUp = () => {
        child.stdout.destroy();
        child.stderr.destroy();
        child.kill('SIGHUP');
      };
      return { pid: child.pid ?? 0, output: () => output, stdout: () => stdout, ended, interrupt: () => child.kill('SIGINT'), hangUp };
    },
    [Symbol.asyncDispose]: async () => {
      killAll();
      process.off('exit', killAll);
      rmSync(traversable(data), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
